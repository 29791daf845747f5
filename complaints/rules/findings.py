"""Findings as arithmetic: what is common and what is one client's need, what is proposed, which step follows."""

from __future__ import annotations

from collections.abc import Mapping

COMMON, INDIVIDUAL = "common", "individual"
COMMON_CLIENTS = 3  # clients who say the same, from which on it may be common …
COMMON_SHARE = 0.05  # … if they are at least this share of those who answered
ATTITUDE = "attitude"
# What a complaint is about, by its cause, else by its category; the words are those of the topics of surveys.
TOPIC_OF_CAUSE = {
    "system": "channel", "process": "speed", "skill": "skill", "attitude": ATTITUDE, "information": "information",
    "conduct": "conduct", "secrecy": "secrecy", "third_party": "other", "misunderstanding": "information",
}  # fmt: skip
TOPIC_OF_CATEGORY = {
    "system_fault": "channel", "business_error": "skill", "data_leak": "secrecy", "cancel_not_done": "speed",
    "staff_attitude": ATTITUDE, "other": "other",
}  # fmt: skip
UNFOUNDED = "unfounded"

OPEN, PLANNED, DONE, REMEASURED, DROPPED = "open", "planned", "done", "remeasured", "dropped"
# Which state each act needs, and which it leads to.
MOVES = {
    "plan": (frozenset({OPEN, PLANNED}), PLANNED),
    "finish": (frozenset({PLANNED}), DONE),
    "remeasure": (frozenset({DONE, REMEASURED}), REMEASURED),
    "reopen": (frozenset({DONE, REMEASURED}), OPEN),
    "drop": (frozenset({OPEN, PLANNED}), DROPPED),
}


def kind_of(clients: int, answered: int) -> str:
    """Return whether what `clients` of `answered` people say is common (共性) or individual (个性).

    Of those who were not asked (`answered` 0) the number of clients alone decides.
    """
    enough = clients >= COMMON_CLIENTS and (not answered or clients / answered >= COMMON_SHARE)
    return COMMON if enough else INDIVIDUAL


def topic_of_complaint(cause: str, category: str) -> str:
    """Return the topic a complaint belongs to; "" if it was found to be groundless."""
    if cause == UNFOUNDED:
        return ""
    return TOPIC_OF_CAUSE.get(cause) or TOPIC_OF_CATEGORY.get(category, "other")


PROPOSALS: Mapping[str, tuple[str, str]] = {
    ATTITUDE: ("training", "组织服务礼仪与沟通培训，培训后抽查通话并复测"),
    "skill": ("training", "组织业务知识培训并考核，考核合格后复测"),
    "speed": ("process", "梳理办理流程，公布时限并每周检查超时件"),
    "information": ("process", "修订告知清单与话术，办理时逐项说明"),
    "channel": ("system", "收集故障现象提交技术支持，修复后告知相关客户"),
    "conduct": ("training", "合规培训并抽查留痕，违规另行处理"),
    "secrecy": ("process", "检查资料保管与系统权限，整改后复查"),
    "fees": ("information", "向客户书面说明费用构成与标准"),
}
PERSONAL = ("personal", "指定专人上门或电话了解需求，制定个性化服务安排")
OTHER = ("process", "查明原因，确定改进做法")


def proposal(topic: str, kind: str) -> tuple[str, str]:
    """Return (kind of measure, words) that are proposed: attitude leads to training, one client's need to his service.

    Source: FBK-03, QUA-06.
    """
    if topic != ATTITUDE and kind == INDIVIDUAL:
        return PERSONAL
    return PROPOSALS.get(topic, OTHER)


def next_state(act: str, state: str) -> str | None:
    """Return the state `act` leads to from `state`, None if it is not its turn."""
    needed, target = MOVES[act]
    return target if state in needed else None
