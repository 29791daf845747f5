"""What clients are unhappy with: heard, given to somebody, put right (RET-08)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.operations.search import write_tokens
from office.errors import DomainError
from office.models import AuditEntry, Role
from retention.errors import NotAtThisPoint
from retention.models import Grievance
from retention.operations.grievances import close_grievance, give_grievance, log_grievance
from retention.operations.reminders import tell_owed
from retention.queries.grievances import may_own
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client, make_employee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
LIST = "/retention/grievances/"
ON = date(2026, 8, 24)


def hear(cast: Cast, text: str = "电话难打通", **fields: Any) -> Grievance:
    fields.setdefault("kind", "service")
    fields.setdefault("owner", cast.li)
    return log_grievance(fields.pop("client", cast.wu), text=text, by=cast.li, **fields)


@pytest.mark.req("RET-08")
def test_a_grievance_has_an_owner_and_a_day_and_is_closed_with_what_was_done(cast: Cast) -> None:
    made = hear(cast, today=ON)
    assert (made.owner, made.due_on) == (cast.li, date(2026, 8, 27))  # three working days
    with pytest.raises(DomainError, match="如何处理"):
        close_grievance(made, action=" ", version=1, by=cast.li)
    close_grievance(made, action="当日回电，改了值班表", version=1, by=cast.li)
    assert made.closed_at is not None
    with pytest.raises(NotAtThisPoint):
        close_grievance(made, action="再办", version=2, by=cast.li)
    actions = AuditEntry.objects.filter(action__startswith="retention.grievance").values_list("action", flat=True)
    assert list(actions.order_by("pk")) == ["retention.grievance_logged", "retention.grievance_closed"]


def test_a_grievance_lies_with_somebody_of_the_branch_and_ahead(cast: Cast) -> None:
    for odd in ({"owner": cast.sun}, {"due_on": ON - timedelta(days=1)}, {"kind": "weather"}, {"text": " "}):
        with pytest.raises(DomainError):
            hear(cast, today=ON, **odd)
    made = hear(cast, today=ON)
    with pytest.raises(DomainError):
        give_grievance(made, owner=cast.sun, due_on=ON, version=1, by=cast.chen, today=ON)
    give_grievance(made, owner=cast.chen, due_on=ON, version=1, by=cast.zhao, today=ON)
    assert (made.owner, made.due_on, made.version) == (cast.chen, ON, 2)
    with pytest.raises(NotAtThisPoint):
        give_grievance(made, owner=cast.li, due_on=ON, version=1, by=cast.zhao, today=ON)


@pytest.mark.req("RET-08")
def test_who_is_given_one_is_told_and_reminded_once_a_week(cast: Cast) -> None:
    made = hear(cast, today=ON)
    assert not cast.li.notices.exists()  # he wrote it down himself
    give_grievance(made, owner=cast.chen, due_on=ON, version=1, by=cast.li, today=ON)
    assert "交给您" in cast.chen.notices.get().text
    assert [tell_owed(cast.branch, ON - timedelta(days=1)), tell_owed(cast.branch, ON)] == [0, 1]
    assert [tell_owed(cast.branch, ON + timedelta(days=days)) for days in (1, 7)] == [0, 1]
    close_grievance(made, action="已改", version=2, by=cast.chen)
    assert tell_owed(cast.branch, ON + timedelta(days=14)) == 0


def test_whoever_may_own_one_may_see_its_client(cast: Cast) -> None:
    staff = make_employee("1020", "何静", cast.branch, Role.SERVICE_STAFF)
    assert set(may_own(cast.wu)) == {cast.li, cast.chen, cast.zhao, cast.qian, staff}
    stranger = make_client(cast.branch, "880100000095", name="客户95")
    assert set(may_own(stranger)) == {cast.zhao, cast.qian, staff}


@pytest.mark.req("RET-08")
def test_a_grievance_goes_from_log_to_closed_on_its_pages(cast: Cast, browse: Browse) -> None:
    li, panel = browse("li"), f"/retention/clients/{cast.wu.pk}/grievances/"
    wrong = li.post(f"{panel}new/", {"kind": "service", "text": "", "owner": cast.wang.pk})
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"text", "owner"}
    assert li.post(f"{panel}new/", {"kind": "service", "text": "电话难打通", "owner": cast.li.pk}).status_code == 302
    made = Grievance.objects.get()
    assert "电话难打通" in li.get(panel, headers={"HX-Request": "true"}).content.decode()
    assert "电话难打通" in browse("chen").get(LIST).content.decode()
    assert "电话难打通" not in browse("wang").get(LIST).content.decode()
    day = (timezone.localdate() + timedelta(days=2)).isoformat()
    given = {"version": 1, "owner": cast.chen.pk, "due_on": day}
    assert li.post(f"{LIST}{made.pk}/give/", given).status_code == 302
    assert li.post(f"{LIST}{made.pk}/give/", given).status_code == 409
    assert browse("chen").get(f"{LIST}?part=mine").context["page"].rows == [made]
    assert li.post(f"{LIST}{made.pk}/close/", {"version": 2, "action": "改了值班表"}).status_code == 302
    assert li.post(f"{LIST}{made.pk}/close/", {"version": 2, "action": "改了值班表"}).status_code == 409
    assert "改了值班表" in li.get(f"{LIST}?part=closed").content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2), ("part=late", 1), ("part=mine", 0), ("part=closed", 1), ("part=nonsense", 2), ("kind=commission", 1),
        ("q=吴越", 2), ("q=nobody", 0), ("part=late&kind=commission", 0),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_by_its_address(cast: Cast, browse: Browse, query: str, found: int) -> None:
    write_tokens([cast.wu.pk])
    hear(cast, kind="commission")
    hear(cast, today=date(2026, 8, 3))
    close_grievance(hear(cast), action="已改", version=1, by=cast.li)
    page = browse("zhao").get(f"{LIST}?{query}")
    assert len(page.context["page"]) == found
    assert page.context["late"] == 1


def test_the_list_goes_page_by_page_and_keeps_its_filter(cast: Cast, browse: Browse) -> None:
    for number in range(52):
        hear(cast, text=f"第{number:02}条")
    first = browse("zhao").get(f"{LIST}?kind=service")
    assert "kind=service" in first.context["next_url"]
    second = browse("zhao").get(f"{LIST}{first.context['next_url']}")
    assert len(second.context["page"]) == 2


def test_grievances_leave_with_a_purpose_and_without_names(cast: Cast, browse: Browse) -> None:
    hear(cast)
    assert browse("zhao").post(f"{LIST}export/", {"reason": ""}).status_code == 422
    answer = browse("zhao").post(f"{LIST}export/", {"reason": "服务改进"})
    assert list(pd.read_excel(BytesIO(answer.content), engine="calamine")["客户"]) == ["吴*"]
    entry = AuditEntry.objects.get(action="retention.exported")
    assert (entry.reason, entry.after) == ("服务改进", {"rows": 1, "query": ""})


def test_the_list_costs_the_same_for_more(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    for number in range(8):
        hear(cast, text=f"第{number}条")
    zhao = browse("zhao")
    with query_budget("retention:grievance_list"):
        zhao.get(LIST)
    with query_budget("retention:grievance_panel"):
        zhao.get(f"/retention/clients/{cast.wu.pk}/grievances/")
