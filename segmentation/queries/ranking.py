"""The ranking by value: its orders, its first sentence, and who moved most."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Func, IntegerField, Q, QuerySet
from django.db.models.functions import Coalesce

from clients.models import ClientStanding
from segmentation.queries.grid import scored

MOVERS = 6  # shown on either side
BIG_MOVE = 0.05  # of all ranks: from here a movement is worth a colour

Rows = QuerySet[ClientStanding]

# sort key → fields; the ranks of a branch differ, so each order is total
ORDERS: dict[str, list[str]] = {
    "rank": ["-value", "rank"],  # the first field is the index's; the rank decides ties
    "-rank": ["value", "-rank"],
    "moved": ["moved_or_none", "rank"],
    "-moved": ["-moved_or_none", "rank"],
    "contribution": ["contribution_fen", "rank"],
    "-contribution": ["-contribution_fen", "rank"],
    "assets": ["assets_fen", "rank"],
    "-assets": ["-assets_fen", "rank"],
}
DEFAULT_SORT = "rank"
WITHOUT_INDEX = {"moved", "contribution"}  # orders in which keys are sorted first, and wide rows read after


@dataclass(frozen=True)
class Summary:
    """How many clients are ranked, and how they moved since the run before."""

    clients: int
    up: int
    down: int
    same: int
    new: int
    risen: list[int]  # the clients who won most places, the first first
    fallen: list[int]  # … who lost most


class FirstFew(Func):
    """The first of an array, as many as movers are shown; empty for null."""

    template = f"coalesce((%(expressions)s)[1:{MOVERS}], '{{}}')"
    arity = 1


def order_of(sort: str) -> list[str]:
    """Return the fields that `sort` orders by; by rank for anything unknown."""
    return ORDERS.get(sort, ORDERS[DEFAULT_SORT])


def ranked(rows: Rows) -> Rows:
    """Return `rows` with all a line shows, in one query; `moved` is places won, null for who was not ranked before."""
    moved = F("previous_rank") - F("rank")
    shown = scored(rows).select_related("client", "manager")
    return shown.annotate(moved=moved, moved_or_none=Coalesce(moved, 0, output_field=IntegerField())).defer(
        "client__id_no", "client__phone", "client__email", "client__address", "client__notes"
    )


def summary(rows: Rows) -> Summary:
    """Count `rows` by their movement since the run before and name who moved most; reads them once."""
    up, down = Q(rank__lt=F("previous_rank")), Q(rank__gt=F("previous_rank"))
    moved = F("previous_rank") - F("rank")
    counted = scored(rows).aggregate(
        clients=Count("pk"),
        up=Count("pk", filter=up),
        down=Count("pk", filter=down),
        same=Count("pk", filter=Q(rank=F("previous_rank"))),
        new=Count("pk", filter=Q(previous_rank=None)),
        risen=FirstFew(ArrayAgg("pk", filter=up, order_by=[moved.desc(), "rank"])),
        fallen=FirstFew(ArrayAgg("pk", filter=down, order_by=[moved.asc(), "rank"])),
    )
    return Summary(**counted)


def movers(rows: Rows, told: Summary) -> tuple[list[ClientStanding], list[ClientStanding]]:
    """Return who rose and who fell by most places, at most a handful each, with all a line shows."""
    wide = ranked(rows).in_bulk([*told.risen, *told.fallen])
    return [wide[pk] for pk in told.risen if pk in wide], [wide[pk] for pk in told.fallen if pk in wide]
