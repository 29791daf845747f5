"""Within which bounds a branch may set the parameters of a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_FEEDBACK = 4  # choices a client's answer is sorted into (nightly.md §6)
LABELS = {
    "within_days": "天数内", "opened_within_days": "开户天数内", "after_days": "满天数", "until_days": "至天数",
    "min_yuan": "最低金额（元）", "min_share": "最低占比", "deviation_share": "偏离幅度", "lines": "担保比例线（%）",
    "ahead_days": "提前天数", "stages": "提醒节点", "quiet_days": "静止交易日数", "times": "倍数或次数",
    "active_days": "60 日内至少交易天数", "line_yuan": "资产线（元）", "from_age": "起始年龄",
}  # fmt: skip


def fault_of_param(known: Mapping[str, Any], name: str, value: Any) -> str:
    """Return what is wrong with a parameter in words, "" if nothing is.

    It must be one of the rule's, of the same shape; shares lie above 0 and up to 1, everything but
    stages above 0; lists hold one to eight different whole numbers.
    """
    if name not in known:
        return f"没有参数「{name}」"
    label = LABELS.get(name, name)
    if isinstance(known[name], list):
        is_good = isinstance(value, list) and 1 <= len(value) <= 8 and len(set(value)) == len(value)
        return "" if is_good and all(_is_whole(one) for one in value) else f"{label}须为一至八个不同的整数"
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return f"{label}须为正数"
    if name.endswith("_share") and value > 1:
        return f"{label}须在 0 与 1 之间"
    if isinstance(known[name], int) and name.endswith(("_days", "_age")) and not _is_whole(value):
        return f"{label}须为整数"
    return ""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
