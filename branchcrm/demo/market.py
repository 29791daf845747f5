"""The market everybody shares: an index, the mood of trading, securities with prices, products on offer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchcrm.demo.scale import Days, Floats, Ints, Scale, Texts, Timeline

FIRSTS = ("云舟", "恒泽", "青禾", "远山", "明澜", "瑞景", "东篱", "星河", "安岳", "华砚", "鼎川", "和煦")
SECONDS = ("科技", "电力", "医药", "材料", "食品")
BOARDS = (605_801, 1_801, 301_801)  # first numbers of ranges that were never given out
LONG_HOLIDAY = np.timedelta64(4, "D")  # days to the next session: trading dries up before it


@dataclass(frozen=True)
class Market:
    """What moves everybody. Securities × days where two-dimensional; prices are fen, days are sessions."""

    returns: Floats
    mood: Floats  # 1: as much trading as usual
    codes: Texts
    names: Texts
    prices: Ints

    @classmethod
    def of(cls, scale: Scale, timeline: Timeline) -> Market:
        """Make the market of a scale; every branch sees the same one."""
        random = scale.random("market")
        days = len(timeline)
        returns = 0.0003 + 0.0105 * random.standard_t(5, days) / np.sqrt(5 / 3)
        names = np.array([first + second for first in FIRSTS for second in SECONDS], object)
        boards = np.arange(len(names)) % len(BOARDS)
        codes = [f"{BOARDS[board] + 3 * place:06d}" for place, board in enumerate(boards.tolist())]
        beta = random.uniform(0.5, 1.5, (len(names), 1))
        steps = beta * returns + random.normal(0, 0.016, (len(names), days))
        start = np.exp(random.normal(np.log(1_800), 0.8, (len(names), 1)))
        prices = np.maximum(np.rint(start * np.exp(np.cumsum(steps, axis=1))), 120).astype(np.int64)
        return cls(returns, _mood(random, returns, timeline.sessions), np.array(codes, object), names, prices)


def _mood(random: np.random.Generator, returns: Floats, sessions: Days) -> Floats:
    """Return how much is traded: in waves, more in spring and on stormy days, little before long holidays."""
    wave, level = np.empty(len(sessions)), 0.0
    for day, shock in enumerate(random.normal(0, 0.09, len(sessions))):
        level = 0.93 * level + shock
        wave[day] = level
    month = sessions.astype("datetime64[M]").astype(np.int64) % 12
    season = 0.12 * np.cos(2 * np.pi * (month - 3) / 12)
    before = np.append(sessions[1:] - sessions[:-1] >= LONG_HOLIDAY, False)
    mood = np.exp(wave + season + 9.0 * np.abs(returns)) * np.where(before, 0.65, 1.0)
    return np.asarray(mood / mood.mean())


@dataclass(frozen=True)
class Product:
    """What the branch sells: `days` to maturity, 0 for open-ended."""

    code: str
    name: str
    kind: str
    days: int
    least_yuan: int


PRODUCTS = (
    Product("P26001", "稳盈月月享固收理财", "wealth", 91, 10_000),
    Product("P26002", "稳盈半年定开理财", "wealth", 182, 10_000),
    Product("P26003", "安心一年封闭式理财", "wealth", 364, 50_000),
    Product("P26004", "收益凭证·远山 90 天", "wealth", 90, 50_000),
    Product("F26101", "青禾均衡成长混合A", "fund", 0, 1_000),
    Product("F26102", "云舟红利低波指数A", "fund", 0, 1_000),
    Product("F26103", "星河科技创新股票A", "fund", 0, 1_000),
    Product("F26104", "和煦稳健养老FOF", "fund", 0, 1_000),
    Product("F26105", "明澜短债债券A", "fund", 0, 1_000),
    Product("B26201", "储蓄国债（电子式）三年", "bond", 1_095, 1_000),
    Product("B26202", "滨江城投 2026 年第二期", "bond", 730, 10_000),
    Product("A26301", "远山量化对冲集合计划", "asset_plan", 0, 300_000),
)
