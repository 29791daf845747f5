"""How complaints stand at one moment: the figures of the cockpit, the lists behind them, and who they are kept from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from complaints import operations
from complaints.operations import tick
from complaints.queries import lists
from tests.budgets import QueryBudget
from tests.complaints.making import MORNING, at, complain, walked
from tests.conftest import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
PANEL = "/complaints/panel/"
NOW = at("2026-08-25T09:30")  # what came on Monday morning is due today at 17:00


def count(cast: Cast, **wanted: bool) -> int:
    return lists.complaint_list(cast.zhao, {"state": "open", **wanted}, NOW).count()


def test_each_figure_is_the_number_of_rows_behind_it(cast: Cast) -> None:
    complain(cast)  # due today
    complain(cast, now=at("2026-08-20T10:00"))  # late since Friday
    walked(cast, "handling", complaint=complain(cast, now=at("2026-08-24T09:30")))
    walked(cast, "closed")
    tick(cast.branch, at("2026-08-24T14:00"))
    found = lists.standing(cast.zhao, NOW)
    assert found.by_state == {"accepted": 2, "investigating": 0, "handling": 1, "feedback": 0}
    assert (found.open, found.overdue, found.due_today, found.escalated) == (3, 1, 1, 1)
    behind = (count(cast), count(cast, overdue=True), count(cast, due_today=True), count(cast, escalated=True))
    assert behind == (3, 1, 1, 1)
    assert [one.due_at and one.due_at < NOW for one in lists.pressing(cast.zhao, at("2026-08-26T09:30"), 5)] == [
        True,
        False,
    ]


def test_whom_a_complaint_names_finds_it_in_no_figure(cast: Cast, browse: Browse) -> None:
    one = complain(cast)
    operations.add_party(one, cast.zhao, by=cast.chen, now=MORNING)
    found = lists.standing(cast.zhao, NOW)
    assert (found.open, found.overdue, found.due_today, found.escalated) == (0, 0, 0, 0)
    assert one.no not in browse("zhao").get(PANEL).content.decode()
    assert one.no in browse("qian").get(PANEL).content.decode()


def test_the_cockpit_composes_the_panel_for_who_may_see_figures(cast: Cast, browse: Browse) -> None:
    complain(cast)
    part = browse("zhao").get(PANEL, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "件已上报" in part
    assert f'hx-get="{PANEL}"' in browse("zhao").get("/cockpit/").content.decode()


def test_the_panel_costs_the_same_for_few_and_many(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    browser = browse("zhao")
    for number in (1, 30):
        for _ in range(number):
            complain(cast)
        with query_budget("complaints:standing_panel"):
            browser.get(PANEL)
