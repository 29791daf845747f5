"""Who left may be reached with his consent alone, on the channels he named; a list that leaves has its purpose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pandas as pd
import pytest
from django.test import Client as Browser

from clients.models import Account, ChannelPreference, Client
from clients.operations.search import write_tokens
from office.models import AuditEntry
from retention.models import RetentionCase
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.retention.making import allow

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
LIST = "/retention/gone/"


def gone(cast: Cast, number: int, *wishes: tuple[str, str, str], **fields: object) -> Client:
    """A client who left, with what he allows: channel, purpose, state."""
    fields.setdefault("status", "closed")
    made = make_client(cast.branch, f"8801000006{number:02}", name=f"离{number:02}", manager=cast.li, **fields)
    Account.objects.filter(client=made).update(closed_on=date(2026, 8, 1 + number % 20), status="closed")
    for wish in wishes:
        allow(made, *wish)
    return made


def names(browser: Browser, query: str = "") -> list[str]:
    return [client.name for client in browser.get(f"{LIST}{query}").context["page"]]


@pytest.mark.req("DNI-07")
def test_only_who_left_and_agreed_is_listed(cast: Cast, browse: Browse) -> None:
    gone(cast, 1, ("phone", "service", "granted"))
    gone(cast, 2)  # said nothing
    gone(cast, 3, ("phone", "service", "denied"))
    gone(cast, 4, ("phone", "marketing", "granted"), ("phone", "service", "denied"))  # one refusal outweighs
    gone(cast, 5, ("phone", "survey", "granted"))  # another purpose
    gone(cast, 6, ("phone", "service", "granted"), is_deceased=True)
    gone(cast, 7, ("phone", "service", "granted"), status="active")
    refused = gone(cast, 8, ("phone", "service", "granted"))
    RetentionCase.objects.create(
        branch=cast.branch, case_no="WL-1", client=refused, trigger="signal", opened_on=date(2026, 7, 1),
        owner=cast.li, state="closed", outcome="refused_talk", closed_at="2026-07-02T10:00+08:00",
    )  # fmt: skip
    assert names(browse("zhao")) == ["离01"]
    assert names(browse("wang")) == []


def test_only_the_channels_he_named_are_shown(cast: Cast, browse: Browse) -> None:
    gone(cast, 1, ("phone", "service", "denied"), ("sms", "service", "granted"), ("email", "marketing", "granted"))
    ((_, one),) = browse("zhao").get(LIST).context["gone"]
    assert one.channels == ["邮件", "短信"]
    assert names(browse("zhao"), "?channel=sms") == ["离01"]
    assert names(browse("zhao"), "?channel=phone") == []


def test_who_takes_his_consent_back_is_off_the_list_at_once(cast: Cast, browse: Browse) -> None:
    made = gone(cast, 1, ("phone", "service", "granted"))
    ChannelPreference.objects.filter(client=made).update(state="denied")
    assert names(browse("zhao")) == []


def test_the_list_goes_page_by_page_the_latest_first(cast: Cast, browse: Browse) -> None:
    made = [gone(cast, number, ("phone", "service", "granted")) for number in range(52)]
    write_tokens([client.pk for client in made])
    first = browse("zhao").get(LIST)
    days = [client.left_on for client in first.context["page"]]
    assert days == sorted(days, reverse=True)
    assert len(browse("zhao").get(f"{LIST}{first.context['next_url']}").context["page"]) == 2
    assert names(browse("zhao"), "?q=离05") == ["离05"]
    assert names(browse("zhao"), "?reason=family") == []


@pytest.mark.req("DNI-07")
def test_the_list_leaves_only_with_a_purpose_and_for_few(cast: Cast, browse: Browse) -> None:
    gone(cast, 1, ("phone", "service", "granted"))
    gone(cast, 2)
    assert browse("li").post(f"{LIST}export/", {"reason": "x"}).status_code == 403
    assert browse("zhao").post(f"{LIST}export/", {"reason": ""}).status_code == 422
    answer = browse("zhao").post(f"{LIST}export/?channel=phone", {"reason": "中秋问候"})
    sheet = pd.read_excel(BytesIO(answer.content), engine="calamine", dtype=str)
    assert list(sheet["客户号"]) == ["880100000601"]
    assert list(sheet["可用渠道"]) == ["电话"]
    entry = AuditEntry.objects.get(action="retention.exported")
    assert (entry.reason, entry.after) == ("中秋问候", {"rows": 1, "query": "channel=phone"})


def test_the_list_costs_the_same_for_more(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    for number in range(6):
        gone(cast, number, ("phone", "service", "granted"))
    zhao = browse("zhao")
    with query_budget("retention:winback_list"):
        zhao.get(LIST)
