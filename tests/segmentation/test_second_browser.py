"""Two people with the same page open: the second hears what has become of it, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import ClientStanding, ServiceAssignment
from office.models import AuditEntry
from segmentation.models import AllocationPlan, ManagerChangeRequest, TierHistory
from segmentation.operations.changes import ask_for_change
from segmentation.operations.proposing import propose_plan
from segmentation.operations.weights import Proposal, propose_weights, submit_weights
from tests.conftest import Cast
from tests.segmentation.plan_branch import AS_OF, clients, manager

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]


@pytest.fixture
def draft(cast: Cast) -> AllocationPlan:
    """A draft that gives ten clients of an overloaded manager to another."""
    clients(cast, manager(cast, "3001", minutes=100), 120, 100)
    manager(cast, "3002", minutes=1000)
    return propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=cast.zhao)


def steps(*names: str) -> list[tuple[str, dict[str, str]]]:
    return [(name, {"reason": "暂缓"} if name == "reject" else {}) for name in names]


@pytest.mark.parametrize(
    ("before", "again", "said"),
    [
        (steps("publish"), "publish", "待批准"),
        (steps("publish", "approve"), "approve", "已批准"),
        (steps("publish", "approve", "apply"), "apply", "已应用"),
        (steps("publish", "approve", "apply", "undo"), "undo", "已撤销"),
        (steps("publish", "reject"), "approve", "已驳回"),
        (steps("publish", "approve", "apply"), "reject", "已应用"),
    ],
)
def test_a_step_taken_from_an_old_page_is_refused_with_the_present_state(
    browse: Browse, draft: AllocationPlan, before: list[tuple[str, dict[str, str]]], again: str, said: str
) -> None:
    first, second, url = browse("zhao"), browse("zhao"), draft.get_absolute_url()
    for name, words in before:
        assert first.post(f"{url}{name}/", words).status_code == 302
    managers = dict(ClientStanding.objects.values_list("client", "manager"))
    entries, relations = AuditEntry.objects.count(), ServiceAssignment.objects.count()
    refused = second.post(f"{url}{again}/", {"reason": "来晚了"})
    assert refused.status_code == 409
    assert said in refused.content.decode()
    assert dict(ClientStanding.objects.values_list("client", "manager")) == managers
    assert (AuditEntry.objects.count(), ServiceAssignment.objects.count()) == (entries, relations)


def test_lines_decided_from_an_old_page_of_a_plan_that_moved_on_stay_as_they_were(
    browse: Browse, draft: AllocationPlan
) -> None:
    url, old = draft.get_absolute_url(), browse("zhao")
    for name in ("publish", "approve"):
        browse("zhao").post(f"{url}{name}/")
    line = draft.lines.all()[0]
    refused = old.post(f"{url}lines/", {"ids": [line.pk], "decision": "reject", "remark": "来晚了"})
    assert refused.status_code == 409
    line.refresh_from_db()
    assert line.state == "approved"


def test_weights_approved_by_one_are_not_turned_down_by_another(browse: Browse, cast: Cast) -> None:
    made = propose_weights(cast.branch, Proposal(Decimal("0.5"), Decimal("0.2"), Decimal("0.3")), by=cast.li)
    submit_weights(made, by=cast.li)
    url, day = made.get_absolute_url(), timezone.localdate() + timedelta(30)
    assert browse("zhao").post(f"{url}approve/", {"effective_on": day.isoformat()}).status_code == 302
    refused = browse("zhao").post(f"{url}reject/", {"remark": "再想想"})
    assert refused.status_code == 409
    made.refresh_from_db()
    assert made.state == "approved"


def test_a_request_refused_by_one_is_not_granted_by_another(browse: Browse, cast: Cast) -> None:
    change = ask_for_change(cast.wu, channel="counter", by=cast.zhou)
    url = change.get_absolute_url()
    assert browse("zhao").post(f"{url}refuse/", {"note": "客户已与经理谈妥", "version": "1"}).status_code == 302
    late = browse("zhao").post(f"{url}grant/", {"to": cast.wang.pk, "version": "1", "note": ""})
    assert late.status_code == 409
    assert ManagerChangeRequest.objects.get(pk=change.pk).state == "refused"
    assert ClientStanding.objects.get(client=cast.wu).manager == cast.li


def test_a_tier_set_by_hand_is_ended_once(browse: Browse, cast: Cast) -> None:
    until = (timezone.localdate() + timedelta(60)).isoformat()
    url = f"/value/clients/{cast.wu.pk}/tier/"
    made = browse("zhao").post(url, {"tier": "gold", "until": until, "reason": "家族客户"})
    assert made.status_code == 302
    assert browse("zhao").post(f"{url}end/", {"reason": "到期"}).status_code == 302
    assert browse("zhao").post(f"{url}end/", {"reason": "到期"}).status_code == 409
    assert TierHistory.objects.filter(client=cast.wu, reason="override_ended").count() == 1
