"""What happens to surveys by itself: runs end, reminders are written, and what waits is sent by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import pandas as pd
import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import ChannelPreference
from complaints.models import SurveyMessage, SurveyRun
from complaints.operations.survey_answers import answer_by_link
from complaints.operations.survey_watch import watch_runs
from complaints.operations.surveys import make_run, mark_sent, open_run
from complaints.operations.yearly import remind_of_report
from complaints.queries.surveys import token_of
from complaints.tasks import remind_of_reports, watch_surveys
from office.models import AuditEntry, Employee, Notice, Role
from tests.budgets import QueryBudget
from tests.complaints.asking import CONTENT, at, book, online, plan
from tests.conftest import Cast, make_employee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
START = at("2026-08-24 10:00")  # a Monday
WAITING = "/complaints/surveys/waiting/"


def run_of(cast: Cast, **fields: object) -> SurveyRun:
    """Return a run by link of wu, open since Monday and sent at once."""
    ChannelPreference.objects.get_or_create(client=cast.wu, channel="sms", purpose="survey", state="granted")
    given = {"channels": ["online"], "opens_on": date(2026, 8, 24), "closes_on": date(2026, 12, 30)} | fields
    run = make_run(plan(**given), by=cast.zhao)
    open_run(run, by=cast.zhao, now=START)
    mark_sent(SurveyMessage.objects.filter(invitation__run=run), at=START)
    return run


def state(run: SurveyRun) -> str:
    run.refresh_from_db()
    return run.state


def reminders() -> int:
    return SurveyMessage.objects.filter(kind="reminder").count()


@pytest.mark.parametrize("channels", [["online"], ["phone"]])
def test_a_run_ends_by_itself_after_its_last_day(cast: Cast, channels: list[str]) -> None:
    run = run_of(cast, closes_on=date(2026, 9, 1), channels=channels)
    watch_runs(cast.branch, at("2026-09-01 16:40"))
    assert state(run) == "open"
    assert watch_runs(cast.branch, at("2026-09-02 09:40")).changed == 1
    assert state(run) == "closed"
    assert watch_runs(cast.branch, at("2026-09-02 10:40")).seen == 0
    entry = AuditEntry.objects.get(action="complaints.survey_ended")
    assert (entry.actor, entry.actor_name, entry.branch_id) == (None, "调查计时", cast.branch.pk)


def test_a_run_by_link_ends_when_its_links_have_died_after_thirty_days(cast: Cast) -> None:
    run = run_of(cast, reminders_most=0)
    watch_runs(cast.branch, at("2026-09-23 09:40"))
    assert state(run) == "open"
    watch_runs(cast.branch, at("2026-09-23 10:40"))
    assert state(run) == "closed"
    assert not SurveyMessage.objects.filter(state="waiting").exists()


def test_a_run_by_link_ends_when_everybody_answered(cast: Cast) -> None:
    run = run_of(cast)
    answer_by_link(token_of(run.invitations.get()), CONTENT, now=START + timedelta(hours=1))
    watch_runs(cast.branch, START + timedelta(hours=3))
    assert state(run) == "closed"


def test_who_has_not_answered_is_reminded_once(cast: Cast) -> None:
    run_of(cast)
    watch_runs(cast.branch, at("2026-08-28 10:40"))
    assert reminders() == 0
    for moment in ("2026-08-31 10:40", "2026-08-31 11:40", "2026-09-01 10:40"):
        watch_runs(cast.branch, at(moment))
        assert reminders() == 1
    mark_sent(SurveyMessage.objects.all(), at=at("2026-09-01 11:00"))
    watch_runs(cast.branch, at("2026-09-15 10:40"))
    assert reminders() == 1
    assert AuditEntry.objects.filter(action="complaints.survey_reminded").count() == 1


@pytest.mark.parametrize(
    "moment",
    [
        "2026-08-31 07:59", "2026-08-31 12:00", "2026-08-31 21:30", "2026-09-05 10:00", "2026-10-05 10:00",
    ],
)  # fmt: skip
def test_nothing_is_written_or_ended_by_night_at_noon_at_weekends_and_on_holidays(cast: Cast, moment: str) -> None:
    run = run_of(cast, closes_on=date(2026, 8, 30))
    ledger = watch_runs(cast.branch, at(moment))
    assert ledger.skipped == {"非工作时间": 1}
    assert (state(run), reminders(), Notice.objects.count()) == ("open", 0, 0)


def test_a_reminder_written_within_the_quiet_hours_waits_for_their_end(cast: Cast) -> None:
    cast.branch.quiet_from, cast.branch.quiet_until = "16:00", "09:30"
    cast.branch.save()
    run_of(cast)
    watch_runs(cast.branch, at("2026-08-31 16:40"))
    assert SurveyMessage.objects.get(kind="reminder").not_before == at("2026-09-01 09:30")


def test_who_sends_is_told_once_a_day_what_waits(cast: Cast) -> None:
    run_of(cast)
    SurveyMessage.objects.update(state="waiting", done_at=None)
    for moment in ("2026-08-25 09:40", "2026-08-25 10:40", "2026-08-26 09:40"):
        watch_runs(cast.branch, at(moment))
    told = Notice.objects.filter(employee=cast.zhao)
    assert [one.text for one in told] == ["1 条调查邀请或提醒待发送"] * 2
    assert told[0].url == WAITING
    assert not Notice.objects.filter(employee=cast.li).exists()


# --- Sent by hand ---------------------------------------------------------------------------------


def due(cast: Cast) -> SurveyMessage:
    """Return the message of wu's invitation, which may go out now."""
    rows = SurveyMessage.objects.filter(invitation=online(cast)[0])
    rows.update(not_before=timezone.now())
    return rows.get()


def test_the_words_of_a_message_are_shown_one_at_a_time_and_noted(cast: Cast, browse: Browse) -> None:
    message = due(cast)
    link = f"/s/{token_of(message.invitation)}/"
    listed = browse("zhao").get(WAITING).content.decode()
    assert "吴越" in listed
    assert link not in listed
    shown = browse("zhao").post(f"{WAITING}{message.pk}/")
    assert link in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    entry = AuditEntry.objects.get(action="complaints.survey_message_shown")
    assert (entry.actor, entry.branch_id) == (cast.zhao, cast.branch.pk)
    assert link not in str(entry.after)


def test_what_was_sent_by_hand_is_marked_and_counted(cast: Cast, browse: Browse) -> None:
    message = due(cast)
    for _ in range(2):
        browse("zhao").post(f"{WAITING}sent/", {"ids": [message.pk, "x", 10**30]})
    message.refresh_from_db()
    assert message.state == "sent"
    assert AuditEntry.objects.get(action="complaints.survey_messages_sent").after == {"rows": 1}
    assert "没有待发送的短信" in browse("zhao").get(WAITING).content.decode()


def test_messages_leave_the_house_with_a_purpose(cast: Cast, browse: Browse) -> None:
    message = due(cast)
    assert browse("zhao").post(f"{WAITING}export/", {}).status_code == 422
    answer = browse("zhao").post(f"{WAITING}export/", {"reason": "群发"})
    table = pd.read_excel(BytesIO(answer.content), engine="calamine")
    assert token_of(message.invitation) in table["正文"][0]
    entry = AuditEntry.objects.get(action="complaints.survey_links_exported")
    assert (entry.reason, entry.after) == ("群发", {"rows": 1})


def test_nobody_sends_to_the_clients_he_serves_himself(cast: Cast, browse: Browse) -> None:
    message = due(cast)
    cast.wu.standing.manager = cast.zhao
    cast.wu.standing.save()
    assert "没有待发送的短信" in browse("zhao").get(WAITING).content.decode()
    assert browse("zhao").post(f"{WAITING}{message.pk}/").status_code == 404


def test_what_waits_for_the_morning_is_not_offered(cast: Cast, browse: Browse) -> None:
    message = due(cast)
    SurveyMessage.objects.update(not_before=timezone.now() + timedelta(hours=9))
    assert browse("zhao").post(f"{WAITING}{message.pk}/").status_code == 404


def test_the_page_costs_the_same_with_many_messages(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    for client in book(cast, cast.li, 30):
        ChannelPreference.objects.create(client=client, channel="sms", purpose="survey", state="granted")
    due(cast)
    SurveyMessage.objects.update(not_before=timezone.now())
    browser = browse("zhao")
    with query_budget("complaints:survey_waiting"):
        assert browser.get(WAITING).context["count"] == 31


# --- The report of the year -----------------------------------------------------------------------


def told_of_report(*people: Employee) -> list[int]:
    return [Notice.objects.filter(employee=person, text__contains="投诉报告").count() for person in people]


def test_the_yearly_report_is_brought_to_mind_once_a_year_from_31_march(cast: Cast) -> None:
    head = make_employee("1009", "郑总", cast.branch, Role.BRANCH_MANAGER)
    remind_of_report(cast.branch, date(2026, 3, 30))
    assert told_of_report(head, cast.qian) == [0, 0]
    for day in (date(2026, 3, 31), date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1)):
        remind_of_report(cast.branch, day)
        assert told_of_report(head, cast.qian, cast.zhao) == [1, 1, 0]
    notice = Notice.objects.get(employee=head)
    assert (notice.url, notice.text[:6]) == ("/complaints/yearly/?year=2025", "2025 年")
    remind_of_report(cast.branch, date(2027, 3, 31))
    assert told_of_report(head, cast.qian) == [2, 2]


def test_beat_calls_both_for_every_branch(cast: Cast) -> None:
    watch_surveys()
    remind_of_reports()
