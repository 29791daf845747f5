"""The questionnaires every branch begins with, as data."""

from __future__ import annotations

from clients.questionnaires import MULTI, SCALE, SINGLE, TEXT, Ask, Option

FIVE = tuple(
    Option(code, label, score)
    for code, label, score in (
        ("a", "非常满意", 5.0), ("b", "满意", 4.0), ("c", "一般", 3.0), ("d", "不满意", 2.0), ("e", "很不满意", 1.0),
    )
)  # fmt: skip
UNHAPPY = frozenset("de")


def _five(number: int, text: str, topic: str = "", *, is_overall: bool = False) -> Ask:
    return Ask(number, SINGLE, text, FIVE, topic=topic, is_overall=is_overall)


SATISFACTION = (
    _five(1, "总体来说，您对本营业部的服务满意吗？", is_overall=True),
    Ask(
        2, MULTI, "主要是哪些方面没有做好？",
        tuple(
            Option(code, label)
            for code, label in (
                ("a", "服务态度"), ("b", "业务不熟"), ("c", "办理太慢"), ("d", "告知不清"), ("e", "系统故障"),
                ("f", "费用"), ("g", "其他"),
            )
        ),
        asked_if=1, asked_codes=UNHAPPY,
    ),
    _five(3, "您对客户经理的服务态度满意吗？", "attitude"),
    _five(4, "您对客户经理的业务能力满意吗？", "skill"),
    _five(5, "您对业务办理的速度满意吗？", "speed"),
    _five(6, "您收到的通知和资讯对您有帮助吗？", "information"),
    Ask(7, SCALE, "您愿意把我们推荐给亲友吗？（1 不愿意，10 非常愿意）", scale_max=10, required=False),
    Ask(8, TEXT, "您还希望我们提供什么服务？", required=False),
)  # fmt: skip
NEEDS = (
    Ask(
        1, MULTI, "您希望获得哪些服务？",
        tuple(
            Option(code, label)
            for code, label in (
                ("a", "市场资讯"), ("b", "账户分析"), ("c", "投资者教育"), ("d", "业务办理指导"), ("e", "专人上门"),
            )
        ),
    ),
    Ask(
        2, SINGLE, "您希望多久联系一次？",
        (Option("a", "每周"), Option("b", "每月"), Option("c", "每季度"), Option("d", "有事再联系")),
    ),
    Ask(3, TEXT, "您有什么特别的需要？", required=False),
)  # fmt: skip

HOUSE = (
    (
        "satisfaction",
        {
            "title": "客户满意度调查",
            "purpose": "satisfaction",
            "opening": "您好，我们是证券营业部的客户服务人员。想用两分钟听听您对我们服务的评价，"
            "您的回答只用于改进服务，为您服务的客户经理看不到。您愿意现在回答几个问题吗？",
            "thanks": "谢谢您的评价，我们会认真改进。如需帮助，请随时联系营业部客服。",
        },
        SATISFACTION,
    ),
    (
        "needs",
        {
            "title": "客户服务需求调查",
            "purpose": "needs",
            "opening": "您好，为了更好地为您服务，想了解您的服务需求，大约需要一分钟。您愿意回答吗？",
            "thanks": "谢谢您的意见。",
        },
        NEEDS,
    ),
)
