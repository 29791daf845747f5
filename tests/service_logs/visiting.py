"""Visits and whoever makes them, made by plain functions with fixed values."""

from __future__ import annotations

from datetime import date
from typing import Any

from clients.models import Client, DevelopmentRelation
from office.models import Employee, Role
from service_logs.models import ReturnVisit
from service_logs.operations.visits import Said
from service_logs.rules.visits import EXPECTED, TOPICS
from tests.conftest import TODAY, Cast, make_employee


def hu(cast: Cast) -> Employee:
    """Make hu, service staff: the one who visits."""
    return make_employee("1010", "胡安", cast.branch, Role.SERVICE_STAFF)


def owed_visit(client: Client, caller: Employee | None = None, **fields: Any) -> ReturnVisit:
    """Owe a visit to the client, for the sample unless said otherwise."""
    fields.setdefault("kind", ReturnVisit.Kind.EXISTING)
    fields.setdefault("occurrence", "2026")
    fields.setdefault("due_on", date(2026, 9, 30))
    fields.setdefault("manager", client.standing.manager)
    fields.setdefault("relation", DevelopmentRelation.objects.filter(client=client).first())
    return ReturnVisit.objects.create(branch=client.branch, client=client, caller=caller, **fields)


def won_by(client: Client, employee: Employee, state: str = "pending_visit") -> DevelopmentRelation:
    """Let `employee` have won the client."""
    return DevelopmentRelation.objects.create(
        client=client, employee=employee, state=state, opened_on=client.opened_on or TODAY
    )


def said(*, contrary: tuple[str, ...] = (), **fields: Any) -> Said:
    """Let the client answer as he should, but for the topics of `contrary`."""
    answers = {topic.key: "contrary" if topic.key in contrary else EXPECTED for topic in TOPICS}
    return Said(answers=answers, **fields)
