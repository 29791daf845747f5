"""Words that may stand in nothing written to or about a client, and how they are found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Source: regulation.md §2.1 and the practice in §2.3; compliance may extend the list.
FORBIDDEN = (
    "保本", "稳赚", "承诺收益", "保证收益", "内幕", "必涨", "包赚", "零风险", "无风险收益", "稳赚不赔", "分担损失",
    "免5", "低佣", "返佣", "礼包",
)  # fmt: skip
# What no script may teach besides: a lie told kindly (DNI-02), or holding up who wants to go (DNI-07).
SCRIPT_FORBIDDEN = (
    *FORBIDDEN, "善意谎言", "善意的谎言", "谎称", "编个理由", "编个借口", "找个借口", "先骗", "糊弄", "隐瞒",
    "拖延办理", "拖住客户", "推荐买入", "建议买入", "建议卖出", "保证回本", "全权委托给我", "代您操作",
)  # fmt: skip
DENIALS = ("不得", "不能", "不会", "不可", "禁止", "严禁", "拒绝", "没有", "并非", "未", "不", "非", "无")
REACH = 4  # characters between a denial and the word it denies: 不得向客户承诺收益
BREAKS = "。；！？\n"
NOISE = re.compile(r"[\s·\-_*.,，、~|]+")


def forbidden_words(text: str, words: Iterable[str] = FORBIDDEN) -> list[str]:
    """Return the forbidden words that `text` uses, in the order of the list; a denied one (不得承诺收益) is no use.

    Full-width letters and characters put between the signs of a word do not hide it. Of words that
    lie in one another the longest is told.
    """
    plain = NOISE.sub("", unicodedata.normalize("NFKC", text))
    found = [word for word in words if any(_is_used(plain, at.start()) for at in re.finditer(re.escape(word), plain))]
    return [word for word in found if not any(word != other and word in other for other in found)]


def _is_used(plain: str, at: int) -> bool:
    longest = max(map(len, DENIALS))
    before = re.split(f"[{BREAKS}]", plain[max(0, at - REACH - longest) : at])[-1]
    return not any(denial in before for denial in DENIALS)
