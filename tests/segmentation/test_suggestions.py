"""What managers suggest themselves: how far it weighs, who reads it, what it leaves in the audit book."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from django.test import Client as Browser
from django.urls import reverse

from office.errors import DomainError
from office.models import AuditEntry
from segmentation.allocation.suggestions import KINDS, of_kind, suggested
from segmentation.fit import ClientTraits, fit
from segmentation.models import AllocationPlan, ClientSuggestion, SuitedKinds
from segmentation.operations.proposing import propose_plan
from segmentation.operations.wishes import state_kinds, suggest_client, withdraw_suggestion
from tests.budgets import QueryBudget
from tests.conftest import Cast
from tests.segmentation.plan_branch import AS_OF, clients, manager

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
DAY = date(2026, 8, 24)


def two_clients() -> ClientTraits:
    """A gold client of commission, and an old general one of assets."""
    return ClientTraits(
        value_type=np.array(["commission", "asset"]),
        grade=np.array(["vip", "ordinary"]),
        tier=np.array(["gold", "general"]),
        risk_level=np.array(["C4", "C1"]),
        age_years=np.array([40.0, 71.0]),
        years_since_opening=np.array([5.0, 0.5]),
        is_institution=np.array([False, False]),
        has_margin=np.array([True, False]),
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("type:commission", [True, False]),
        ("tier:general", [False, True]),
        ("style:gentle", [False, True]),
        ("style:margin", [True, False]),
        ("style:newcomer", [False, True]),
    ],
)
def test_a_fact_of_the_client_makes_the_kind(code: str, expected: list[bool]) -> None:
    assert code in KINDS
    assert of_kind(two_clients(), code).tolist() == expected


def test_each_field_of_the_page_has_a_label_of_its_own(browse: Browse, cast: Cast) -> None:
    text = browse("li").get(reverse("segmentation:suggestions")).content.decode()
    fields = re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', text)
    assert len(fields) == len(set(fields))
    assert {"kinds_note", "id_note"} <= set(fields)
    assert 'for="kinds_note"' in text


def test_every_kind_can_be_asked_of_a_client() -> None:
    assert all(of_kind(two_clients(), code).shape == (2,) for code in KINDS)


def test_a_name_goes_before_a_kind_and_silence_says_nothing() -> None:
    none = np.zeros((2, 2), dtype=bool)
    released = np.array([[True, False], [False, False]])
    wanted = np.array([[False, False], [False, True]])
    points = suggested(two_clients(), [["tier:gold", "tier:general"], []], wanted, released)
    assert points.tolist()[0][0] == 0
    assert points.tolist()[1] == [100, 100]
    assert np.isnan(points[0, 1])
    assert np.isnan(suggested(two_clients(), [[], []], none, none)).all()


@pytest.mark.req("MGR-03")
def test_a_suggestion_weighs_a_sixteenth_of_the_known_parts() -> None:
    half, nothing = np.array([[50.0]]), np.array([[np.nan]])
    assert fit(half, half, half, nothing)[0, 0] == pytest.approx(50)
    assert fit(half, half, half, np.array([[100.0]]))[0, 0] == pytest.approx((0.75 * 50 + 0.05 * 100) / 0.80)
    assert fit(half, half, half, np.array([[0.0]]))[0, 0] == pytest.approx(0.75 * 50 / 0.80)


@pytest.mark.req("MGR-03")
def test_a_suggestion_decides_between_equals_and_stands_in_the_reason(cast: Cast) -> None:
    leaver, first, second = manager(cast, "3001"), manager(cast, "3002"), manager(cast, "3003")
    moved = clients(cast, leaver, 1, 100)[0]
    type(leaver).objects.filter(pk=leaver.pk).update(is_active=False, left_on=date(2026, 8, 20))
    for favourite in (first, second):
        SuitedKinds.objects.all().delete()
        state_kinds(favourite, ["type:asset"], "")
        line = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao).lines.get(client=moved)
        assert line.to_manager == favourite
        assert "新经理自我建议" in line.detail


def test_giving_up_a_client_stands_in_the_reason_of_his_line(cast: Cast) -> None:
    giver = manager(cast, "3001")
    manager(cast, "3002")
    given = clients(cast, giver, 1, 100)[0]
    suggest_client(given, "release", "家在外地", on=DAY, by=giver)
    type(giver).objects.filter(pk=giver.pk).update(is_active=False, left_on=date(2026, 8, 20))
    line = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao).lines.get(client=given)
    assert "原经理建议转出" in line.detail


def test_kinds_are_audited_when_they_change_and_only_then(cast: Cast) -> None:
    assert state_kinds(cast.li, ["tier:gold"], "熟悉基金")
    assert not state_kinds(cast.li, ["tier:gold"], "熟悉基金")
    entry = AuditEntry.objects.get(action="segmentation.kinds_stated")
    assert entry.actor == cast.li
    assert entry.after == {"kinds": ["tier:gold"], "note": "熟悉基金"}


def test_one_asks_for_others_and_gives_up_ones_own(cast: Cast) -> None:
    with pytest.raises(DomainError, match="已在您名下"):
        suggest_client(cast.wu, "want", "", on=DAY, by=cast.li)
    with pytest.raises(DomainError, match="自己名下"):
        suggest_client(cast.wu, "release", "", on=DAY, by=cast.wang)
    said = suggest_client(cast.wu, "want", "老同学", on=DAY, by=cast.wang)
    with pytest.raises(DomainError):
        withdraw_suggestion(said, by=cast.li)
    withdraw_suggestion(said, by=cast.wang)
    assert not ClientSuggestion.objects.exists()
    assert AuditEntry.objects.filter(action__startswith="segmentation.", subject_id=str(cast.wu.pk)).count() == 2


def test_a_manager_fills_in_his_page_and_does_not_learn_names(browse: Browse, cast: Cast) -> None:
    wang, url = browse("wang"), reverse("segmentation:suggestions")
    wang.post(reverse("segmentation:kinds_state"), {"kinds": ["tier:gold", "style:margin"], "note": "做过两融"})
    wang.post(
        reverse("segmentation:suggestion_add"), {"client_no": cast.wu.client_no, "kind": "want", "note": "老同学"}
    )
    page = wang.get(url).content.decode()
    assert 'value="tier:gold"' in page
    assert "老同学" in page
    assert "吴越" not in page
    unknown = wang.post(reverse("segmentation:suggestion_add"), {"client_no": "1", "kind": "want", "note": "无"})
    assert unknown.status_code == 422
    assert "本营业部没有这个客户号" in unknown.content.decode()


@pytest.mark.req("MGR-03")
def test_the_director_reads_the_suggestions_beside_the_matrix(
    browse: Browse, cast: Cast, query_budget: QueryBudget
) -> None:
    state_kinds(cast.wang, ["style:margin"], "")
    suggest_client(cast.wu, "want", "老同学", on=DAY, by=cast.wang)
    zhao = browse("zhao")
    with query_budget("segmentation:matrix"):
        page = zhao.get(reverse("segmentation:matrix")).content.decode()
    assert "两融" in page
    assert "王珂：" in page
    assert "老同学" in page
    wang = browse("wang")
    with query_budget("segmentation:suggestions"):
        wang.get(reverse("segmentation:suggestions"))
