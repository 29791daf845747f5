"""Answers of a survey: by phone, by link, at a forum; and what a low one sets in motion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from secrets import token_hex

from django.db import transaction
from django.utils import timezone

from clients.models import AnswerSheet, Client
from clients.operations.preferences import note_preferences
from clients.operations.questionnaires import take_answers
from clients.questionnaires import Answers
from complaints.errors import AnsweredAlready, OwnClient, SurveyOver
from complaints.models import Category, Channel, Forum, Invitation, SurveyRun
from complaints.operations.intake import take_in
from complaints.operations.surveys import count_try, drop_messages
from complaints.queries.surveys import MOST_TRIES, invitation_of_link
from complaints.rules.surveys import FORUM, MESSAGE_WAYS, ONLINE, PHONE, is_low
from office.audit import record
from office.dates import SHANGHAI
from office.models import Employee

STATE = Invitation.State
CAME_BY = {PHONE: Channel.PHONE, ONLINE: Channel.ONLINE, FORUM: Channel.COUNTER}
OPEN_STATES = (STATE.WAITING, STATE.UNREACHABLE)


@transaction.atomic
def answer_for(invitation: Invitation, answers: Answers, *, by: Employee, now: datetime | None = None) -> AnswerSheet:
    """Write down what a client said on the phone or at a forum.

    Raises OwnClient for who serves him, SurveyOver, AnsweredAlready, BadAnswers.
    """
    at = now or timezone.now()
    check_not_own(invitation, by)
    sheet = _answer(invitation, answers, by=by, at=at)
    record("complaints.survey_answered", invitation, by=by, after={"channel": invitation.channel})
    return sheet


@transaction.atomic
def answer_by_link(token: str, answers: Answers, *, now: datetime | None = None) -> AnswerSheet:
    """Take the answers a client gave by his one-time link, which is used up by it.

    Raises AnsweredAlready for a used link, SurveyOver for one that is unknown, expired or too late.
    """
    at = now or timezone.now()
    invitation = invitation_of_link(token)
    if invitation is None or (invitation.state == STATE.WAITING and not invitation.is_open_at(at)):
        raise SurveyOver("这个链接无效或已过期")
    return _answer(invitation, answers, by=None, at=at)


@transaction.atomic
def note_refusal(invitation: Invitation, *, never_again: bool, by: Employee, now: datetime | None = None) -> None:
    """Note that a client does not want to answer; with `never_again` he is asked in no later survey either."""
    at = now or timezone.now()
    check_not_own(invitation, by)
    if not count_try(invitation, STATE.REFUSED, at):
        raise AnsweredAlready("这位客户的回访已有结果，请刷新名单")
    drop_messages(invitation, at)
    if never_again:
        wishes = [(invitation.client_id, channel, "survey", "denied") for channel in (PHONE, *MESSAGE_WAYS)]
        note_preferences(invitation.run.branch, wishes, source="满意度回访", on=at.astimezone(SHANGHAI).date(), by=by)
    record("complaints.survey_refused", invitation, by=by, after={"never_again": never_again})


@transaction.atomic
def note_unreached(invitation: Invitation, *, by: Employee, now: datetime | None = None) -> None:
    """Note a call nobody took; after the third the client counts as not reached."""
    check_not_own(invitation, by)
    state = STATE.UNREACHABLE if invitation.tries + 1 >= MOST_TRIES else STATE.WAITING
    if not count_try(invitation, state, now or timezone.now()):
        raise AnsweredAlready("这位客户的回访已有结果，请刷新名单")


@transaction.atomic
def hold_forum(
    run: SurveyRun,
    clients: Sequence[Client],
    *,
    held_on: date,
    place: str,
    minutes: str,
    host: Employee,
    by: Employee,
    now: datetime | None = None,
) -> Forum:
    """Write down a forum and who came; each of them is then asked by a sheet of the run, if he has not answered.

    Who was drawn for another way is asked here instead. Raises SurveyOver if the run takes no answers.
    """
    at = now or timezone.now()
    _check_open(run, at)
    forum = Forum.objects.create(
        branch=run.branch, run=run, held_on=held_on, place=place, minutes=minutes, host=host, made_by=by
    )
    known = {row.client_id: row for row in Invitation.objects.filter(run=run, client__in=clients)}
    fresh = [
        Invitation(
            run=run, client=client, manager_id=client.standing.manager_id, channel=FORUM, way=FORUM,
            nonce=token_hex(16),
        )
        for client in clients
        if client.pk not in known
    ]  # fmt: skip
    Invitation.objects.bulk_create(fresh)
    moved = [row.pk for row in known.values() if row.state in OPEN_STATES]
    Invitation.objects.filter(pk__in=moved).update(channel=FORUM, state=STATE.WAITING)
    forum.attendees.add(*fresh, *known.values())
    record("complaints.forum_held", forum, by=by, after={"clients": len(clients)})
    return forum


def check_not_own(invitation: Invitation, by: Employee) -> None:
    """Raise OwnClient if `by` serves the client, or served him when he was drawn."""
    if by.pk in (invitation.manager_id, invitation.client.standing.manager_id):
        raise OwnClient("不能向自己服务的客户做满意度回访，请由他人询问")


def _answer(invitation: Invitation, answers: Answers, *, by: Employee | None, at: datetime) -> AnswerSheet:
    run = invitation.run
    if invitation.state == STATE.ANSWERED:
        raise AnsweredAlready("已经回答过，每人只答一次")
    _check_open(run, at)
    channel = invitation.channel if by is not None else ONLINE
    sheet = take_answers(
        run.questionnaire, invitation.client, answers, channel=channel, at=at, by=by, about=invitation.manager
    )
    rows = Invitation.objects.filter(pk=invitation.pk, state__in=OPEN_STATES)
    if rows.update(state=STATE.ANSWERED, sheet=sheet, answered_at=at) != 1:
        raise AnsweredAlready("已经回答过，每人只答一次")
    drop_messages(invitation, at)
    if is_low(sheet.score) and run.low_opens == SurveyRun.LowOpens.COMPLAINT:
        _open_complaint(invitation, sheet, by)
    return sheet


def _check_open(run: SurveyRun, at: datetime) -> None:
    if not run.takes_answers(at.astimezone(SHANGHAI).date()):
        raise SurveyOver("这次调查不在进行中")


def _open_complaint(invitation: Invitation, sheet: AnswerSheet, by: Employee | None) -> None:
    """Take a low answer in as a complaint that names who it is about: so he neither handles nor sees it."""
    about = invitation.manager
    attitude = is_low(sheet.topics.get("attitude"))
    complaint = take_in(
        invitation.run.branch,
        by=by,
        channel=CAME_BY[sheet.channel],
        category=Category.STAFF_ATTITUDE if attitude else Category.OTHER,
        content=_content(invitation.run, sheet),
        caller_name=invitation.client.name,
        client=invitation.client,
        parties=[about] if about is not None else [],
        now=sheet.at,
    )
    Invitation.objects.filter(pk=invitation.pk).update(complaint_id=complaint.pk)


def _content(run: SurveyRun, sheet: AnswerSheet) -> str:
    texts = [str(answer) for answer in _texts(sheet)]
    said = f"客户意见：{'；'.join(texts)}" if texts else "客户没有写明原因"
    return f"满意度调查「{run.title}」得分 {sheet.score:g}（满分 5 分）。{said}"


def _texts(sheet: AnswerSheet) -> list[str]:
    written = sheet.questionnaire.questions.filter(kind="text").order_by("number").values_list("number", flat=True)
    return [str(sheet.answers[str(number)]) for number in written if str(number) in sheet.answers]
