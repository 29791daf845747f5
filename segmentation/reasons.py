"""Why a client has his tier, type, grade and place in the core group, in sentences for people.

Pure: figures in, words out. Amounts come in yuan as float (they are means), and are written in 万元 or 元.
"""

from __future__ import annotations

from dataclasses import dataclass

from office.formats import number
from segmentation.scoring.measures import ASSET_DAYS, NEW_BELOW
from segmentation.scoring.tiers import (
    ACTIVE_DAYS,
    ACTIVE_TURNS,
    ASSETS_UP,
    COMMISSION_UP,
    DIAMOND,
    DROP_MONTHS,
    FIRST,
    GENERAL,
    GOLD,
    HOLD_DAYS,
    MONTHS_DOWN,
    OVERRIDE,
)
from segmentation.scoring.value_types import LEAD, RUNS, UNCLASSIFIED

TIERS = ("普通", "银卡", "金卡", "白金", "钻石")
COMPONENTS = ("佣金", "购买力", "资产")
TYPES = ("佣金贡献型", "产品购买型", "资产维持型", "待激活")
YUAN_PER_WAN = 10_000


@dataclass(frozen=True)
class Step:
    """What lifts a client to one tier: either of the two, in yuan."""

    tier_no: int
    assets: float
    commission: float


@dataclass(frozen=True)
class TierFacts:
    """What one run knew of a client's way up and down the ladder; `steps` are silver to diamond."""

    tier_no: int
    computed_no: int
    previous_no: int  # −1 at a first run
    cause: int
    assets: float  # 20-day mean
    commission: float  # 12 months, true
    days_near: int  # of 20, at 90 % of the next tier's assets threshold
    months_below: int
    is_new: bool
    is_stale: bool
    steps: tuple[Step, ...]

    def step(self, tier_no: int) -> Step | None:
        """Return what a tier asks, None for 普通 or a missing rule."""
        return next((step for step in self.steps if step.tier_no == tier_no), None)


def wan(yuan: float) -> str:
    """Write an amount in 万元 with two decimals."""
    return f"{number(yuan / YUAN_PER_WAN, 2)} 万元"


def yuan(amount: float) -> str:
    """Write an amount in whole 元."""
    return f"{number(amount)} 元"


def tier_reason(facts: TierFacts) -> str:
    """Return why the client has this tier."""
    name = TIERS[facts.tier_no]
    opening = {
        FIRST: f"首次评定为{name}",
        ASSETS_UP: f"资产达标，由{TIERS[facts.previous_no]}升为{name}",
        COMMISSION_UP: f"月末佣金达标，由{TIERS[facts.previous_no]}升为{name}",
        MONTHS_DOWN: f"连续 {DROP_MONTHS} 个月末低于标准的 90%，由{TIERS[facts.previous_no]}下调一级为{name}",
        OVERRIDE: f"人工定级为{name}",
    }.get(facts.cause, f"维持{name}")
    return f"{opening}：{_by_what(facts)}"


def _by_what(facts: TierFacts) -> str:
    have = f"20 日均资产 {wan(facts.assets)}，12 个月净佣金 {yuan(facts.commission)}"
    step = facts.step(facts.tier_no)
    if step is None:
        return f"{have}，未达到银卡的任一门槛" if facts.computed_no == GENERAL else have
    asked = f"{TIERS[facts.tier_no]}门槛为资产 {wan(step.assets)} 或佣金 {yuan(step.commission)}"
    return f"{have}；{asked}"


def waiting(facts: TierFacts) -> str:
    """Return what holds the tier where today's figures alone would give another one, "" if nothing does."""
    computed = TIERS[facts.computed_no]
    if facts.cause == OVERRIDE and facts.computed_no != facts.tier_no:
        return f"按今日数字应为{computed}，人工定级期间不变"
    if facts.computed_no > facts.tier_no:
        return f"今日数字已达到{computed}，升级须{_slow_rise(facts)}"
    if facts.computed_no < facts.tier_no:
        return (
            f"今日数字只到{computed}；连续 {DROP_MONTHS} 个月末低于门槛的 90% 才下调一级，已有 {facts.months_below} 个"
        )
    return ""


def _slow_rise(facts: TierFacts) -> str:
    if facts.is_new and facts.tier_no >= GOLD:
        return f"满 {NEW_BELOW} 个交易日，新客户不自动升到金卡以上"
    if facts.is_stale:
        return f"有 {ASSET_DAYS} 日以上的资产数据"
    return f" 20 日中 {HOLD_DAYS} 日达到门槛的 90%（现 {facts.days_near} 日），或月末佣金达标"


def next_tier(facts: TierFacts) -> str:
    """Return what is missing for the next tier, "" at the top."""
    if facts.tier_no >= DIAMOND:
        return ""
    step = facts.step(facts.tier_no + 1)
    if step is None:
        return ""
    name = TIERS[step.tier_no]
    assets, commission = step.assets - facts.assets, step.commission - facts.commission
    if assets <= 0 or commission <= 0:
        return f"升为{name}：数字已达标，{_slow_rise(facts).strip()}"
    return f"升为{name}还差：20 日均资产 {wan(assets)}，或 12 个月净佣金 {yuan(commission)}"


def type_reason(type_no: int, p: tuple[float, float, float], margin: float) -> str:
    """Return why the client is of this type; `p` are the places among peers with positive figures, 0 to 100."""
    if type_no == UNCLASSIFIED:
        return "三项都没有进入同行的前 95%，待激活"
    own = f"{COMPONENTS[type_no]}在有此项的客户中位于第 {number(p[type_no], 1)} 百分位"
    rivals = sorted((points, place) for place, points in enumerate(p) if place != type_no)
    points, place = rivals[-1]
    other = f"{COMPONENTS[place]}第 {number(points, 1)} 百分位"
    if margin >= 0:
        return f"{own}，领先{other} {number(margin, 1)} 点"
    return f"{own}，现落后{other} {number(-margin, 1)} 点，未满足改型条件，保留"


def type_waiting(rival_no: int, runs: int) -> str:
    """Return which type is about to take over, "" if none is."""
    if rival_no < 0:
        return ""
    return f"{TYPES[rival_no]}已连续 {runs} 次领先 {number(LEAD)} 点以上，满 {RUNS} 次后改型"


def grade_reason(grade: str, tier_no: int, trade_days_20: int) -> str:
    """Return why the client has this grade (code)."""
    if grade == "vip":
        return f"等级为{TIERS[tier_no]}，金卡及以上即为 VIP"
    if grade == "active":
        if trade_days_20 >= ACTIVE_DAYS:
            return f"近 20 日有 {trade_days_20} 日交易，满 {ACTIVE_DAYS} 日即为活跃"
        return f"半年换手达到 {number(ACTIVE_TURNS)} 倍"
    if grade == "ordinary":
        return "等级在金卡以下，交易不频繁"
    return "12 个月内没有交易和产品申购"


def core_reason(is_core: bool, in_base: bool, cumulative: float, share: float, exit_share: float) -> str:
    """Return the client's place in the core group; shares from 0 to 1."""
    at = f"按贡献从高到低累计到该客户为 {number(cumulative * 100, 1)}%"
    if in_base:
        return f"{at}，在贡献前 {number(share * 100)}% 的名单内"
    if is_core:
        return f"{at}，超出 {number(share * 100)}%；未连续三个月末超出 {number(exit_share * 100)}%，保留"
    return f"{at}，不在前 {number(share * 100)}% 的名单内"


def formula(normaliser: str, raw: float, s: float | None, cap: float | None) -> str:
    """Return the normalising of one component with its figures filled in, to be checked by hand."""
    if normaliser == "percentile":
        return "同行中的百分位" if raw > 0 else "没有数值，0 分"
    if not s or not cap:
        return "本月没有客户有此项，0 分"
    counted = min(raw, cap)
    if normaliser == "minmax":
        return f"100 × {number(counted, 2)} ÷ {number(cap, 2)}"
    return f"100 × ln(1 + {number(counted, 2)} ÷ {number(s, 2)}) ÷ ln(1 + {number(cap, 2)} ÷ {number(s, 2)})"
