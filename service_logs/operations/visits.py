"""A return visit given to somebody independent, tried, recorded, and what follows from what the client said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from clients.operations.relations import confirm_relation, deny_relation
from clients.queries.subjects import asker
from office.audit import record
from office.dates import SHANGHAI
from office.errors import Conflict
from office.independence import bar
from office.models import Employee, Role
from office.operations.notices import notify
from service_logs.errors import NotIndependentCaller, NotTheCaller, TooLate, Unanswered
from service_logs.models import ReturnVisit, Task
from service_logs.operations.tasks import complete_tasks
from service_logs.queries.scripts import script_for
from service_logs.queries.visit_base import whom_about
from service_logs.rules.visits import MOST_TRIES, TOPICS, alarms, kept_until, outcome, unanswered

VISIT_TASKS = {  # kind → the MOT types whose task it answers
    ReturnVisit.Kind.NEW_ACCOUNT: ("new_account_visit",),
    ReturnVisit.Kind.COMPLAINT: ("complaint_visit",),
}
RELATION_TASK = "relation_pending"
UNTOLD, VISITED = (ReturnVisit.Outcome.REFUSED, ReturnVisit.Outcome.UNREACHABLE), "已回访"


@dataclass(frozen=True)
class Said:
    """What a client said: topic → answer and topic → note, whether he knows who won him, what he would have better."""

    answers: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    recognised: str = ""
    opinion: str = ""
    recording_ref: str = ""
    is_refused: bool = False


def refuse_dependent(visit: ReturnVisit, employee: Employee, on: date) -> None:
    """Raise NotIndependentCaller if `employee` may not make the visit: the hard rule of every path."""
    assert visit.client_id is not None
    (subjects,) = whom_about([visit], on)
    hindrance = bar(asker(employee, visit.branch_id, on), subjects)
    if hindrance is not None:
        raise NotIndependentCaller(f"{employee.name}{hindrance.value}，不能回访此客户")


@transaction.atomic
def assign_visit(visit: ReturnVisit, caller: Employee, *, version: int, by: Employee, today: date) -> ReturnVisit:
    """Give an open visit to somebody independent.

    Raises NotIndependentCaller, Conflict if somebody saved since `version`, TooLate if it was made meanwhile.
    """
    refuse_dependent(visit, caller, today)
    before = visit.caller_id
    _write(visit, version, caller=caller)
    record("service_logs.visit_assigned", visit, by=by, before={"caller": before}, after={"caller": caller.pk})
    return visit


@transaction.atomic
def note_try(visit: ReturnVisit, *, version: int, by: Employee, now: datetime) -> ReturnVisit:
    """Note that the client was not reached; on the third day of trying the visit ends as such."""
    today = now.astimezone(SHANGHAI).date()
    _refuse_other(visit, by, today)
    again = visit.last_try_at is not None and visit.last_try_at.astimezone(SHANGHAI).date() == today
    tries = visit.tries if again else visit.tries + 1
    if tries >= MOST_TRIES:
        changes = _ended(ReturnVisit.Outcome.UNREACHABLE, by, today)
        _write(visit, version, tries=tries, last_try_at=now, **changes)
        _end_tasks(visit, by)
    else:
        _write(visit, version, tries=tries, last_try_at=now, caller=by)
    record("service_logs.visit_tried", visit, by=by, after={"tries": tries})
    return visit


@transaction.atomic
def record_visit(visit: ReturnVisit, said: Said, *, version: int, by: Employee, today: date) -> ReturnVisit:
    """Keep what the client said, and let follow what follows: tasks end, the relation is settled, compliance is told.

    A relation that he does not recognise ends only with the reference of the recording; without it the visit
    stands on the list of denied relations in force. Raises NotIndependentCaller, NotTheCaller, Unanswered, Conflict.
    """
    _refuse_other(visit, by, today)
    if not said.is_refused and (missing := unanswered(said.answers)):
        raise Unanswered(f"还有未问的内容：{'、'.join(topic.label for topic in missing)}")
    script = script_for(visit.script_key, visit.branch)
    _write(
        visit, version, script=script, questions=_questions(script), **_heard(said),
        **_ended(_outcome(said), by, today),
    )  # fmt: skip
    _settle_relation(visit, by, today)
    _end_tasks(visit, by)
    _tell_compliance(visit)
    record("service_logs.visit_recorded", visit, by=by, after={"kind": visit.kind, "recorded": True})
    return visit


@transaction.atomic
def add_recording(visit: ReturnVisit, recording_ref: str, *, version: int, by: Employee, today: date) -> ReturnVisit:
    """Name the recording of a visit that was recorded without; a denied relation ends with it (RVS-03)."""
    refuse_dependent(visit, by, today)
    changed = ReturnVisit.objects.filter(pk=visit.pk, version=version, state="done", recording_ref="").update(
        recording_ref=recording_ref.strip(), version=F("version") + 1
    )
    if not changed:
        raise Conflict("此次回访刚被他人修改，或已有录音编号")
    visit.refresh_from_db()
    if visit.recognised == ReturnVisit.Recognised.NO:
        _settle_relation(visit, by, today)
    record("service_logs.recording_added", visit, by=by, after={"recording_ref": visit.recording_ref})
    return visit


def _refuse_other(visit: ReturnVisit, by: Employee, today: date) -> None:
    if visit.caller_id not in (None, by.pk):
        raise NotTheCaller("此次回访已分派他人；请先改派再登记")
    refuse_dependent(visit, by, today)


def _write(visit: ReturnVisit, version: int, **changes: Any) -> None:
    """Save onto the open visit at `version`. Raises TooLate if it was made meanwhile, Conflict if it was changed."""
    held = ReturnVisit.objects.filter(pk=visit.pk, state="open", version=version)
    if held.update(**changes, version=version + 1) != 1:
        if not ReturnVisit.objects.filter(pk=visit.pk, state="open").exists():
            raise TooLate("此次回访已经登记，内容不再更改")
        raise Conflict("此次回访刚被他人修改，请刷新后再登记")
    visit.refresh_from_db()


def _ended(result: str, by: Employee, today: date) -> dict[str, Any]:
    return {
        "state": ReturnVisit.State.DONE, "outcome": result, "caller": by, "done_on": today,
        "kept_until": kept_until(today),
    }  # fmt: skip


def _heard(said: Said) -> dict[str, Any]:
    if said.is_refused:
        return {"opinion": said.opinion.strip(), "recording_ref": said.recording_ref.strip()}
    return {
        "answers": {
            topic.key: {"said": said.answers[topic.key], "note": said.notes.get(topic.key, "").strip()}
            for topic in TOPICS
        },
        "recognised": said.recognised,
        "opinion": said.opinion.strip(),
        "recording_ref": said.recording_ref.strip(),
        "is_alarming": bool(alarms(said.answers)),
    }


def _outcome(said: Said) -> str:
    if said.is_refused:
        return str(ReturnVisit.Outcome.REFUSED)
    return outcome(said.answers, denies_relation=said.recognised == ReturnVisit.Recognised.NO)


def _questions(script: Any) -> list[list[str]]:
    """Return the questions as they were put: the script's, one for each topic, else the house's own."""
    lines = script.question_lines if script is not None else []
    asked = lines if len(lines) == len(TOPICS) else [topic.question for topic in TOPICS]
    return [[topic.key, line] for topic, line in zip(TOPICS, asked, strict=True)]


def _settle_relation(visit: ReturnVisit, by: Employee, today: date) -> None:
    if visit.relation is None or not visit.recognised:
        return
    if visit.recognised == ReturnVisit.Recognised.YES:
        confirm_relation(visit.relation, visit=str(visit.pk), on=today, by=by)
    elif visit.recording_ref:
        deny_relation(visit.relation, recording_ref=visit.recording_ref, visit=str(visit.pk), on=today, by=by)


def _end_tasks(visit: ReturnVisit, by: Employee) -> None:
    """End the MOT tasks that asked for this visit, and that for the relation if the client spoke of it.

    Their result says that he was visited, never what he said: the manager reads tasks.
    """
    assert visit.client_id is not None
    owed = Task.objects.filter(client_id=visit.client_id).owed()
    words = str(visit.get_outcome_display()) if visit.outcome in UNTOLD else VISITED
    codes = VISIT_TASKS.get(ReturnVisit.Kind(visit.kind), ())
    asked = owed.filter(rule__code__in=codes)
    if visit.kind == ReturnVisit.Kind.COMPLAINT:
        asked = asked.filter(signal__occurrence=visit.occurrence)
    complete_tasks(asked, result=words, by=by)
    if visit.recognised or visit.kind == ReturnVisit.Kind.RELATION:
        complete_tasks(owed.filter(rule__code=RELATION_TASK), result=words, by=by)


def _tell_compliance(visit: ReturnVisit) -> None:
    """Put an alarm behind the bell of compliance, of nobody else: whom it is about must not be warned."""
    if not visit.is_alarming:
        return
    (subjects,) = whom_about([visit], timezone.localdate())
    people = Employee.objects.filter(branch=visit.branch, is_active=True, roles__contains=[Role.COMPLIANCE]).exclude(
        pk__in=subjects.ids
    )
    said = {key: row["said"] for key, row in visit.answers.items()}
    topics = "、".join(topic.label for topic in alarms(said))
    text = f"回访发现涉嫌违规（{topics}）：{visit.client}"
    notify(people, f"visit-alarm:{visit.pk}", text, reverse("service_logs:visit_detail", args=[visit.pk]))
