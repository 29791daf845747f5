"""What a case begins with: the signs of the client, why others left, and who is to care for him."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count

from clients.models import Client
from office.models import NON_MARKETING_ROLES, SERVING_ROLES, Branch, Employee, Role
from office.rights import DIRECTORS
from retention.models import ClosureRequest, Reason, RetentionCase
from retention.queries.discretion import CONFIDENTIAL
from retention.rules.likely import MOST_SHOWN, in_words, likely_reasons
from retention.rules.offers import Suitability
from retention.scoring.signals import LABELS

YEARS = timedelta(days=3 * 365)  # of reasons that a probability looks back on
OWNING = SERVING_ROLES | DIRECTORS
MONTHS_VALID = 24  # of a risk assessment without an end of its own


def reason_history(branch: Branch, on: date) -> dict[str, int]:
    """Return how often each reason was given at the branch in the three years before `on`, by requests and by cases."""
    asked = ClosureRequest.objects.filter(branch=branch, requested_at__date__range=(on - YEARS, on)).exclude(reason="")
    told = RetentionCase.objects.filter(branch=branch, opened_on__range=(on - YEARS, on), request=None)
    counts: Counter[str] = Counter()
    for rows in (asked, told.exclude(reason="")):
        for reason, count in rows.values_list("reason").annotate(count=Count("pk")).order_by("reason"):
            counts[reason] += count
    return dict(counts)


def discreet(signals: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the signs of a score without those of complaints, with what a case keeps of them."""
    kept = ("code", "points", "since", "fact")
    return [{key: sign[key] for key in kept} for sign in signals if sign["code"] not in CONFIDENTIAL]


def probabilities(
    signals: Sequence[Mapping[str, Any]], history: Mapping[str, int], said: str = ""
) -> list[dict[str, Any]]:
    """Return the reasons of a case as it keeps them: code, probability, signs, times, is_said; the likeliest first."""
    points = {str(sign["code"]): float(sign["points"]) for sign in signals}
    return [vars(one) | {"signs": list(one.signs)} for one in likely_reasons(Reason.values, points, history, said)]


def worded_reasons(reasons: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the likeliest reasons of a case in words, each with what speaks for it."""
    return [
        {
            **one,
            "label": Reason(one["code"]).label,
            "percent": _percent(one),
            "words": in_words(one["probability"]),
            "because": _because(one),
        }
        for one in reasons[:MOST_SHOWN]
    ]


def _percent(one: Mapping[str, Any]) -> int:
    return round(float(one["probability"]) * 100)


def _because(one: Mapping[str, Any]) -> str:
    parts = ["客户本人说明"] if one["is_said"] else []
    parts += [LABELS[sign] for sign in one["signs"] if sign in LABELS]
    if one["times"]:
        parts.append(f"近三年 {one['times']} 件")
    return "，".join(parts) or "没有迹象，只是一般可能"


def may_own(person: Employee) -> bool:
    """Whether a case may be given to `person`: marketing posts alone, and no post beside it that forbids (DNI-06)."""
    return person.is_active and person.has_role(*OWNING) and not person.has_role(*NON_MARKETING_ROLES)


def owners_of(branch: Branch) -> list[Employee]:
    """Return who may own cases of a branch, leaders and directors last."""
    people = Employee.objects.filter(branch=branch, is_active=True, roles__overlap=sorted(OWNING)).order_by("staff_no")
    allowed = [person for person in people if may_own(person)]
    return sorted(allowed, key=lambda person: person.has_role(Role.TEAM_LEADER, *DIRECTORS))


def owner_for(client: Client, named: Iterable[int]) -> Employee | None:
    """Return who cares for a client: his manager, or else his leader, or else a director; never one whom he names."""
    avoid = set(named)
    manager = client.standing.manager
    leader = manager.team.leader if manager and manager.team else None
    for person in (manager, leader):
        if person is not None and person.pk not in avoid and may_own(person):
            return person
    directing = Employee.objects.filter(branch=client.branch_id, is_active=True, roles__overlap=sorted(DIRECTORS))
    free = [person for person in directing.order_by("staff_no") if person.pk not in avoid and may_own(person)]
    return free[0] if free else None


def suitability(client: Client) -> Suitability:
    """Return what is known of the client's suitability; without an end of its own an assessment holds 24 months."""
    valid_to = client.risk_valid_to
    if valid_to is None and client.risk_assessed_on is not None:
        made = client.risk_assessed_on
        day = 28 if (made.month, made.day) == (2, 29) else made.day
        valid_to = made.replace(year=made.year + MONTHS_VALID // 12, day=day)
    return Suitability(client.risk_level, client.risk_is_predicted, valid_to)
