"""Surveys as tests need them: made, opened and answered by the operations themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from clients.models import ChannelPreference, Client, Questionnaire
from complaints.models import Finding, Invitation, SurveyRun
from complaints.operations.findings import Found, find
from complaints.operations.survey_answers import answer_for
from complaints.operations.surveys import Plan, make_run, open_run
from complaints.queries.surveys import token_of
from office.dates import SHANGHAI
from office.models import Employee
from tests.conftest import Cast, make_client

CONTENT: dict[str, Any] = {"1": "b", "3": "a", "4": "b", "5": "c", "6": "b"}
ANGRY: dict[str, Any] = {"1": "e", "2": ["a"], "3": "e", "4": "c", "5": "d", "6": "c", "8": "接电话很不耐烦"}


def questionnaire() -> Questionnaire:
    """Return the house's satisfaction questionnaire, seeded with the tables."""
    return Questionnaire.objects.get(branch=None, code="satisfaction", state="active")


def book(cast: Cast, manager: Employee, count: int, *, start: int = 100) -> list[Client]:
    """Make clients of a manager."""
    return [
        make_client(
            manager.branch or cast.branch, f"8801{start + place:08d}", manager=manager, name=f"客户{start + place}"
        )
        for place in range(count)
    ]


def plan(**fields: Any) -> Plan:
    """Return a run by phone that is open from the first of the year to the last day the calendar knows."""
    given: dict[str, Any] = {
        "title": "春季满意度", "questionnaire": questionnaire(), "channels": ["phone"],
        "opens_on": date(2026, 1, 1), "closes_on": date(2099, 12, 31),
    } | fields  # fmt: skip
    return Plan(**given)


def opened(cast: Cast, **fields: Any) -> SurveyRun:
    """Return an open run of the branch that zhao made."""
    run = make_run(plan(**fields), by=cast.zhao)
    open_run(run, by=cast.zhao)
    return run


def online(cast: Cast, **fields: Any) -> tuple[Invitation, str]:
    """Return wu's invitation by link in a run of his own, and the link's secret."""
    ChannelPreference.objects.get_or_create(client=cast.wu, channel="sms", purpose="survey", state="granted")
    run = opened(cast, channels=["online"], **fields)
    invitation = Invitation.objects.get(run=run, client=cast.wu)
    return invitation, token_of(invitation)


def answered(run: SurveyRun, clients: list[Client], answers: Mapping[str, Any], by: Employee) -> None:
    """Write down the same answers of each of these clients."""
    for invitation in Invitation.objects.filter(run=run, client__in=clients).select_related("client__standing", "run"):
        answer_for(invitation, answers, by=by)


def finding(cast: Cast, **fields: Any) -> Finding:
    """Put a common finding of zhao on the list."""
    given: dict[str, Any] = {"title": "接电话不耐烦", "topic": "attitude", "kind": "common"} | fields
    return find(Found(**given), by=cast.zhao)


def at(text: str) -> datetime:
    """Read a moment of the Shanghai clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
