"""How clients trade: turnover class, markets and products (VAL-11), and how they buy products (SEG-15)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Sum, Value, When

from clients.models import Client, ClientStanding, ClientWindow, ProductPurchase, Trade, ValueType
from office.models import Branch
from segmentation.queries.grid import scored

# Turnover of six months (120 trading days) over mean assets. Source: domain.md §3, style by turnover
STYLES = {"hft": "高频", "short": "短线", "mid": "中线", "long": "长线", "idle": "无交易", "unknown": "资产不明"}
STYLE_HINTS = {
    "hft": "半年换手 ≥ 40 倍",
    "short": "12–40 倍",
    "mid": "3–12 倍",
    "long": "3 倍以下",
    "idle": "半年内没有成交",
    "unknown": "有成交，没有资产记录",
}
FROM_TURNOVER = {"hft": 40, "short": 12, "mid": 3}
WINDOW = 120  # trading days
OPENING = "opening_holding"  # bought before the records begin: no purchase (nightly.md §3.6)
YEAR = timedelta(days=365)

Rows = QuerySet[ClientStanding]


@dataclass(frozen=True)
class StyleRow:
    """Clients of one turnover class by value type."""

    style: str
    by_type: list[tuple[str, int]]
    clients: int
    assets_fen: int
    contribution_fen: int


def in_style(style: str, window: str = "client__window__") -> Q:
    """Return the condition of one turnover class; `window` leads to the fields of the client's window."""
    turnover, assets, days = (
        f"{window}{name}" for name in ("turnover_120_fen", "assets_sum_120_fen", "assets_days_120")
    )
    has_assets, trades = Q(**{f"{assets}__gt": 0}), Q(**{f"{turnover}__gt": 0})

    def at_least(name: str) -> Q:
        return Q(**{f"{turnover}__gte": F(assets) * FROM_TURNOVER[name] / F(days)})

    return {
        "hft": has_assets & trades & at_least("hft"),
        "short": has_assets & trades & at_least("short") & ~at_least("hft"),
        "mid": has_assets & trades & at_least("mid") & ~at_least("short"),
        "long": has_assets & trades & ~at_least("mid"),
        "idle": ~trades,
        "unknown": trades & ~has_assets,
    }[style]


def of_style(rows: Rows, branch: Branch, style: str) -> Rows:
    """Keep the clients of one turnover class; who has no window yet has not traded."""
    windows = ClientWindow.objects.filter(branch=branch)
    if style == "idle":
        return rows.exclude(pk__in=windows.exclude(in_style("idle", "")).values("pk"))
    return rows.filter(pk__in=windows.filter(in_style(style, "")).values("pk"))


def styles(rows: Rows) -> list[StyleRow]:
    """Return the clients of `rows` by turnover class, in the order of `STYLES`."""
    cases = Case(
        *[When(in_style(name), then=Value(name)) for name in STYLES], default=Value("idle"), output_field=CharField()
    )
    found = scored(rows).annotate(style=cases).values("style", "value_type")
    sums = found.annotate(clients=Count("pk"), assets=Sum("assets_fen"), contribution=Sum("contribution_fen"))
    groups: list[dict[str, Any]] = [dict(group) for group in sums.order_by()]
    return [_style_row(name, [group for group in groups if group["style"] == name]) for name in STYLES]


def _style_row(style: str, groups: list[dict[str, Any]]) -> StyleRow:
    counts = {group["value_type"]: group["clients"] for group in groups}
    return StyleRow(
        style,
        [(kind, counts.get(kind, 0)) for kind in ValueType.values],
        clients=sum(counts.values()),
        assets_fen=sum(group["assets"] for group in groups),
        contribution_fen=sum(group["contribution"] for group in groups),
    )


@dataclass(frozen=True)
class ProductRow:
    """How many clients bought one product type in a year, how often and for how much."""

    product_type: str
    clients: int
    purchases: int
    amount_fen: int


def product_buyers(rows: Rows, branch: Branch, as_of: date) -> list[ProductRow]:
    """Return purchases of the year up to `as_of` by clients of `rows`, all of `branch`, the largest amount first."""
    bought = ProductPurchase.objects.filter(
        branch=branch, client__in=scored(rows).values("pk"), day__gt=as_of - YEAR, day__lte=as_of
    ).exclude(status=OPENING)
    found = bought.values("product_type").annotate(
        clients=Count("client", distinct=True), purchases=Count("purchase_no"), amount_fen=Sum("amount_fen")
    )
    return [ProductRow(**row) for row in found.order_by("-amount_fen", "product_type")]


def market_of(code: str) -> str:
    """Return the market of a security code in words: 沪市, 深市, 北交所 or 其他."""
    bare = code.split(".")[0]
    if len(bare) != 6 or not bare.isdigit():
        return "其他"
    return {
        "6": "沪市",
        "5": "沪市",
        "0": "深市",
        "1": "深市",
        "3": "深市",
        "4": "北交所",
        "8": "北交所",
        "9": "北交所",
    }.get(bare[0], "其他")


@dataclass(frozen=True)
class Trading:
    """How one client trades; `turnover` is times of mean assets in six months, None without assets."""

    style: str
    turnover: float | None
    trade_days_20: int
    trade_days_120: int
    last_trade_on: date | None
    markets: list[tuple[str, int]]
    holding_days: int | None  # estimated: trading days it takes to turn the assets over once

    @property
    def style_label(self) -> str:
        """The turnover class in words."""
        return STYLES[self.style]


def trading(client: Client, as_of: date) -> Trading | None:
    """Return how the client traded up to `as_of`, None before the first window."""
    window = ClientWindow.objects.filter(client=client).first()
    if window is None:
        return None
    trades = Trade.objects.filter(client=client, day__gt=as_of - YEAR, day__lte=as_of)
    markets = Counter(market_of(code) for code in trades.values_list("security_code", flat=True))
    mean = window.assets_sum_120_fen / window.assets_days_120 if window.assets_days_120 else 0.0
    turnover = window.turnover_120_fen / mean if mean > 0 else None
    return Trading(
        style_of(window.turnover_120_fen, turnover),
        turnover,
        window.trade_days_20,
        window.trade_days_120,
        window.last_trade_on,
        markets.most_common(),
        round(2 * WINDOW / turnover) if turnover else None,
    )


def style_of(turnover_fen: int, turnover: float | None) -> str:
    """Return the turnover class of one client."""
    if turnover_fen <= 0:
        return "idle"
    if turnover is None:
        return "unknown"
    return next((name for name, bound in FROM_TURNOVER.items() if turnover >= bound), "long")


@dataclass(frozen=True)
class Buying:
    """How one client buys products in a year: ability, preference, frequency (SEG-15); money is fen."""

    amount_fen: int = 0
    largest_fen: int = 0
    count: int = 0
    last_on: date | None = None
    by_type: list[tuple[str, float]] = field(default_factory=list)  # product type, share of the amount 0 to 1

    @property
    def preferred(self) -> str:
        """The product type with the largest share, "" without purchases."""
        return self.by_type[0][0] if self.by_type else ""


def buying(client: Client, as_of: date) -> Buying:
    """Return what the client bought in the year up to `as_of`; holdings from before the records do not count."""
    rows = ProductPurchase.objects.filter(client=client, day__gt=as_of - YEAR, day__lte=as_of).exclude(status=OPENING)
    bought = list(rows.values_list("day", "product_type", "amount_fen"))
    amounts: Counter[str] = Counter()
    for _, kind, fen in bought:
        amounts[kind] += fen
    total = sum(amounts.values())
    return Buying(
        total,
        max((fen for _, _, fen in bought), default=0),
        len(bought),
        max((day for day, _, _ in bought), default=None),
        [(kind, fen / total) for kind, fen in amounts.most_common()] if total else [],
    )
