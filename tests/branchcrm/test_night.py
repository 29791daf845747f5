"""The night: what stands in the morning, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import override_settings

from branchcrm import steps
from branchcrm.control_totals import control_totals
from branchcrm.feed_of_day import DayFeed, due_days
from branchcrm.night import FIGURES, MORNING, Outcome, run_night
from branchcrm.night_ledger import close
from branchcrm.operations import NightNotRefused, accept_gates, ask_for_night
from branchcrm.queries.nights import NightRow
from branchcrm.tasks import night_by_hand
from clients.models import ClientStanding
from clients.operations.feed import import_feed
from office.dates import CalendarExhausted, TradingCalendar
from office.errors import DomainError
from office.jobs import Ledger
from office.models import AuditEntry, Branch, CalendarDay, Employee, JobRun, Notice
from office.operations.calendar import seed_calendar
from office.queries.days import forget_calendars
from segmentation.models import AllocationPlan, ClientScore, ScoringRun
from segmentation.queries.runs import input_hash
from service_logs.models import Signal, Task
from tests.branchcrm.night_branch import (
    AFTER,
    BEFORE,
    CODE,
    DAY,
    archive,
    deliver_day,
    deliver_history,
    hand_out,
    metrics,
    staffed_branch,
)
from tests.clients.deliveries import deliver as write
from tests.conftest import make_branch

SATURDAY = date(2026, 8, 22)


@pytest.fixture
def branch(calendar: TradingCalendar, tmp_path: Path) -> Branch:
    """A branch whose night of Thursday 2026-08-20 stands published."""
    made = staffed_branch()
    deliver_history(tmp_path / "history")
    hand_out(made)
    assert run_night(made, BEFORE) == Outcome.PUBLISHED
    mail.outbox.clear()
    made.refresh_from_db()
    return made


@pytest.fixture
def deliver(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that delivers a day to the branch."""
    counter = iter(range(100))
    return lambda day, **fields: deliver_day(tmp_path / f"day{next(counter)}", day, **fields)


def night_of(day: date, edition: int = 1) -> JobRun:
    return JobRun.objects.get(name="night", as_of=day, edition=edition)


def step_of(code: str, day: date = DAY, edition: int = 1) -> JobRun:
    return JobRun.objects.get(name=f"night.{code}", as_of=day, edition=edition)


def data_date(branch: Branch) -> date | None:
    return Branch.objects.get(pk=branch.pk).data_as_of


def result(branch: Branch) -> dict[str, Any]:
    """What readers see: everybody's standing, tasks and the candidates."""
    return {
        "standing": list(ClientStanding.objects.order_by("pk").values()),
        "tasks": sorted(Task.objects.values_list("client", "title", "due_at", "owner", "state")),
        "signals": sorted(Signal.objects.values_list("client", "rule", "occurrence")),
        "plans": list(AllocationPlan.objects.order_by("plan_no").values_list("plan_no", "state", "as_of")),
    }


# --- A night that goes well -----------------------------------------------------------------------


def test_a_night_publishes_scores_tasks_and_the_data_date(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    assert run_night(branch, DAY) == Outcome.PUBLISHED
    assert data_date(branch) == DAY
    run = ScoringRun.objects.get(as_of=DAY)
    assert run.state == ScoringRun.State.PUBLISHED
    assert set(ClientStanding.objects.values_list("score_run_id", flat=True)) <= {run.pk, run.previous_id}
    assert Task.objects.filter(made_on=DAY).exists()


def test_every_step_tells_what_it_saw_changed_and_took(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    run_night(branch, DAY)
    for step in [*FIGURES, *MORNING]:
        row = step_of(step.code)
        assert row.state == JobRun.State.DONE, step.code
        assert row.seconds is not None
        assert row.peak_mb, step.code
    assert step_of("feed").rows_seen == 40
    assert step_of("scores").rows_changed == 40
    assert night_of(DAY).detail["figures"]["clients"] == 40


def test_a_branch_without_staff_has_its_figures_and_no_plan(calendar: TradingCalendar, tmp_path: Path) -> None:
    made = make_branch(CODE)
    deliver_history(tmp_path / "history")
    assert run_night(made, BEFORE) == Outcome.PUBLISHED
    assert step_of("candidates", BEFORE).skipped == {"营业部没有可服务的员工": 1}
    assert step_of("scores", BEFORE).rows_changed == 40
    assert not AllocationPlan.objects.exists()


def test_the_directors_are_told_once_with_figures(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    for _ in range(2):
        run_night(branch, DAY)
    notices = Notice.objects.filter(key__contains=str(DAY))
    assert [(notice.employee.staff_no, "已发布" in notice.text) for notice in notices] == [("1004", True)]
    assert [message.bcc for message in mail.outbox] == [["zhao@example.com"]]
    assert "服务客户  40 位" in str(mail.outbox[0].body)


def test_a_mail_server_that_is_away_keeps_no_branch_from_opening(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_PORT=1):
        assert run_night(branch, DAY) == Outcome.PUBLISHED
    assert JobRun.objects.get(name="report.published", as_of=DAY).skipped["邮件未能发出"] == 1


def test_the_command_is_the_twin_of_the_task(branch: Branch, deliver: Callable[..., Any], capsys: Any) -> None:
    deliver(DAY)
    call_command("night", "--date", DAY.isoformat(), "--branch", "8801")
    told = capsys.readouterr().out
    assert "published" in told
    assert all(step.label in told for step in [*FIGURES, *MORNING])


# --- Nothing twice --------------------------------------------------------------------------------


def test_a_second_night_of_the_same_inputs_ends_at_once(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    run_night(branch, DAY)
    before, steps = result(branch), JobRun.objects.count()
    assert run_night(branch, DAY) == Outcome.NOTHING_NEW
    assert result(branch) == before
    assert JobRun.objects.count() == steps


def test_a_corrected_delivery_is_a_new_edition(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    run_night(branch, DAY)
    tasks = Task.objects.count()
    deliver(DAY, factor=1.01)
    assert run_night(branch, DAY) == Outcome.PUBLISHED
    assert night_of(DAY, edition=2).state == JobRun.State.DONE
    first, second = ScoringRun.objects.filter(as_of=DAY).order_by("edition")
    assert second.supersedes == first
    assert ClientScore.objects.filter(run=first).count() == 40
    assert Task.objects.count() == tasks


def test_a_day_behind_the_published_one_is_left_alone(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    run_night(branch, DAY)
    deliver(BEFORE, factor=1.01)
    assert run_night(branch, BEFORE) == Outcome.OVERTAKEN
    assert data_date(branch) == DAY


@pytest.mark.parametrize("is_published", [False, True])
def test_the_delivery_of_a_later_day_is_nothing_new_to_an_earlier_night(
    branch: Branch, deliver: Callable[..., Any], is_published: bool
) -> None:
    deliver(DAY, clients=43)  # new clients and accounts beside the day's rows
    deliver(DAY, factor=1.01)  # and a correction
    if is_published:
        run_night(branch, DAY)
    assert run_night(branch, BEFORE) == Outcome.NOTHING_NEW
    assert ScoringRun.objects.filter(as_of=BEFORE).count() == 1


def test_days_that_a_later_delivery_brings_late_are_new_to_their_night(branch: Branch, tmp_path: Path) -> None:
    before = input_hash(branch, BEFORE)
    days = [*metrics(BEFORE, 41)[40:], *metrics(DAY, 41)]
    import_feed(write(tmp_path / "late", {**archive(41), "daily_metrics.csv": days}, asof=DAY.isoformat()), today=DAY)
    assert input_hash(branch, BEFORE) != before


@pytest.fixture
def short_calendar(branch: Branch) -> Iterator[None]:
    """A calendar whose next year nobody uploaded: it ends with the day of the night."""
    CalendarDay.objects.filter(day__gt=DAY).delete()
    forget_calendars()
    yield
    forget_calendars()


@pytest.mark.usefixtures("short_calendar")
def test_a_night_that_breaks_off_is_told_and_publishes_nothing(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    before = result(branch)
    for _ in range(2):  # a quarter of an hour later it breaks off again and is not told again
        with pytest.raises(CalendarExhausted):
            run_night(branch, DAY)
    assert result(branch) == before
    assert data_date(branch) == BEFORE
    night = night_of(DAY)
    assert night.state == JobRun.State.FAILED
    assert NightRow(night).kind == "failed"
    assert "请营销系统管理员在「系统 → 交易日历」上传所缺年份" in NightRow(night).note
    assert [notice.text.split("。")[0] for notice in Notice.objects.filter(key__contains=str(DAY))] == [
        "夜间作业 8月21日：失败"
    ]
    assert len(mail.outbox) == 1
    seed_calendar()
    forget_calendars()
    assert run_night(branch, DAY) == Outcome.PUBLISHED


# --- Without a feed, without trading --------------------------------------------------------------


def test_before_six_a_night_waits_for_its_feed(branch: Branch) -> None:
    assert run_night(branch, DAY, may_degrade=False) == Outcome.WAITING
    assert not JobRun.objects.filter(name="night", as_of=DAY).exists()


def test_without_a_feed_the_old_scores_stand_and_dates_are_still_kept(branch: Branch) -> None:
    scores = list(ClientStanding.objects.order_by("pk").values_list("value", "tier", "rank", "score_run_id"))
    assert run_night(branch, DAY) == Outcome.DEGRADED
    assert list(ClientStanding.objects.order_by("pk").values_list("value", "tier", "rank", "score_run_id")) == scores
    branch.refresh_from_db()
    assert (branch.data_as_of, branch.degraded_on) == (BEFORE, DAY)
    assert not JobRun.objects.filter(name__in=["night.scores", "night.publish", "night.gates"], as_of=DAY).exists()
    assert night_of(DAY).detail["missing"] == ["daily_metrics"]
    assert Signal.objects.filter(day=DAY, rule__code="risk_assessment_expiry").exists()


@pytest.mark.parametrize(
    "told",
    [
        {"files": [{"file": "daily_metrics.csv"}, {"file": "trades.csv.gz"}]},
        {"control_totals": {CODE: {"trades": 12}}},
    ],
)
def test_a_night_waits_for_what_the_manifest_promises_and_names_it(
    branch: Branch, tmp_path: Path, told: dict[str, Any]
) -> None:
    files = {"daily_metrics.csv": metrics(DAY, 40)}
    import_feed(write(tmp_path / "part", dict(files), asof=DAY.isoformat(), **told), today=DAY)
    assert run_night(branch, DAY, may_degrade=False) == Outcome.WAITING
    assert run_night(branch, DAY) == Outcome.DEGRADED
    assert night_of(DAY).detail["missing"] == ["trades"]
    trade = {
        "trade_id": "T1", "date": DAY.isoformat(), "account_no": f"A{CODE}00000001", "sec_code": "600000", "side": "B",
        "amount": "1050.00", "commission": "5.00",
    }  # fmt: skip
    import_feed(write(tmp_path / "rest", {"trades.csv": [trade]}, asof=DAY.isoformat()), today=DAY)
    assert run_night(branch, DAY) == Outcome.PUBLISHED


def test_one_of_two_files_of_a_kind_that_failed_leaves_the_day_incomplete(branch: Branch, tmp_path: Path) -> None:
    files: dict[str, Any] = {"daily_metrics_1.csv": "", "daily_metrics_2.csv": metrics(DAY, 40)}
    import_feed(write(tmp_path / "two", dict(files), asof=DAY.isoformat()), today=DAY)
    assert DayFeed(branch, DAY).missing == ["daily_metrics"]


def test_a_feed_that_comes_late_makes_up_for_the_degraded_night(branch: Branch, deliver: Callable[..., Any]) -> None:
    run_night(branch, DAY)
    expiries = Signal.objects.filter(rule__code="risk_assessment_expiry").count()
    deliver(DAY)
    assert run_night(branch, DAY) == Outcome.PUBLISHED
    branch.refresh_from_db()
    assert (branch.data_as_of, branch.degraded_on) == (DAY, None)
    assert night_of(DAY, edition=2).detail["outcome"] == "published"
    assert Signal.objects.filter(rule__code="risk_assessment_expiry").count() == expiries


def test_on_a_day_without_trading_only_dates_are_looked_at(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    run_night(branch, DAY)
    assert run_night(branch, SATURDAY) == Outcome.BY_DATE
    assert data_date(branch) == DAY
    assert {row.name for row in JobRun.objects.filter(as_of=SATURDAY, name__startswith="night.")} == {
        f"night.{step.code}" for step in MORNING if step.by_date
    }
    assert run_night(branch, SATURDAY) == Outcome.NOTHING_NEW


def test_missed_nights_are_owed_in_their_order(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    deliver(AFTER)
    assert due_days(branch, AFTER) == [DAY, AFTER]
    assert due_days(branch, date(2026, 8, 25)) == [DAY, AFTER, date(2026, 8, 25)]


# --- Gates ----------------------------------------------------------------------------------------


@pytest.fixture
def refused(branch: Branch, deliver: Callable[..., Any]) -> Branch:
    """A branch whose Friday brings more new clients than a night lets through unseen."""
    deliver(DAY, clients=43)
    before = result(branch)
    assert run_night(branch, DAY) == Outcome.REFUSED
    assert result(branch) == before | {"standing": result(branch)["standing"]}
    return branch


def closed(run: JobRun) -> list[str]:
    return [gate["code"] for gate in run.detail["gates"] if not gate["passed"]]


def test_a_closed_gate_keeps_the_draft_and_changes_nothing_readers_see(refused: Branch) -> None:
    run = night_of(DAY)
    assert (run.state, run.detail["outcome"], closed(run)) == ("failed", "refused", ["clients"])
    assert data_date(refused) == BEFORE
    assert ScoringRun.objects.get(as_of=DAY).state == ScoringRun.State.DRAFT
    assert not ClientStanding.objects.filter(score_run_id=run.detail["run"]).exists()
    assert not Task.objects.filter(made_on=DAY).exists()


def test_what_the_rolled_back_morning_counted_stays_to_be_looked_at(refused: Branch) -> None:
    row = step_of("tasks")
    assert row.state == JobRun.State.SKIPPED
    assert row.rows_changed > 0
    assert step_of("scores").state == JobRun.State.DONE
    assert [notice.text for notice in Notice.objects.filter(key__contains=str(DAY))] == [
        "夜间作业 8月21日：校验未通过。草稿已保留，未发布；各页沿用上次结果"
    ]


def test_a_gate_that_a_named_person_lets_pass_publishes_the_same_draft(refused: Branch) -> None:
    zhao = Employee.objects.get(staff_no="1004")
    accept_gates(night_of(DAY).pk, ["clients"], "三位新开户已与柜台核对", by=zhao)
    draft = ScoringRun.objects.get(as_of=DAY)
    assert run_night(refused, DAY) == Outcome.PUBLISHED
    draft.refresh_from_db()
    assert draft.state == ScoringRun.State.PUBLISHED
    assert night_of(DAY).detail["accepted"]["clients"]["by"] == "赵启明"
    entry = AuditEntry.objects.get(action="branchcrm.gate_accepted")
    assert (entry.actor, entry.reason) == (zhao, "三位新开户已与柜台核对")
    assert "7.50%" in str(entry.after)


def test_a_gate_left_closed_refuses_again(refused: Branch) -> None:
    assert run_night(refused, DAY) == Outcome.REFUSED
    assert night_of(DAY).attempts == 2


@pytest.mark.parametrize(
    ("codes", "reason"), [(["clients"], " "), (["tiers"], "已核对"), (["nulls"], "已核对"), ([], "x")]
)
def test_only_a_closed_gate_is_let_pass_and_only_with_a_reason(refused: Branch, codes: list[str], reason: str) -> None:
    with pytest.raises(NightNotRefused):
        accept_gates(night_of(DAY).pk, codes, reason, by=Employee.objects.get(staff_no="1004"))


def test_a_night_that_was_published_has_no_gate_to_let_pass(branch: Branch) -> None:
    with pytest.raises(NightNotRefused):
        accept_gates(night_of(BEFORE).pk, ["clients"], "已核对", by=Employee.objects.get(staff_no="1004"))


def test_totals_that_are_not_what_the_counter_promised_close_a_gate_until_they_are(
    branch: Branch, deliver: Callable[..., Any]
) -> None:
    total = sum(float(row["total_assets"]) for row in metrics(DAY, 40))
    deliver(DAY, promised_yuan=round(total * 1.001, 2))
    assert run_night(branch, DAY) == Outcome.REFUSED
    assert closed(night_of(DAY)) == ["promise"]
    deliver(DAY, promised_yuan=round(total, 2))
    assert run_night(branch, DAY) == Outcome.PUBLISHED
    assert closed(night_of(DAY)) == []


@pytest.fixture
def unknown(branch: Branch, tmp_path: Path) -> Path:
    """A delivery with accounts nobody knows, more than a night lets through."""
    folder = write(tmp_path / "unknown", {"daily_metrics.csv": metrics(DAY, 41)}, asof=DAY.isoformat())
    import_feed(folder, today=DAY)
    assert run_night(branch, DAY) == Outcome.REFUSED
    assert closed(night_of(DAY)) == ["unknown"]
    return folder


def test_a_corrected_delivery_without_unknown_accounts_is_looked_at_afresh(
    branch: Branch, unknown: Path, deliver: Callable[..., Any]
) -> None:
    deliver(DAY)
    assert run_night(branch, DAY) == Outcome.PUBLISHED


def test_the_same_delivery_after_its_accounts_are_known_is_looked_at_afresh(
    branch: Branch, unknown: Path, tmp_path: Path
) -> None:
    import_feed(write(tmp_path / "archive", {**archive(41)}, asof=DAY.isoformat()), today=DAY)
    import_feed(unknown, today=DAY)
    run_night(branch, DAY)
    assert "unknown" not in closed(night_of(DAY, edition=2))
    assert step_of("feed", edition=2).skipped == {}


def test_what_was_scored_is_what_the_accounts_say_to_the_fen(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    run_night(branch, DAY)
    totals = control_totals(branch, DAY, BEFORE)
    assert totals.assets[0] == totals.assets[1] > 0
    assert totals.commission[0] == totals.commission[1] > 0


# --- Asked for by a person ------------------------------------------------------------------------


def test_a_night_is_asked_for_and_answered(branch: Branch, deliver: Callable[..., Any]) -> None:
    deliver(DAY)
    zhao = Employee.objects.get(staff_no="1004")
    run = ask_for_night(DAY, by=zhao)
    assert run.state == JobRun.State.WAITING
    night_by_hand("8801", DAY.isoformat())
    run.refresh_from_db()
    assert (run.state, run.detail["answer"]["outcome"]) == ("done", "published")
    assert AuditEntry.objects.filter(action="branchcrm.night_asked", actor=zhao).exists()


def test_nobody_asks_for_a_night_that_lies_ahead(branch: Branch) -> None:
    with pytest.raises(DomainError):
        ask_for_night(date(2099, 1, 2), by=Employee.objects.get(staff_no="1004"))


def test_a_night_in_which_a_step_sees_nothing_of_what_it_should_says_so(branch: Branch) -> None:
    night, ledger = steps.open_night(branch, DAY), Ledger()
    night.ledgers["signals"] = Ledger(seen=0, expected=40)
    close(night, ledger, "published", undone=[])
    assert ledger.detail["hollow"] == ["signals"]
