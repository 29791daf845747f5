"""Cases as the board, one case, and the client's page read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from clients.models import Client
from clients.queries.search import matching_clients
from clients.rules import age_on
from office.models import Employee
from retention.models import ChurnStanding, Offer, RetentionCase, RetentionSetting, Talk
from retention.queries.case_facts import discreet, probabilities, worded_reasons
from retention.queries.discretion import CONFIDENTIAL, kept_back
from retention.queries.reasons import UNSAID
from retention.scoring.signals import LABELS
from service_logs.models import Script
from service_logs.queries.scripts import script_for

# sort key → fields; each order is total
ORDERS = {
    "-risk": ["-value_at_risk_fen", "-pk"],
    "risk": ["value_at_risk_fen", "pk"],
    "-opened": ["-opened_on", "-pk"],
    "opened": ["opened_on", "pk"],
    "-band": ["-band", "-pk"],
    "band": ["band", "pk"],
}
DEFAULT_SORT = "-risk"
SHOWN = ("client__standing__manager", "owner", "request")
BOARD = {
    "open": "进行中", "untouched": "尚未谈话", "talked": "已谈话", "requested": "已有申请", "kept": "留下",
    "left": "离开", "refused": "不愿谈", "all": "全部",
}  # fmt: skip
TALKED = Exists(Talk.objects.filter(case=OuterRef("pk"), is_declined=False))
Outcome = RetentionCase.Outcome


def order_of(sort: str) -> list[str]:
    """Return the fields that `sort` orders by; by value at risk for anything unknown."""
    return ORDERS.get(sort, ORDERS[DEFAULT_SORT])


def seen_cases(user: Employee) -> QuerySet[RetentionCase]:
    """Return the cases `user` may know of, with what a line shows."""
    return RetentionCase.objects.visible_to(user).select_related(*SHOWN)


def case_list(user: Employee, wanted: dict[str, Any]) -> QuerySet[RetentionCase]:
    """Return the cases that the cleaned filter `wanted` asks for, each with `is_talked`."""
    rows = on_board(seen_cases(user), wanted.get("part") or "open")
    if wanted.get("q"):
        rows = rows.filter(Q(case_no__iexact=wanted["q"]) | Q(client__in=matching_clients(user, wanted["q"])))
    for name in ("band", "trigger", "owner"):
        if wanted.get(name):
            key = f"{name}__in" if isinstance(wanted[name], list) else name
            rows = rows.filter(**{key: wanted[name]})
    if wanted.get("reason"):
        rows = rows.filter(reason="" if wanted["reason"] == UNSAID else wanted["reason"])
    if wanted.get("year"):
        rows = rows.filter(opened_on__year=wanted["year"])
    if wanted.get("asked"):
        rows = rows.filter(request__isnull=wanted["asked"] == "no")
    return rows.annotate(is_talked=TALKED)


def on_board(rows: QuerySet[RetentionCase], part: str) -> QuerySet[RetentionCase]:
    """Keep what one part of the board (BOARD) holds."""
    return rows.filter(_part(part))


def board_counts(user: Employee) -> dict[str, int]:
    """Return how many cases stand in each part of the board; one query. Never by person (DNI-06)."""
    counts = {part: Count("pk", filter=_part(part)) for part in BOARD}
    found: dict[str, int] = RetentionCase.objects.visible_to(user).aggregate(**counts)
    return found


def _part(part: str) -> Q:
    is_open = Q(state=RetentionCase.State.OPEN)
    parts = {
        "untouched": is_open & ~Q(TALKED),
        "talked": is_open & Q(TALKED),
        "requested": is_open & Q(request__isnull=False),
        "kept": Q(outcome__in=(Outcome.KEPT, Outcome.PARTLY)),
        "left": Q(outcome=Outcome.LEFT),
        "refused": Q(outcome=Outcome.REFUSED_TALK),
        "all": Q(pk__isnull=False),
    }
    return parts.get(part, is_open)


def setting_of(branch_id: int) -> RetentionSetting:
    """Return what a branch decided about talks and drills, the defaults if it decided nothing."""
    return RetentionSetting.objects.filter(branch=branch_id).first() or RetentionSetting(branch_id=branch_id)


def told_reasons(case: RetentionCase, user: Employee) -> list[dict[str, Any]]:
    """Return why the client of a case may want to leave, in words; complaints count for readers who may see them."""
    standing = ChurnStanding.objects.filter(pk=case.client_id).first() if case.is_open else None
    if standing is None or CONFIDENTIAL.isdisjoint(standing.codes):
        return worded_reasons(case.reasons)
    if kept_back([standing], user):
        return worded_reasons(case.reasons)
    told = [sign for sign in standing.signals if sign["code"] in CONFIDENTIAL]
    said = case.reason if case.request_id else ""
    return worded_reasons(probabilities([*case.signals, *told], case.history, said))


def worded_signs(case: RetentionCase) -> list[dict[str, Any]]:
    """Return the signs a case began with in words."""
    return [{**sign, "label": LABELS.get(sign["code"], sign["code"])} for sign in discreet(case.signals)]


def script_of(case: RetentionCase, user: Employee) -> Script | None:
    """Return what to say: the script for the reason he gave, else for the likeliest."""
    reason = case.reason or (case.reasons[0]["code"] if case.reasons else "other")
    return script_for(f"retention.{reason}", user.branch)


def talks_of(case: RetentionCase) -> list[Talk]:
    """Return the talks of a case, the latest first."""
    return list(case.talks.select_related("by").order_by("-at", "-pk"))


def offers_of(case: RetentionCase) -> list[Offer]:
    """Return what was offered in a case, the latest first."""
    return list(case.offers.select_related("made_by").order_by("-made_at", "-pk"))


def is_talked(case: RetentionCase) -> bool:
    """Whether the one talk of a case, about its request if there is one, was held or declined."""
    held = Talk.objects.filter(
        Q(case=case, request=case.request_id) | Q(request=case.request_id, request__isnull=False)
    )
    return held.exists()


def cases_of(client: Client, user: Employee) -> QuerySet[RetentionCase]:
    """Return the cases of one client, the latest first."""
    return seen_cases(user).filter(client=client).order_by("-opened_on", "-pk")


def open_case_of(client: Client, user: Employee) -> RetentionCase | None:
    """Return the open case of a client, None if there is none that `user` may know of."""
    return RetentionCase.objects.visible_to(user).open().filter(client=client).first()


def open_cases_of(client_ids: Sequence[int], user: Employee) -> dict[int, RetentionCase]:
    """Return the open cases of some clients that `user` may know of, by client."""
    rows = RetentionCase.objects.visible_to(user).open().filter(client__in=client_ids)
    return {case.client_id: case for case in rows}


def age_of(client: Client, on: date) -> int | None:
    """Return the age of a client, None if his birthday is unknown."""
    return age_on(client.birth_date, on) if client.birth_date else None
