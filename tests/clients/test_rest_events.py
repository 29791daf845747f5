"""Single events of the counter: facts at once, the same event twice is one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from clients.models import Account, AccountEvent, Client, SearchToken
from office.models import Scope
from tests.conftest import Cast, make_client
from tests.keys import System, make_service_key

WU = "A880100000001"
OUT = {"event_no": "E1", "kind": "bank_out", "account_no": WU, "amount_fen": 5_000_000}


@pytest.fixture
def system(cast: Cast) -> System:
    return System(make_service_key(cast.zhao, Scope.EVENTS)[1])


def test_an_event_is_a_fact_at_once(cast: Cast, system: System) -> None:
    answer = system.post("events/", OUT)
    assert answer.status_code == 201
    assert answer.json() == {
        "event_no": "E1", "kind": "bank_out", "account_no": WU, "client_no": "880100000001",
        "day": timezone.localdate().isoformat(),
    }  # fmt: skip
    event = AccountEvent.objects.get()
    assert (event.client, event.branch, event.amount_fen) == (cast.wu, cast.branch, 5_000_000)
    assert (event.batch.source, event.batch.as_of) == ("api", None)


def test_what_it_means_for_today_is_asked_for_once_it_has_landed(
    cast: Cast, system: System, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as wanted:
        system.post("events/", OUT)
    assert [(call.args) for call in wanted] == [("branchcrm.tasks.raise_same_day", (cast.branch.pk,))]  # type: ignore[attr-defined]  # a partial
    with django_capture_on_commit_callbacks() as wanted:
        system.post("events/", OUT)
    assert wanted == []


def test_the_same_event_again_changes_nothing(system: System) -> None:
    system.post("events/", OUT)
    assert system.post("events/", OUT).status_code == 200
    assert AccountEvent.objects.count() == 1


@pytest.mark.parametrize("change", [{"amount_fen": 1}, {"kind": "bank_in"}, {"note": "更正"}])
def test_a_number_stands_for_one_event(system: System, change: dict[str, Any]) -> None:
    system.post("events/", OUT)
    assert system.post("events/", {**OUT, **change}).status_code == 409
    assert AccountEvent.objects.get().amount_fen == 5_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"account_no": "A999"}, {"kind": "close"}, {"event_no": ""}, {"event_no": "a b"}, {"amount_fen": -1},
        {"amount_fen": 1.5}, {"day": "2026-13-01"}, {"day": "2001-01-01"}, {"quantity": "NaN"},
    ],
)  # fmt: skip
def test_a_wrong_event_is_refused(system: System, change: dict[str, Any]) -> None:
    answer = system.post("events/", {**OUT, **change})
    assert (answer.status_code, AccountEvent.objects.count()) == (422, 0)


def test_tomorrow_has_not_happened(system: System) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert system.post("events/", {**OUT, "day": tomorrow.isoformat()}).status_code == 422


def test_accounts_of_other_branches_are_unknown(cast: Cast, system: System) -> None:
    make_client(cast.other_branch, "880200000001")
    assert system.post("events/", {**OUT, "account_no": "A880200000001"}).status_code == 422


def test_an_opening_makes_the_account_of_a_known_client(cast: Cast, system: System) -> None:
    told = {"event_no": "E2", "kind": "open", "account_no": "B1", "client_no": "880100000001"}
    assert system.post("events/", told).status_code == 201
    assert Account.objects.get(account_no="B1").client == cast.wu


def test_an_opening_makes_the_new_client_who_is_found_at_once(cast: Cast, system: System) -> None:
    told = {
        "event_no": "E3", "kind": "open", "account_no": "B2", "client_no": "880100000050",
        "client_name": "郑云舟", "branch": "8801",
    }  # fmt: skip
    assert system.post("events/", told).status_code == 201
    client = Client.objects.get(client_no="880100000050")
    assert (client.name, client.branch, client.standing.manager) == ("郑云舟", cast.branch, None)
    assert SearchToken.objects.filter(client=client, token="云舟").exists()
    assert "郑云舟" not in str(list(AccountEvent.objects.values()))


@pytest.mark.parametrize("lack", ["client_no", "client_name", "branch"])
def test_a_new_client_needs_name_number_and_branch(system: System, lack: str) -> None:
    told = {
        "event_no": "E4", "kind": "open", "account_no": "B3", "client_no": "880100000051", "client_name": "郑",
        "branch": "8801",
    }  # fmt: skip
    del told[lack]
    assert system.post("events/", told).status_code == 422
