"""Which service policy holds for a client, and what its contacts are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TALK, MESSAGE = "talk", "message"
TALKED = ("reached", "complaint_raised")  # results that count as a talk by default
DELIVERED = ("sms_delivered", "reached")  # … as a message


@dataclass(frozen=True)
class Terms:
    """One row of the policy: whom it speaks of ("" = everybody) and what is owed to them."""

    grade: str
    way: str
    channel: str
    rhythm_days: int
    minutes: float
    content: str
    tier: str = ""
    value_type: str = ""
    fallback: str = ""
    core_minutes: float | None = None
    focus: str = ""
    qualifying: tuple[str, ...] = TALKED
    is_active: bool = True

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a branch's own row must agree in to take the place of the house's."""
        return self.grade, self.tier, self.value_type, self.way


def narrowest(rows: Iterable[Terms], grade: str, tier: str, value_type: str, way: str) -> Terms | None:
    """Return the row that holds for such a client: tier before value type before neither; None if nothing is owed."""
    fitting = [
        row
        for row in rows
        if (row.grade, row.way) == (grade, way) and row.tier in ("", tier) and row.value_type in ("", value_type)
    ]
    best = max(fitting, key=lambda row: (row.tier != "", row.value_type != ""), default=None)
    return best if best is not None and best.is_active else None


def overlaid(house: Iterable[Terms], own: Iterable[Terms]) -> list[Terms]:
    """Return the house's rows with those of the branch in their place or beside them."""
    return list({row.key: row for row in [*house, *own]}.values())


RHYTHMS = ((1, "每日"), (7, "周"), (14, "双周"), (31, "月度"), (92, "季度"), (184, "半年"), (366, "年度"))


def title(rhythm_days: int, channel_label: str, way: str, focus: str) -> str:
    """Return what a contact of the plan is called: "周联系·交易与个股资讯", "月度短信"."""
    rhythm = next((name for days, name in RHYTHMS if rhythm_days <= days), "定期")
    what = "联系" if way == TALK else channel_label
    return f"{rhythm}{what}·{focus}" if focus else f"{rhythm}{what}"


# Seed 000: VIP and active clients are called weekly, ordinary and potential ones get a message a month;
# domain.md §5 adds a call every half year at silver. VAL-08: what is talked about follows the value type.
HOUSE: tuple[Terms, ...] = (
    Terms("vip", TALK, "phone", 7, 8, "deep", core_minutes=15),
    Terms("vip", TALK, "phone", 7, 8, "deep", core_minutes=15, value_type="commission", focus="交易与个股资讯"),
    Terms("vip", TALK, "phone", 7, 8, "deep", core_minutes=15, value_type="product", focus="产品持有与到期"),
    Terms("vip", TALK, "phone", 7, 10, "deep", core_minutes=15, value_type="asset", focus="资产配置回顾"),
    Terms("active", TALK, "phone", 7, 6, "standard"),
    Terms("active", TALK, "phone", 7, 6, "standard", value_type="commission", focus="交易与费率说明"),
    Terms("active", TALK, "phone", 7, 6, "standard", value_type="product", focus="产品持有与到期"),
    Terms("active", TALK, "phone", 7, 6, "standard", value_type="asset", focus="资产配置回顾"),
    Terms("ordinary", MESSAGE, "sms", 30, 15, "basic", fallback="email", focus="市场资讯", qualifying=DELIVERED),
    Terms("ordinary", TALK, "phone", 182, 6, "standard", tier="silver", focus="账户回顾"),
    Terms("potential", MESSAGE, "sms", 30, 15, "basic", fallback="email", focus="投教与市场概况", qualifying=DELIVERED),
)
