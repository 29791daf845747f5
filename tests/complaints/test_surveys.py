"""Surveys from the sample to the answer: consent, links, calls, forums, reminders, low scores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.test import Client as Browser
from django.utils import timezone
from python_calamine import CalamineWorkbook

from clients.models import AnswerSheet, ChannelPreference
from complaints.errors import AnsweredAlready, OwnClient, RunNotReady, SurveyOver
from complaints.models import Complaint, Invitation, SurveyMessage, SurveyRun
from complaints.operations.survey_answers import answer_by_link, answer_for, hold_forum, note_refusal, note_unreached
from complaints.operations.surveys import (
    edit_run,
    end_run,
    make_reminders,
    make_run,
    mark_sent,
    message_text,
    open_run,
)
from complaints.queries.low_scores import low_scores
from complaints.queries.surveys import progress, to_call, token_of
from tests.access.feedback import typed
from tests.complaints.asking import ANGRY, CONTENT, answered, at, book, online, opened, plan
from tests.conftest import Cast, make_client


def invitation(cast: Cast, **fields: Any) -> Invitation:
    return Invitation.objects.get(run=opened(cast, **fields), client=cast.wu)


def test_a_run_asks_those_it_means_and_nobody_who_refused(cast: Cast) -> None:
    gold = [make_client(cast.branch, f"88010000020{n}", manager=cast.wang, standing={"tier": "gold"}) for n in range(3)]
    make_client(cast.branch, "880100000301", manager=cast.wang, standing={"tier": "gold", "is_closed": True})
    make_client(cast.other_branch, "880200000301", standing={"tier": "gold"})
    ChannelPreference.objects.create(client=gold[0], channel="phone", purpose="survey", state="denied")
    run = opened(cast, audience={"tiers": ["gold"]})
    assert set(run.invitations.values_list("client", flat=True)) == {gold[1].pk, gold[2].pk}
    run.refresh_from_db()
    assert (run.population, run.not_asked, run.state) == (3, 1, "open")


@pytest.mark.parametrize(
    ("audience", "count"),
    [
        ({}, 3), ({"types": ["asset"]}, 1), ({"contacted_since": "2026-08-01"}, 1), ({"tiers": ["diamond"]}, 0),
    ],
)  # fmt: skip
def test_filters_narrow_the_audience(cast: Cast, audience: dict[str, Any], count: int) -> None:
    make_client(cast.branch, "880100000401", standing={"value_type": "asset", "last_contact_on": date(2026, 8, 2)})
    make_client(cast.branch, "880100000402", standing={"last_contact_on": date(2026, 7, 2)})
    run = make_run(plan(audience=audience), by=cast.zhao)
    if count:
        assert open_run(run, by=cast.zhao) == count
    else:
        with pytest.raises(RunNotReady, match="没有可以询问的人"):
            open_run(run, by=cast.zhao)


def test_by_manager_or_team_and_by_sample(cast: Cast) -> None:
    book(cast, cast.wang, 9)
    assert opened(cast, audience={"managers": [cast.wang.pk]}).invitations.count() == 9
    assert opened(cast, audience={"teams": [cast.team.pk]}).invitations.get().client == cast.wu
    first, again = opened(cast, sample_size=4, seed=7), opened(cast, sample_size=4, seed=7)
    drawn = set(first.invitations.values_list("client", flat=True))
    assert (len(drawn), set(again.invitations.values_list("client", flat=True))) == (4, drawn)
    assert opened(cast, sample_share=0.25).invitations.count() == 3  # of ten, rounded up


def test_a_run_is_opened_once_and_not_changed_after(cast: Cast) -> None:
    run = make_run(plan(), by=cast.zhao)
    edit_run(run, plan(title="改名"), by=cast.zhao)
    open_run(run, by=cast.zhao)
    assert run.title == "改名"
    for again in (lambda: open_run(run, by=cast.zhao), lambda: edit_run(run, plan(), by=cast.zhao)):
        with pytest.raises(RunNotReady):
            again()
    past = make_run(plan(opens_on=date(2026, 1, 1), closes_on=date(2026, 1, 2)), by=cast.zhao)
    with pytest.raises(RunNotReady, match="结束日"):
        open_run(past, by=cast.zhao)


@pytest.mark.req("FBK-01")
def test_nobody_asks_clients_he_serves(cast: Cast) -> None:
    cast.zhao.roles = ["market_director", "client_manager"]
    cast.zhao.save()
    own, other = book(cast, cast.zhao, 1)[0], cast.wu
    run = opened(cast)
    assert [row.client for row in to_call(cast.zhao, run)] == [other]
    with pytest.raises(OwnClient):
        answer_for(run.invitations.get(client=own), CONTENT, by=cast.zhao)
    with pytest.raises(OwnClient):
        note_unreached(run.invitations.get(client=own), by=cast.zhao)
    own.standing.manager = cast.wang  # handed over since: still not by who served him when he was drawn
    own.standing.save()
    with pytest.raises(OwnClient):
        answer_for(run.invitations.get(client=own), CONTENT, by=cast.zhao)


def test_the_database_too_keeps_managers_from_taking_sheets_about_themselves(cast: Cast) -> None:
    row = invitation(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnswerSheet.objects.create(
            branch=cast.branch, client=cast.wu, questionnaire=row.run.questionnaire, about=cast.li, by=cast.li,
            answers={}, channel="phone", at=timezone.now(),
        )  # fmt: skip
    with pytest.raises(InternalError), transaction.atomic():
        Invitation.objects.filter(pk=row.pk).update(manager=cast.wang)


@pytest.mark.req("FBK-01")
def test_a_call_is_written_down_once(cast: Cast) -> None:
    row = invitation(cast)
    sheet = answer_for(row, CONTENT, by=cast.zhao)
    row.refresh_from_db()
    assert (row.state, row.sheet, sheet.about, sheet.score) == ("answered", sheet, cast.li, 4.0)
    with pytest.raises(AnsweredAlready):
        answer_for(row, CONTENT, by=cast.zhao)
    assert progress(row.run)[""].rate == 1.0


def test_two_at_one_call_leave_one_sheet(cast: Cast) -> None:
    row = invitation(cast)
    stale = Invitation.objects.select_related("run", "client__standing").get(pk=row.pk)
    answer_for(row, CONTENT, by=cast.zhao)
    with pytest.raises(AnsweredAlready):
        answer_for(stale, ANGRY, by=cast.zhao)
    assert AnswerSheet.objects.count() == 1


def test_after_three_calls_a_client_counts_as_not_reached(cast: Cast) -> None:
    row = invitation(cast)
    for state in ("waiting", "waiting", "unreachable"):
        row.refresh_from_db()
        note_unreached(row, by=cast.zhao)
        assert Invitation.objects.get(pk=row.pk).state == state
    row.refresh_from_db()
    with pytest.raises(AnsweredAlready):
        note_unreached(row, by=cast.zhao)


def test_who_wants_no_surveys_is_in_no_later_one(cast: Cast) -> None:
    note_refusal(invitation(cast), never_again=True, by=cast.zhao)
    with pytest.raises(RunNotReady):
        opened(cast)
    assert {row.channel for row in cast.wu.preferences.filter(purpose="survey", state="denied")} == {
        "phone", "sms", "email", "wecom",
    }  # fmt: skip


@pytest.mark.req("FBK-01")
def test_a_link_answers_once_without_login(cast: Cast) -> None:
    row, token = online(cast)
    browser = Browser()
    page = browser.get(f"/s/{token}/")
    assert page.status_code == 200
    told = page.content.decode()
    assert not any(secret in told for secret in (cast.wu.client_no, cast.wu.name, cast.li.name, "退出"))
    assert page["Referrer-Policy"] == "same-origin"
    assert browser.post(f"/s/{token}/", {"q1": "a"}).status_code == 422
    assert browser.post(f"/s/{token}/", typed(CONTENT)).status_code == 201
    assert "已经回答过" in browser.get(f"/s/{token}/").content.decode()
    assert browser.post(f"/s/{token}/", typed(ANGRY)).status_code == 410
    row.refresh_from_db()
    assert row.sheet is not None
    assert (row.sheet.channel, row.sheet.by, row.sheet.score, AnswerSheet.objects.count()) == ("online", None, 4.0, 1)


def test_links_die_with_their_time_and_their_run(cast: Cast) -> None:
    row, token = online(cast)
    assert (row.expires_at or timezone.now()) - timezone.now() > timedelta(days=29)
    with pytest.raises(SurveyOver):
        answer_by_link(token, CONTENT, now=timezone.now() + timedelta(days=31))
    assert Browser().get("/s/nobody-knows-this/").status_code == 404
    end_run(row.run, by=cast.zhao)
    assert Browser().get(f"/s/{token}/").status_code == 410
    with pytest.raises(SurveyOver):
        answer_by_link(token, CONTENT)


def test_the_secret_of_a_link_is_not_in_the_database(cast: Cast) -> None:
    row, token = online(cast)
    held = Invitation.objects.values().get(pk=row.pk)
    assert not any(token in str(value) for value in held.values())
    assert len(token) == 32


def test_links_cannot_be_tried_out(cast: Cast) -> None:
    browser = Browser()
    answers = [browser.get(f"/s/guess-{n}/").status_code for n in range(42)]
    assert (answers[39], answers[40]) == (404, 429)


def test_messages_wait_for_the_end_of_the_quiet_hours(cast: Cast) -> None:
    ChannelPreference.objects.create(client=cast.wu, channel="sms", purpose="survey", state="granted")
    run = make_run(plan(channels=["online"], closes_on=date(2026, 12, 30)), by=cast.zhao)
    open_run(run, by=cast.zhao, now=at("2026-08-24 22:30"))
    message = SurveyMessage.objects.get(invitation__run=run)
    assert message.not_before == at("2026-08-25 09:00")
    assert mark_sent([message], at=at("2026-08-25 08:59")) == 0
    assert mark_sent([message], at=at("2026-08-25 09:00")) == 1
    text = message_text(message, "https://crm.example")
    assert f"https://crm.example/s/{token_of(message.invitation)}/" in text
    assert f"{timezone.localtime(message.invitation.expires_at):%Y-%m-%d} 前" in text  # on the clock of the branch
    assert cast.wu.name not in text


def test_reminders_go_to_who_was_written_to_and_still_agrees(cast: Cast) -> None:
    ChannelPreference.objects.create(client=cast.wu, channel="sms", purpose="survey", state="granted")
    run = make_run(plan(channels=["online"], closes_on=date(2026, 12, 30)), by=cast.zhao)
    start = at("2026-08-24 10:00")
    open_run(run, by=cast.zhao, now=start)
    later = start + timedelta(days=6)
    assert make_reminders(run, by=cast.zhao, now=later) == 0  # the invitation has not gone out yet
    mark_sent(SurveyMessage.objects.all(), at=start)
    assert make_reminders(run, by=cast.zhao, now=start + timedelta(days=4)) == 0
    cast.wu.preferences.update(state="denied")
    assert make_reminders(run, by=cast.zhao, now=later) == 0
    cast.wu.preferences.update(state="granted")
    assert make_reminders(run, by=cast.zhao, now=later) == 1
    mark_sent(SurveyMessage.objects.all(), at=later)
    assert make_reminders(run, by=cast.zhao, now=later + timedelta(days=9)) == 0  # one reminder was granted
    answer_by_link(token_of(run.invitations.get()), CONTENT, now=later)
    assert SurveyMessage.objects.filter(state="waiting").count() == 0


def test_who_sends_gets_the_links_of_other_peoples_clients(browse: Callable[[str], Browser], cast: Cast) -> None:
    cast.zhao.roles = ["market_director", "client_manager"]
    cast.zhao.save()
    for client in (own := book(cast, cast.zhao, 1)[0], cast.wu):
        ChannelPreference.objects.create(client=client, channel="sms", purpose="survey", state="granted")
    run = opened(cast, channels=["online"])
    answer = browse("zhao").post(f"/complaints/surveys/{run.pk}/links/", {"reason": "发送", "mark_sent": "on"})
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == [cast.wu.client_no]
    assert own.client_no not in str(rows)


@pytest.mark.req("FBK-01")
def test_a_forum_asks_several_at_one_table(browse: Callable[[str], Browser], cast: Cast) -> None:
    guest = make_client(cast.branch, "880100000501", manager=cast.wang)
    run = opened(cast, audience={"managers": [cast.li.pk]})
    forum = hold_forum(
        run,
        [cast.wu, guest],
        held_on=date(2026, 8, 24),
        place="二楼",
        minutes="希望多办讲座",
        host=cast.wang,
        by=cast.zhao,
    )
    assert set(forum.attendees.values_list("client", "channel")) == {(cast.wu.pk, "forum"), (guest.pk, "forum")}
    answered(run, [cast.wu, guest], CONTENT, cast.zhao)
    assert progress(run)["forum"].answered == 2
    assert "希望多办讲座" in browse("zhao").get(forum.get_absolute_url()).content.decode()
    typed_in = {
        "held_on": "2026-08-24", "place": "三楼", "host": cast.zhao.pk, "minutes": "记录", "clients": "880100000501 1",
    }  # fmt: skip
    assert browse("zhao").post(f"/complaints/surveys/{run.pk}/forum/", typed_in).status_code == 422


@pytest.mark.req("FBK-06")
def test_no_answers_after_the_last_day(cast: Cast) -> None:
    row = invitation(cast, closes_on=date(2026, 12, 30))
    with pytest.raises(SurveyOver):
        answer_for(row, CONTENT, by=cast.zhao, now=at("2026-12-31 00:00"))


@pytest.mark.req("MOT-48")
def test_a_low_score_is_an_occasion_that_avoids_whom_it_is_about(cast: Cast) -> None:
    start = timezone.now()
    others = book(cast, cast.wang, 2)
    run = opened(cast)
    answered(run, [cast.wu], ANGRY, cast.zhao)
    answered(run, others, CONTENT, cast.zhao)
    cast.wu.standing.manager = cast.wang
    cast.wu.standing.save()
    found = low_scores(cast.branch, start, timezone.now())
    assert [(each.client_id, each.facts["score"]) for each in found] == [(cast.wu.pk, 1.0)]
    assert found[0].avoid == {cast.li.pk, cast.wang.pk}  # who served him, and who serves him now
    assert found == low_scores(cast.branch, start, timezone.now())
    assert low_scores(cast.other_branch, start, timezone.now()) == []


@pytest.mark.req("FBK-03")
def test_a_low_score_may_open_a_complaint_its_subject_never_sees(
    browse: Callable[[str], Browser], cast: Cast, calendar: Any
) -> None:
    start = timezone.now()
    row, token = online(cast, low_opens=SurveyRun.LowOpens.COMPLAINT)
    answer_by_link(token, ANGRY)
    complaint = Complaint.objects.get()
    row.refresh_from_db()
    assert row.complaint_id == complaint.pk
    assert (complaint.category, complaint.client) == ("staff_attitude", cast.wu)
    assert "接电话很不耐烦" in complaint.content
    assert complaint.handler != cast.li
    assert list(complaint.parties.values_list("employee", flat=True)) == [cast.li.pk]
    assert not Complaint.objects.visible_to(cast.li).exists()
    assert browse("li").get(f"/complaints/{complaint.pk}/").status_code == 404
    assert low_scores(cast.branch, start, timezone.now()) == []  # the complaint raises occasions of its own


def test_the_lists_of_surveys_keep_their_budget(
    browse: Callable[[str], Browser], cast: Cast, query_budget: Any
) -> None:
    clients = book(cast, cast.wang, 20)
    runs = [opened(cast, title=f"第 {n} 次") for n in range(4)]
    answered(runs[0], clients[:10], CONTENT, cast.zhao)
    browser = browse("zhao")
    for name, address in (
        ("complaints:survey_list", "/complaints/surveys/"),
        ("complaints:survey_detail", f"/complaints/surveys/{runs[0].pk}/"),
        ("complaints:survey_calls", f"/complaints/surveys/{runs[1].pk}/calls/"),
    ):
        with query_budget(name):
            assert browser.get(address).status_code == 200


def test_pages_say_what_is_not_sent(browse: Callable[[str], Browser], cast: Cast) -> None:
    row, _ = online(cast)
    assert "系统不直接发出短信" in browse("zhao").get(row.run.get_absolute_url()).content.decode()
