"""The core group: how few bring how much, who came and went, and the curve behind it (VAL-06, VAL-07)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import Mod, RowNumber

from clients.models import ClientStanding
from office.models import Employee
from segmentation.models import ClientScore, CoreMembership, ScoringRun
from segmentation.scoring.core import USUAL_SHARE

CURVE_POINTS = 100

ORDERS = {
    "contribution": ["contribution_fen", "client_id"],
    "-contribution": ["-contribution_fen", "client_id"],
    "value": ["value", "client_id"],
    "-value": ["-value", "client_id"],
}
DEFAULT_SORT = "-contribution"

Rows = QuerySet[ClientStanding]


@dataclass(frozen=True)
class CoreFigures:
    """The core group of one run in figures; shares from 0 to 1, money in fen."""

    heads: int  # all that are ranked
    members: int
    kept: int  # members by the rule of staying, not of the base set
    base: int  # of the base set
    all_fen: int  # positive contributions of everybody
    members_fen: int
    base_fen: int

    @property
    def head_share(self) -> float:
        """Members over clients."""
        return self.members / self.heads if self.heads else 0.0

    @property
    def money_share(self) -> float:
        """What the members bring of everything."""
        return self.members_fen / self.all_fen if self.all_fen else 0.0

    @property
    def base_head_share(self) -> float:
        """The base set over clients: what tells whether the branch follows 80/20."""
        return self.base / self.heads if self.heads else 0.0

    @property
    def base_money_share(self) -> float:
        """What the base set brings of everything."""
        return self.base_fen / self.all_fen if self.all_fen else 0.0

    @property
    def is_usual(self) -> bool:
        """Whether so few bring so much as 80/20 means: between 5 and 40 % of heads."""
        return USUAL_SHARE[0] <= self.base_head_share <= USUAL_SHARE[1]


def order_of(sort: str) -> list[str]:
    """Return the fields that `sort` orders by; by contribution for anything unknown."""
    return ORDERS.get(sort, ORDERS[DEFAULT_SORT])


def figures(run: ScoringRun) -> CoreFigures:
    """Return the core group of a run in figures."""
    positive = Q(contribution_fen__gt=0)
    found = _scores(run).aggregate(
        heads=Count("client"),
        members=Count("client", filter=Q(is_core=True)),
        kept=Count("client", filter=Q(is_core=True, in_base_set=False)),
        base=Count("client", filter=Q(in_base_set=True)),
        all_fen=Sum("contribution_fen", filter=positive),
        members_fen=Sum("contribution_fen", filter=positive & Q(is_core=True)),
        base_fen=Sum("contribution_fen", filter=positive & Q(in_base_set=True)),
    )
    return CoreFigures(**{name: int(value or 0) for name, value in found.items()})


def curve(run: ScoringRun, clients: int) -> list[tuple[float, float]]:
    """Return about a hundred points (share of clients, share of contribution) in percent, from nothing to all."""
    step = max(clients // CURVE_POINTS, 1)
    placed = _scores(run).annotate(place=Window(RowNumber(), order_by=[F("cumulative_share").asc()]))
    sampled = placed.annotate(turn=Mod(F("place"), step)).filter(turn=0).order_by("place")
    points = [(0.0, 0.0)]
    points += [
        (round(100 * place / clients, 2), round(100 * share, 2))
        for place, share in sampled.values_list("place", "cumulative_share")
    ]
    return points if points[-1][0] >= 100 else [*points, (100.0, 100.0)]


def members(rows: Rows) -> Rows:
    """Return the core clients of `rows` with what a line shows, in one query."""
    shown = rows.filter(is_core=True, is_closed=False).select_related("client", "manager")
    return shown.defer("client__id_no", "client__phone", "client__email", "client__address", "client__notes")


def places(run: ScoringRun, client_ids: list[int]) -> dict[int, tuple[float, bool]]:
    """Return the cumulative share of each client and whether the base set holds him."""
    rows = _scores(run).filter(client__in=client_ids)
    return {
        client: (share, inside)
        for client, share, inside in rows.values_list("client", "cumulative_share", "in_base_set")
    }


def entered(run: ScoringRun, user: Employee) -> list[CoreMembership]:
    """Return who came in by this run, of the clients the user sees; the largest first."""
    rows = CoreMembership.objects.visible_to(user).filter(entered_run=run).select_related("client__standing__manager")
    return list(rows.order_by("share_cumulative", "pk"))


def left(run: ScoringRun, user: Employee) -> list[CoreMembership]:
    """Return who left by this run, of the clients the user sees."""
    rows = CoreMembership.objects.visible_to(user).filter(left_run=run).select_related("client__standing__manager")
    return list(rows.order_by("share_cumulative", "pk"))


def entry_dates(client_ids: list[int]) -> dict[int, object]:
    """Return since when each client has been in the core group without a break."""
    rows = CoreMembership.objects.filter(client__in=client_ids, left_on=None)
    return dict(rows.values_list("client", "entered_on"))


def _scores(run: ScoringRun) -> QuerySet[ClientScore]:
    return ClientScore.objects.filter(run=run, as_of=run.as_of)
