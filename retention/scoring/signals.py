"""The signs that a client may leave (nightly.md §7), as data: code, label, points, and the fact each waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

FEN_PER_WAN = 1_000_000
EPOCH = date(1970, 1, 1)

Words = Callable[[int, int], str]


@dataclass(frozen=True)
class Sign:
    """One sign. `words` tells the fact from its two figures; `fades` ones happened once, the others hold or do not.

    `waits` names the facts not held yet: such a sign stands in the point set and is never found.
    `caveat` says what its fact cannot tell.
    """

    number: int
    code: str
    label: str
    points: int
    trigger: str
    words: Words
    fades: bool = False
    waits: str = ""
    caveat: str = ""


def wan(fen: int) -> str:
    """Return an amount in 万元 as people read it."""
    return f"{fen / FEN_PER_WAN:,.1f} 万元"


def day_text(days: int) -> str:
    """Return days since 1970-01-01 as a date."""
    return (EPOCH + timedelta(days=days)).isoformat()


LEAVING_WORDS = {
    1: "申请销户", 2: "申请撤指定", 3: "申请转托管", 4: "申请转户", 5: "已撤指定", 6: "已转托管", 7: "已转出证券",
    8: "迁居", 9: "家庭原因", 10: "继承",
}  # fmt: skip
PAPERS = {1: "风险测评", 2: "证件"}


def _leaving(kind: int, _: int) -> str:
    return LEAVING_WORDS.get(kind, "申请离开")


def _rate(per_million: int) -> str:
    return f"万分之 {per_million / 100:.2f}"


# fmt: off
SIGNS: tuple[Sign, ...] = (
    Sign(1, "leaving", "销户或转户申请", 60, "登记销户、撤指定、转托管或转户申请", _leaving, fades=True,
         caveat="访问销户页面的记录尚未接入，只看申请"),
    Sign(2, "moved_out", "转托管或撤指定已办", 50, "转托管、撤指定或证券转出已办", _leaving, fades=True),
    Sign(3, "outflow", "资金大额转出", 25, "5 个交易日内转出 ≥ 资产 30%，用途已知的除外",
         lambda fen, share: f"5 日内转出 {wan(fen)}，占资产 {share / 10:.0f}%", fades=True),
    Sign(4, "assets_fell", "资产骤降", 20, "资产较 60 日均值下降 ≥ 50%",
         lambda now, usual: f"资产 {wan(now)}，60 日均值 {wan(usual)}",
         caveat="行情尚未接入，未剔除市场整体下跌"),
    Sign(5, "not_reached", "久未联系上", 12, "两个服务周期内没有联系上",
         lambda days, rhythm: f"已 {days} 天未联系上，应每 {rhythm} 天一次"),
    Sign(6, "trading_fell", "交易骤减", 12, "近 20 日交易天数较本人 6 个月均值下降 ≥ 70%",
         lambda recent, half_year: f"近 20 日交易 {recent} 天，半年平均 {half_year / 6:.1f} 天"),
    Sign(7, "cash_to_bank", "转出资金未回", 8, "资金转往银行满 20 个交易日，其间没有转回",
         lambda fen, out_on: f"{day_text(out_on)} 转出 {wan(fen)}，20 日未回", fades=True),
    Sign(8, "complaint", "投诉未结", 15, "60 个交易日内有未结投诉", lambda a, b: "有投诉尚未办结"),
    Sign(9, "complaint_upheld", "投诉成立", 20, "60 个交易日内有成立的投诉（取代未结的 15 分）",
         lambda a, b: "投诉经查成立"),
    Sign(10, "low_satisfaction", "满意度低", 15, "60 个交易日内满意度 ≤ 2 分", lambda a, b: "满意度不高于 2 分"),
    Sign(11, "commission_asked", "嫌佣金高", 10, "佣金率高于同等级 75% 分位，且 60 个交易日内问过佣金",
         lambda own, limit: f"佣金率{_rate(own)}，同等级 75% 分位{_rate(limit)}，近期问过佣金"),
    Sign(12, "manager_changed", "更换客户经理", 8, "60 个交易日内更换过客户经理", lambda a, b: "更换了客户经理"),
    Sign(13, "other_broker", "在别家有账户", 8, "得知客户在其他券商开户（一人可开三户）",
         lambda count, _: f"已知在其他券商有 {count} 个账户", caveat="只从客户同意登记的得知"),
    Sign(14, "product_matured", "产品到期未续", 8, "产品到期满 15 天没有再申购",
         lambda fen, on: f"{wan(fen)} 于 {day_text(on)} 到期，未再申购"),
    Sign(15, "loss", "亏损较大", 6, "60 日亏损 > 20%", lambda a, b: "", waits="每日盈亏"),
    Sign(16, "papers_expired", "测评或证件过期", 5, "风险测评或证件过期逾 30 天",
         lambda which, on: f"{PAPERS.get(which, '资料')} {day_text(on)} 到期未更新"),
    Sign(17, "unsubscribed", "拒绝一切联系", 6, "所有渠道均已拒绝", lambda count, _: f"{count} 个渠道全部拒绝"),
    Sign(18, "software", "软件问题", 5, "30 天内反映软件问题 ≥ 2 次",
         lambda count, _: f"30 天内反映软件问题 {count} 次"),
    Sign(19, "unreachable", "联系方式失效", 4, "60 个交易日内号码有误或短信失败 ≥ 2 次，其后未联系上",
         lambda count, _: f"{count} 次未送达或号码有误"),
    Sign(20, "no_login", "久未登录", 4, "90 天未登录", lambda a, b: "", waits="登录记录"),
    Sign(21, "family", "迁居、丧亲或家事", 4, "因迁居、家事或继承提出申请（仅作关怀）", _leaving,
         caveat="只从申请原因得知，未从谈话中判断"),
)
# fmt: on

BY_CODE = {sign.code: sign for sign in SIGNS}
BY_NUMBER = {sign.number: sign for sign in SIGNS}
LABELS = {sign.code: sign.label for sign in SIGNS}
HOUSE_POINTS = {sign.code: sign.points for sign in SIGNS}
HALF_LIFE_DAYS = 20  # trading days
BAND_LIMITS = (30, 50, 70)  # where watch, warn and alarm begin
BAND_FACTORS = (0.1, 0.25, 0.5, 0.8)  # share of the 12-month contribution at risk, by band
