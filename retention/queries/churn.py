"""Who may leave: the list, one client's reasons, and what a run found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Sum

from clients.models import Client
from office.models import Branch
from retention.models import Band, ChurnRun, ChurnScore, ChurnStanding
from retention.scoring.signals import BY_CODE

HISTORY = 60  # runs shown of one client
# sort key → fields; each order is total
ORDERS: dict[str, list[str]] = {
    "-risk": ["-value_at_risk_fen", "pk"],
    "risk": ["value_at_risk_fen", "-pk"],
    "-score": ["-score", "pk"],
    "score": ["score", "-pk"],
    "-contribution": ["-client__standing__contribution_fen", "pk"],
    "contribution": ["client__standing__contribution_fen", "-pk"],
}
DEFAULT_SORT = "-risk"
PERSONAL = ("id_no", "phone", "email", "address", "notes")


@dataclass(frozen=True)
class Summary:
    """How many clients stand in each band, and what is at risk with those above quiet."""

    counts: dict[int, int]
    value_at_risk_fen: int


def order_of(sort: str) -> list[str]:
    """Return the fields that `sort` orders by; by value at risk for anything unknown."""
    return ORDERS.get(sort, ORDERS[DEFAULT_SORT])


def listed(rows: QuerySet[ChurnStanding]) -> QuerySet[ChurnStanding]:
    """Return `rows` with all a line shows, in one query."""
    wide = rows.select_related("client__standing__manager", "run__point_set")
    return wide.defer(*(f"client__{name}" for name in PERSONAL))


def summary(rows: QuerySet[ChurnStanding]) -> Summary:
    """Count `rows` by band and add up what is at risk."""
    told = rows.filter(band__gte=Band.WATCH).values("band").annotate(n=Count("pk"), fen=Sum("value_at_risk_fen"))
    counts = dict.fromkeys((Band.WATCH, Band.WARN, Band.ALARM), 0) | {row["band"]: row["n"] for row in told}
    return Summary({int(band): count for band, count in counts.items()}, sum(int(row["fen"]) for row in told))


def latest_run(branch: Branch | None) -> ChurnRun | None:
    """Return the run that lists show."""
    return ChurnRun.objects.filter(branch=branch).order_by("-as_of", "-edition").first()


def scores_of(run: ChurnRun, client_ids: Sequence[int]) -> dict[int, ChurnScore]:
    """Return what a run found of some clients."""
    rows = ChurnScore.objects.filter(run_id=run.pk, as_of=run.as_of, client_id__in=client_ids)
    return {row.client_id: row for row in rows}


def standing_of(client: Client) -> ChurnStanding | None:
    """Return where the client stands, None if quiet without any sign."""
    return listed(ChurnStanding.objects.filter(pk=client.pk)).first()


def history(client: Client, since: date) -> list[ChurnScore]:
    """Return the scores of a client since a day, oldest first, one per day."""
    rows = ChurnScore.objects.filter(client_id=client.pk, branch_id=client.branch_id, as_of__gte=since)
    runs = ChurnRun.objects.filter(branch=client.branch_id, as_of__gte=since).order_by("as_of", "edition")
    last = {run.as_of: run.pk for run in runs}
    found = rows.filter(run_id__in=last.values()).order_by("-as_of")[:HISTORY]
    return list(found)[::-1]


def worded(signals: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the signs of a score with their label, what they cannot tell, and since when as a date."""
    return [
        {
            **sign,
            "label": BY_CODE[sign["code"]].label,
            "caveat": BY_CODE[sign["code"]].caveat,
            "since": date.fromisoformat(sign["since"]),
        }
        for sign in signals
        if sign["code"] in BY_CODE
    ]


def nobody_scored(branch: Branch | None) -> bool:
    """Whether no night has scored the branch yet."""
    return not ChurnRun.objects.filter(branch=branch).exists()
