"""流失风险: the list by value at risk with its reasons, one client's panel, the back-test, versions of the points."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from django.test import Client as Browser

from clients.models import Account, Client
from complaints.models import ComplaintParty, Invitation
from complaints.operations.survey_answers import answer_for
from office.dates import TradingCalendar
from office.errors import DomainError
from office.models import AuditEntry
from office.partitions import ensure_months
from retention.models import ChurnRun, ChurnScore, ChurnStanding, PointSet
from retention.models.churn import house_points
from retention.operations.churn import score_churn
from retention.operations.churn_events import raise_churn
from retention.operations.points import Proposal, approve_points, check_proposal, ensure_points, propose_points
from retention.queries.backtest import backtest
from service_logs.models import Task
from tests.budgets import QueryBudget
from tests.complaints.asking import ANGRY, opened
from tests.complaints.making import complain
from tests.conftest import Cast, make_client
from tests.retention.test_churn import roll
from tests.service_logs import facts
from tests.service_logs.facts import NIGHT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
LIST, POINTS = "/retention/", "/retention/points/"
WAN = 1_000_000  # fen


def leaver(cast: Cast, number: int, *kinds: str, contribution: int = 1_000_00, **fields: Any) -> Client:
    """Make a client of li to whom these events happened, scored with the branch later."""
    manager = fields.pop("manager", cast.li)
    standing = {"contribution_fen": contribution, "tier": fields.pop("tier", "gold")}
    made = make_client(
        cast.branch, f"8801000001{number:02d}", manager=manager, name=f"客户{number:02d}", standing=standing
    )
    facts.stand_at(made, commission_250_fen=contribution)
    for kind in kinds:
        facts.event(made, kind)
    return made


@pytest.fixture
def branch(cast: Cast, calendar: TradingCalendar) -> Cast:
    """A branch with a warned client who matters, an alarmed one who does not, and a quiet one."""
    leaver(cast, 1, "close_request", contribution=9_000_00)
    leaver(cast, 2, "close_request", "cancel_designation", contribution=100_00, manager=cast.wang, tier="silver")
    facts.have(leaver(cast, 3), risk_valid_to=date(2026, 7, 1))
    roll(cast)
    score_churn(cast.branch, NIGHT)
    return cast


def names(browser: Browser, query: str = "") -> list[str]:
    return [line.row.client.name for line in browser.get(f"{LIST}{query}").context["lines"]]


def test_the_list_ranks_by_value_at_risk_and_says_why(branch: Cast, browse: Browse) -> None:
    assert names(browse("zhao")) == ["客户01", "客户02"]
    text = browse("zhao").get(LIST).content.decode()
    assert "申请销户" in text
    assert "4,500" in text  # 9,000 × 0.5
    assert "警报 1" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?sort=-score", ["客户02", "客户01"]),
        ("?sort=contribution", ["客户02", "客户01"]),
        ("?band=3", ["客户02"]),
        ("?band=0", ["客户03"]),
        ("?reason=moved_out", ["客户02"]),
        ("?tier=gold", ["客户01"]),
        ("?band=0&reason=papers_expired", ["客户03"]),
        ("?band=nonsense&reason=nonsense", ["客户01", "客户02"]),
    ],
)
def test_the_list_is_narrowed_and_turned_by_its_address(
    branch: Cast, browse: Browse, query: str, expected: list[str]
) -> None:
    assert names(browse("zhao"), query) == expected


def test_the_list_is_narrowed_by_manager(branch: Cast, browse: Browse) -> None:
    assert names(browse("zhao"), f"?manager={branch.wang.pk}") == ["客户02"]
    assert names(browse("zhao"), "?manager=0") == []


def test_each_sees_the_clients_he_serves(branch: Cast, browse: Browse) -> None:
    assert names(browse("li")) == ["客户01"]
    assert names(browse("wang")) == ["客户02"]
    assert names(browse("sun")) == []


def test_the_pages_go_on_where_the_last_one_ended(cast: Cast, browse: Browse) -> None:
    for number in range(60):
        leaver(cast, number, "close_request", contribution=10_000_00 - number * 100)
    roll(cast)
    score_churn(cast.branch, NIGHT)
    first = browse("zhao").get(LIST)
    rest = names(browse("zhao"), first.context["next_url"])
    assert rest == [f"客户{number:02d}" for number in range(50, 60)]


def test_an_export_names_its_purpose_and_holds_what_the_page_shows(branch: Cast, browse: Browse) -> None:
    assert browse("zhao").post("/retention/export/", {}).status_code == 422
    response = browse("zhao").post("/retention/export/?band=3", {"reason": "9月挽留例会"})
    table = pd.read_excel(BytesIO(response.content), engine="calamine")
    assert list(table["客户"]) == ["客户02"]
    assert "撤指定" in table["原因"][0]
    entry = AuditEntry.objects.get(action="retention.exported")
    assert (entry.reason, (entry.after or {}).get("rows")) == ("9月挽留例会", 1)


def test_the_panel_tells_the_reasons_of_one_client(branch: Cast, browse: Browse) -> None:
    client = Client.objects.get(name="客户01")
    assert "申请销户" in browse("li").get(f"/retention/clients/{client.pk}/panel/").content.decode()
    assert "没有流失迹象" in browse("li").get(f"/retention/clients/{branch.wu.pk}/panel/").content.decode()
    assert "/retention/clients/" in browse("li").get(client.get_absolute_url()).content.decode()


def test_whom_a_client_judged_badly_in_a_survey_does_not_learn_it_from_the_score(cast: Cast, browse: Browse) -> None:
    client = leaver(cast, 1, "close_request")
    facts.stand_at(cast.wu)
    invitation = Invitation.objects.get(run=opened(cast), client=client)
    answer_for(invitation, ANGRY, by=cast.zhao, now=facts.at(NIGHT, 9))
    complain(cast, client=client, now=facts.at(NIGHT, 9), received_at=facts.at(NIGHT, 9))  # li sees its outline
    roll(cast)
    score_churn(cast.branch, NIGHT)
    assert "low_satisfaction" in ChurnStanding.objects.get(pk=client.pk).codes
    told = {who: [one["code"] for one in browse(who).get(LIST).context["lines"][0].reasons] for who in ("zhao", "li")}
    assert "low_satisfaction" in told["zhao"]
    assert told["li"] == ["leaving"]
    assert names(browse("li"), "?reason=low_satisfaction") == []
    assert names(browse("zhao"), "?reason=low_satisfaction") == ["客户01"]
    raise_churn(cast.branch, NIGHT)
    assert Task.objects.get(rule__code="churn_alarm").owner != cast.li


def test_nobody_named_in_a_complaint_learns_of_it_from_the_score(cast: Cast, browse: Browse) -> None:
    client = leaver(cast, 1, "close_request")
    facts.stand_at(cast.wu)
    complaint = complain(cast, client=client, now=facts.at(NIGHT, 9), received_at=facts.at(NIGHT, 9))
    ComplaintParty.objects.create(complaint=complaint, employee=cast.li, named_at=facts.at(NIGHT, 9))
    roll(cast)
    score_churn(cast.branch, NIGHT)
    assert ChurnStanding.objects.get(pk=client.pk).score == 75
    line = browse("zhao").get(LIST).context["lines"][0]
    assert (line.score, line.band) == (75, 3)
    hidden = browse("li").get(LIST).context["lines"][0]
    assert (hidden.score, hidden.band, [one["code"] for one in hidden.reasons]) == (60, 2, ["leaving"])
    panel = browse("li").get(f"/retention/clients/{client.pk}/panel/", headers={"HX-Request": "true"})
    assert "60.0" in panel.content.decode()
    assert "投诉" not in panel.content.decode()
    assert "75.0" not in panel.content.decode()
    assert names(browse("li"), "?reason=complaint") == []
    assert names(browse("zhao"), "?reason=complaint") == ["客户01"]
    raise_churn(cast.branch, NIGHT)
    task = Task.objects.get(rule__code="churn_alarm")
    assert task.owner != cast.li
    assert "投诉" not in task.why


def past_scores(cast: Cast, *found: tuple[Client, int, list[str]]) -> ChurnRun:
    """Write a run of March whose horizon is over by the latest run."""
    run = ChurnRun.objects.create(
        branch=cast.branch,
        as_of=date(2026, 3, 31),
        point_set=ensure_points(cast.branch, NIGHT),
        fingerprint="",
        clients=4,
    )
    ensure_months(ChurnScore, [run.as_of])
    ChurnScore.objects.bulk_create(
        ChurnScore(
            run=run, client=client, branch=cast.branch, as_of=run.as_of, score=0, band=band, value_at_risk_fen=0,
            signals=[{"code": code, "points": 1, "since": "2026-03-30", "fact": ""} for code in codes],
        )
        for client, band, codes in found
    )  # fmt: skip
    return run


def test_the_back_test_counts_who_left_within_the_horizon(branch: Cast, browse: Browse) -> None:
    one, two, three = Client.objects.filter(name__startswith="客户").order_by("name")
    past_scores(branch, (one, 3, ["leaving"]), (two, 2, ["outflow"]), (three, 0, []), (branch.wu, 0, []))
    facts.event(one, "close", date(2026, 4, 10))
    Account.objects.filter(client=two).update(closed_on=date(2026, 5, 6), status="closed")
    facts.event(branch.wu, "custody_transfer", date(2026, 8, 3))  # beyond the horizon
    found = backtest(branch.branch)
    table = {line.band: (line.clients, line.left, line.share, line.lift) for line in found.everybody.lines}
    assert table == {3: (1, 1, 1.0, 2.0), 2: (1, 1, 1.0, 2.0), 1: (0, 0, None, None), 0: (2, 0, 0.0, 0.0)}
    assert (found.everybody.clients, found.everybody.left) == (4, 2)
    early = {line.band: (line.clients, line.left) for line in found.early.lines}
    assert early == {3: (0, 0), 2: (1, 1), 1: (0, 0), 0: (2, 0)}
    page = browse("zhao").get("/retention/backtest/").content.decode()
    assert "提升倍数" in page
    assert "等待「每日盈亏」" in page


def test_a_branch_without_ripe_scores_says_when_there_will_be_some(branch: Cast, browse: Browse) -> None:
    assert "还没有满一季的评分" in browse("zhao").get("/retention/backtest/").content.decode()


def form_of(present: PointSet, **changes: Any) -> dict[str, Any]:
    values = {f"points_{code}": points for code, points in present.points.items()}
    values |= {"half_life_days": 20, "limit_watch": 30, "limit_warn": 50, "limit_alarm": 70}
    values |= {"factor_quiet": 10, "factor_watch": 25, "factor_warn": 50, "factor_alarm": 80, "note": "按季度回测调整"}
    return values | changes


def test_a_version_is_proposed_compared_and_approved_by_another(branch: Cast, browse: Browse) -> None:
    present = ensure_points(branch.branch, NIGHT)
    response = browse("zhao").post(f"{POINTS}new/", form_of(present, points_leaving=20))
    made = PointSet.objects.get(version=2)
    assert response["Location"] == made.get_absolute_url()
    effects = browse("zhao").get(f"{made.get_absolute_url()}effects/").context["trial"]
    assert effects.bands == [("警报", 1, 1), ("预警", 1, 0), ("关注", 0, 0), ("平稳", 1, 2)]
    assert [(move.before, move.after) for move in effects.moves] == [(60, 20)]
    assert browse("zhao").post(f"{made.get_absolute_url()}approve/").status_code == 409
    with pytest.raises(DomainError, match="提出人以外"):
        approve_points(made, by=branch.zhao)
    approve_points(made, by=branch.qian)
    assert made.effective_on == date(2026, 8, 24)
    assert ensure_points(branch.branch, NIGHT) == present
    assert ensure_points(branch.branch, date(2026, 8, 24)) == made


def test_a_version_turned_down_scores_nothing(branch: Cast, browse: Browse) -> None:
    made = propose_points(branch.branch, Proposal(house_points(), note="试试"), by=branch.chen)
    browse("zhao").post(f"{made.get_absolute_url()}reject/", {"remark": "依据不足"})
    made.refresh_from_db()
    assert (made.state, made.remark) == ("rejected", "依据不足")
    assert browse("zhao").post(f"{made.get_absolute_url()}approve/").status_code == 409


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"note": ""}, "原因"),
        ({"points": {"leaving": 60}}, "每个信号"),
        ({"points": {**house_points(), "leaving": 101}}, "0 与 100"),
        ({"limits": (50, 50, 70)}, "逐级提高"),
        ({"factors": (0.5, 0.25, 0.5, 0.8)}, "风险系数"),
        ({"half_life_days": 0}, "半衰期"),
    ],
)
def test_a_version_that_cannot_be_used_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DomainError, match=message):
        check_proposal(Proposal(**{"points": house_points(), "note": "调整", **changes}))


def test_a_form_with_mistakes_keeps_what_was_typed(branch: Cast, browse: Browse) -> None:
    present = ensure_points(branch.branch, NIGHT)
    response = browse("zhao").post(f"{POINTS}new/", form_of(present, limit_warn=20))
    assert response.status_code == 422
    assert "逐级提高" in response.content.decode()


def test_the_pages_cost_the_same_for_any_number_of_clients(
    cast: Cast, browse: Browse, query_budget: QueryBudget
) -> None:
    for number in range(50):
        leaver(cast, number, "close_request")
    roll(cast)
    score_churn(cast.branch, NIGHT)
    browser = browse("zhao")
    with query_budget("retention:list"):
        browser.get(LIST)
    with query_budget("retention:points"):
        browser.get(POINTS)
    client = Client.objects.get(name="客户01")
    with query_budget("retention:client_panel"):
        browser.get(f"/retention/clients/{client.pk}/panel/")
