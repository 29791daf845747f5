"""Surveys: prepared, drawn and opened, ended; links and reminders that wait to be sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from secrets import token_hex
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clients.models import Questionnaire
from complaints.errors import RunNotReady
from complaints.models import Invitation, SurveyMessage, SurveyRun
from complaints.queries.surveys import draw, last_written_to, token_hash, token_of, wishes_of
from complaints.rules.surveys import ONLINE, allowed_from, link_until, reminder_is_due, way_of
from office.audit import record
from office.dates import SHANGHAI
from office.models import Branch, Employee

BATCH = 2_000
WATCH = "调查计时"  # who acts when nobody of the branch does


@dataclass(frozen=True)
class Plan:
    """What a run asks, of whom and when; the fields of SurveyRun."""

    title: str
    questionnaire: Questionnaire
    channels: list[str]
    opens_on: date
    closes_on: date
    audience: dict[str, Any] = field(default_factory=dict)
    sample_size: int | None = None
    sample_share: float | None = None
    seed: int = 1
    reminders_most: int = 1
    remind_after_days: int = 5
    low_opens: str = SurveyRun.LowOpens.EVENT


@transaction.atomic
def make_run(plan: Plan, *, by: Employee) -> SurveyRun:
    """Prepare a run of the branch of `by`; nobody is asked before `open_run`."""
    if plan.questionnaire.state != Questionnaire.State.ACTIVE:
        raise RunNotReady("只能用在用的问卷调查")
    if by.branch is None:
        raise RunNotReady("没有所属营业部")
    run = SurveyRun.objects.create(branch=by.branch, made_by=by, **vars(plan))
    record("complaints.survey_made", run, by=by, after={"questionnaire": str(plan.questionnaire)})
    return run


@transaction.atomic
def edit_run(run: SurveyRun, plan: Plan, *, by: Employee) -> SurveyRun:
    """Change a run that has not begun. Raises RunNotReady if it has."""
    if plan.questionnaire.state != Questionnaire.State.ACTIVE:
        raise RunNotReady("只能用在用的问卷调查")
    if SurveyRun.objects.filter(pk=run.pk, state=SurveyRun.State.DRAFT).update(**vars(plan)) != 1:
        raise RunNotReady("这次调查已经开始，不能再改")
    run.refresh_from_db()
    record("complaints.survey_made", run, by=by, after={"questionnaire": str(plan.questionnaire)})
    return run


@transaction.atomic
def open_run(run: SurveyRun, *, by: Employee, now: datetime | None = None) -> int:
    """Draw the sample by the run's seed, invite everybody whose consent allows it, and open; return how many.

    Who refused surveys on every channel of the run is not asked, only counted. Links are issued to those
    asked online and wait as messages. Raises RunNotReady if it is open already, over, or nobody can be asked.
    """
    at = now or timezone.now()
    if run.closes_on < at.astimezone(SHANGHAI).date():
        raise RunNotReady("结束日已过，请改期后再开始")
    drawn = SurveyRun.objects.filter(pk=run.pk, state=SurveyRun.State.DRAFT).update(state=SurveyRun.State.OPEN)
    if drawn != 1:
        raise RunNotReady("这次调查已经开始")
    found = draw(by, run)
    if not found.asked:
        raise RunNotReady("符合条件的客户中没有可以询问的人，请放宽对象或增加渠道")
    start = max(at, datetime.combine(run.opens_on, time.min, SHANGHAI))
    rows = [
        _invitation(run, client_id, found.serving[client_id], channel, way, start)
        for client_id, channel, way in found.asked
    ]
    Invitation.objects.bulk_create(rows, batch_size=BATCH)
    _write_messages(run.branch, [row for row in rows if row.token_hash], SurveyMessage.Kind.INVITATION, start, at)
    run.state, run.population, run.not_asked, run.drawn_at = run.State.OPEN, len(found.serving), found.not_asked, at
    run.save(update_fields=["population", "not_asked", "drawn_at"])
    record("complaints.survey_opened", run, by=by, after={"rows": len(rows), "not_asked": run.not_asked})
    return len(rows)


@transaction.atomic
def end_run(run: SurveyRun, *, by: Employee | None, now: datetime | None = None) -> None:
    """End an open run, before its last day or, by the watch (`by` None), after it; what waits to be sent is dropped."""
    at = now or timezone.now()
    open_rows = SurveyRun.objects.filter(pk=run.pk, state=SurveyRun.State.OPEN)
    if open_rows.update(state=SurveyRun.State.CLOSED, ended_at=at) != 1:
        raise RunNotReady("这次调查不在进行中")
    _drop(SurveyMessage.objects.filter(invitation__run=run), at)
    run.refresh_from_db()
    record("complaints.survey_ended", run, by=by, machine=WATCH)


@transaction.atomic
def make_reminders(run: SurveyRun, *, by: Employee | None, now: datetime | None = None) -> int:
    """Write reminders for who was written to long enough ago and not too often; return how many wait now.

    Who has said since that he wants no surveys gets none. They go out after the quiet hours. Without `by`
    the watch does it, and leaves no entry where there is nobody to remind.
    """
    at = now or timezone.now()
    locked = SurveyRun.objects.select_for_update().get(pk=run.pk)  # two who remind write to nobody twice
    if not locked.takes_answers(at.astimezone(SHANGHAI).date()):
        raise RunNotReady("调查不在进行中，不再提醒")
    rows = [row for row in last_written_to(run) if not row.unsent and row.last_at and _may_remind(run, row, at)]
    wishes = wishes_of([row.client_id for row in rows])
    rows = [row for row in rows if (way_of([ONLINE], wishes.get(row.client_id, {})) or ("", ""))[1] == row.way]
    _write_messages(run.branch, rows, SurveyMessage.Kind.REMINDER, at, at)
    if rows or by is not None:
        record("complaints.survey_reminded", run, by=by, after={"rows": len(rows)}, machine=WATCH)
    return len(rows)


def mark_sent(messages: Iterable[SurveyMessage], *, at: datetime) -> int:
    """Note that messages went out; return how many of them were still waiting and allowed to go by then."""
    ids = [message.pk for message in messages]
    waiting = SurveyMessage.objects.filter(pk__in=ids, state=SurveyMessage.State.WAITING, not_before__lte=at)
    return waiting.update(state=SurveyMessage.State.SENT, done_at=at)


@transaction.atomic
def note_sent(messages: Sequence[SurveyMessage], *, by: Employee, now: datetime | None = None) -> int:
    """Note that `by` sent these messages by hand; return how many of them were still waiting."""
    sent = mark_sent(messages, at=now or timezone.now())
    if sent:
        record("complaints.survey_messages_sent", "调查邀请与提醒", by=by, after={"rows": sent})
    return sent


def record_shown(message: SurveyMessage, *, by: Employee) -> None:
    """Note that `by` read the words of one message, its one-time link among them, to send it."""
    record("complaints.survey_message_shown", message.invitation, by=by, branch_id=message.invitation.run.branch_id)


def record_messages(count: int, *, reason: str, by: Employee) -> None:
    """Note that `by` took the words of `count` messages of all runs out, with the purpose."""
    record("complaints.survey_links_exported", "调查邀请与提醒", by=by, after={"rows": count}, reason=reason)


def drop_messages(invitation: Invitation, at: datetime) -> None:
    """Keep what still waits for this client from being sent: he answered, or said no."""
    _drop(SurveyMessage.objects.filter(invitation=invitation), at)


def message_text(message: SurveyMessage, site: str) -> str:
    """Return the words of a message with its link; `site` is the address of this installation without a slash."""
    invitation = message.invitation
    run = invitation.run
    again = "再次" if message.kind == SurveyMessage.Kind.REMINDER else ""
    phone = f"咨询电话 {run.branch.service_phone}，" if run.branch.service_phone else ""
    assert invitation.expires_at is not None  # set with its link
    until = timezone.localtime(invitation.expires_at)
    return (
        f"【{run.branch.name}】{again}邀请您参加「{run.title}」，约两分钟。为您服务的客户经理看不到您的回答。"
        f"一次有效，{until:%Y-%m-%d} 前：{site}/s/{token_of(invitation)}/ {phone}不再接收请回复 R"
    )


def record_links(run: SurveyRun, count: int, *, sent: int, reason: str, by: Employee) -> None:
    """Note that `by` took the links of `count` clients out to send them, and how many he marked as sent."""
    record("complaints.survey_links_exported", run, by=by, after={"rows": count, "sent": sent}, reason=reason)


def record_satisfaction_export(rows: int, *, reason: str, by: Employee) -> None:
    """Note that `by` took figures of satisfaction out, with the purpose."""
    record("complaints.satisfaction_exported", "满意度", by=by, after={"rows": rows}, reason=reason)


def _invitation(
    run: SurveyRun, client_id: int, manager_id: int | None, channel: str, way: str, start: datetime
) -> Invitation:
    row = Invitation(run=run, client_id=client_id, manager_id=manager_id, channel=channel, way=way, nonce=token_hex(16))
    if channel == ONLINE:
        row.token_hash, row.expires_at = token_hash(token_of(row)), link_until(start, run.closes_on)
    return row


def _may_remind(run: SurveyRun, row: Any, at: datetime) -> bool:
    return reminder_is_due(row.turns, run.reminders_most, row.last_at, run.remind_after_days, at)


def _write_messages(branch: Branch, rows: list[Invitation], kind: str, start: datetime, at: datetime) -> None:
    not_before = allowed_from(start, _time(branch.quiet_from), _time(branch.quiet_until))
    SurveyMessage.objects.bulk_create(
        (
            SurveyMessage(
                invitation=row, kind=kind, turn=getattr(row, "turns", -1) + 1, way=row.way, not_before=not_before,
                made_at=at,
            )
            for row in rows
        ),
        batch_size=BATCH,
    )  # fmt: skip


def _time(value: time | str) -> time:
    return time.fromisoformat(value) if isinstance(value, str) else value


def _drop(messages: Any, at: datetime) -> None:
    waiting = messages.filter(state=SurveyMessage.State.WAITING)
    waiting.update(state=SurveyMessage.State.DROPPED, done_at=at)


def count_try(invitation: Invitation, state: str, at: datetime) -> bool:
    """Count a call that brought no answer; return whether the client was still to be called."""
    rows = Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.WAITING)
    return rows.update(state=state, tries=F("tries") + 1, last_try_at=at) == 1
