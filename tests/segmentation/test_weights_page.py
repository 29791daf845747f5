"""权重与试算: trying writes nothing, another person approves, and every version can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import ClientStanding
from office.dates import TradingCalendar
from office.models import AuditEntry, Role
from segmentation.forms.weights import WeightsForm
from segmentation.models import ClientScore, ScoringRun, WeightSet
from segmentation.queries.versions import weighings
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_employee
from tests.segmentation.published import FRIDAY, MONDAY, score, two_nights

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
TRY, PROPOSE = "/value/weights/try/", "/value/weights/propose/"


@pytest.fixture
def run(cast: Cast, calendar: TradingCalendar) -> ScoringRun:
    return two_nights(cast)


def figures(run: ScoringRun, **changes: str) -> dict[str, Any]:
    """Return the present version as the form sends it, with changes."""
    form = WeightsForm(present=run.weight_set)
    sent = {name: str(form[name].value()) for name in form.fields if name not in ("note", "reestimate")}
    return {**sent, "note": "下半年以产品为重点", **changes}


def propose(browse: Browse, run: ScoringRun, name: str = "zhao", **changes: str) -> WeightSet:
    data = figures(run, **{"a": "0.35", "b": "0.30", **changes}, submit="1")
    assert browse(name).post(PROPOSE, data).status_code == 302
    return WeightSet.objects.order_by("-version")[0]


def test_the_present_figures_are_no_change(run: ScoringRun) -> None:
    form = WeightsForm(figures(run), present=run.weight_set)
    assert form.is_valid(), form.errors
    assert form.changed_data == ["note"]


def test_trying_shows_the_effects_and_writes_nothing(browse: Browse, run: ScoringRun) -> None:
    before = (
        WeightSet.objects.count(),
        ClientScore.objects.count(),
        list(ClientStanding.objects.values("pk", "value")),
    )
    data = figures(run, a="0.10", b="0.80", c="0.10", person_silver_assets="25")
    response = browse("zhao").post(TRY, data)
    effects = response.context["effects"]
    assert response.status_code == 200
    assert effects.ranks_changed > 0
    assert response.context["moves"][0]["move"].rank_before != response.context["moves"][0]["move"].rank_after
    assert sum(effects.after.effective_weights) == pytest.approx(1)
    assert sum(map(sum, effects.tier_moves)) == sum(map(sum, effects.level_moves)) == effects.clients
    stayed = sum(line[place] for place, line in enumerate(effects.tier_moves))
    assert stayed == effects.clients - effects.tier_changes
    assert "与现排名相关" in response.content.decode()
    assert before == (
        WeightSet.objects.count(),
        ClientScore.objects.count(),
        list(ClientStanding.objects.values("pk", "value")),
    )


def test_htmx_gets_the_effects_alone(browse: Browse, run: ScoringRun) -> None:
    answer = browse("zhao").post(TRY, figures(run), headers={"HX-Request": "true"}).content.decode()
    assert answer.lstrip().startswith('<div class="stack" id="effects">')


def test_a_reestimated_yardstick_can_be_seen_before_it_comes(browse: Browse, run: ScoringRun) -> None:
    response = browse("zhao").post(TRY, figures(run, reestimate="on"))
    assert response.status_code == 200
    assert response.context["effects"].ranks_changed > 0  # Thursday set this month's; Friday's figures give another


@pytest.mark.parametrize(
    "wrong",
    [
        {"a": "0.50"},
        {"a": "-0.10", "b": "0.75"},
        {"a": ""},
        {"person_gold_assets": "10"},
        {"core_share": "90"},
        {"fee_fund": "150"},
    ],
)
def test_figures_that_cannot_be_are_sent_back_and_kept(browse: Browse, run: ScoringRun, wrong: dict[str, str]) -> None:
    for url in (TRY, PROPOSE):
        response = browse("zhao").post(url, figures(run, **wrong))
        assert response.status_code == 422
        assert "下半年以产品为重点" in response.content.decode()
    assert WeightSet.objects.count() == 1


def test_a_version_needs_a_note(browse: Browse, run: ScoringRun) -> None:
    assert browse("zhao").post(PROPOSE, figures(run, note=" ")).status_code == 422


def test_who_approves_sees_what_the_version_would_do(browse: Browse, cast: Cast, run: ScoringRun) -> None:
    made = propose(browse, run, person_silver_assets="45")
    url = f"/value/weights/{made.pk}/effects/"
    assert url in browse("qian").get(f"/value/weights/{made.pk}/").content.decode()
    effects = browse("qian").get(url).context["effects"]
    assert effects.tier_moves[1][0] == effects.tier_changes == 1  # the buyer of 40 万 is silver by his assets alone
    assert "<html" not in browse("qian").get(url, headers={"HX-Request": "true"}).content.decode()


@pytest.mark.req("VAL-02")
def test_a_changed_weight_is_a_new_version_that_another_person_approves(
    browse: Browse, cast: Cast, run: ScoringRun
) -> None:
    made = propose(browse, run)
    assert (made.version, made.state, made.created_by) == (2, "submitted", cast.zhao)
    url = f"/value/weights/{made.pk}/"
    assert "须由另一位" in browse("zhao").get(url).content.decode()
    assert browse("zhao").post(f"{url}approve/").status_code == 409
    cast.people["jin"] = make_employee("1010", "金岚", cast.branch, Role.BRANCH_MANAGER)
    assert "批准版本" in browse("jin").get(url).content.decode()
    assert browse("jin").post(f"{url}approve/", {"effective_on": "2026-08-21"}).status_code == 422
    assert browse("jin").post(f"{url}approve/", {"effective_on": "2026-08-24"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.approved_by, str(made.effective_on)) == ("approved", cast.people["jin"], "2026-08-24")
    assert score(cast.branch, FRIDAY).weight_set_id == run.weight_set_id
    assert score(cast.branch, MONDAY).weight_set == made
    assert ScoringRun.objects.get(pk=run.pk).weight_set_id != made.pk
    listed = browse("li").get("/value/weights/versions/").content.decode()
    assert "赵启明" in listed
    assert "金岚" in listed
    assert "下半年以产品为重点" in listed


def test_a_version_is_turned_down_with_a_reason(browse: Browse, cast: Cast, run: ScoringRun) -> None:
    made = propose(browse, run)
    cast.people["jin"] = make_employee("1010", "金岚", cast.branch, Role.BRANCH_MANAGER)
    url = f"/value/weights/{made.pk}/"
    assert browse("jin").post(f"{url}reject/", {"remark": ""}).status_code == 422
    assert browse("jin").post(f"{url}reject/", {"remark": "先看完三季度"}).status_code == 302
    assert "先看完三季度" in browse("zhao").get(url).content.decode()
    assert AuditEntry.objects.filter(action="segmentation.weights_rejected").exists()


def test_a_draft_is_kept_and_laid_before_the_approvers_later(browse: Browse, run: ScoringRun) -> None:
    assert browse("zhao").post(PROPOSE, figures(run, a="0.35", b="0.30")).status_code == 302
    made = WeightSet.objects.get(version=2)
    assert made.state == "draft"
    assert browse("zhao").post(f"/value/weights/{made.pk}/submit/").status_code == 302
    made.refresh_from_db()
    assert made.state == "submitted"
    assert "第 2 版待批准" in browse("zhao").get("/value/weights/").content.decode()


def test_who_may_not_edit_reads_the_present_version(browse: Browse, run: ScoringRun) -> None:
    page = browse("li").get("/value/weights/").content.decode()
    assert '<fieldset class="stack" disabled>' in page
    assert "提交批准" not in page


@pytest.mark.parametrize(("effective", "off"), [(0.40, False), (0.54, False), (0.56, True), (0.24, True)])
def test_an_effective_weight_far_from_the_nominal_is_told(effective: float, off: bool) -> None:
    first = weighings((0.40, 0.25, 0.35), [effective, 0.25, 0.35])[0]
    assert first.is_off is off


def test_the_version_page_shows_yardsticks_ladders_and_rates(browse: Browse, run: ScoringRun) -> None:
    page = browse("qian").get(f"/value/weights/{run.weight_set_id}/").content.decode()
    for words in ("2026年8月", "等级门槛·个人", "1.20%", "名义与实际"):
        assert words in page


def test_the_pages_of_weights_have_a_fixed_cost(browse: Browse, run: ScoringRun, query_budget: QueryBudget) -> None:
    browser = browse("zhao")
    with query_budget("segmentation:weights"):
        browser.get("/value/weights/")
    with query_budget("segmentation:weights_list"):
        browser.get("/value/weights/versions/")
    with query_budget("segmentation:weights_detail"):
        browser.get(f"/value/weights/{run.weight_set_id}/")
