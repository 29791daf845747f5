"""What every operation begins and ends with: the locked row, the rules for all, the line and the entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from complaints.errors import FactMissing, MayNotApprove, NamedInComplaint, NotMergeable, NotTheHandler, WrongStep
from complaints.models import Complaint, State, Step
from complaints.operations import clocks
from complaints.queries.scope import is_named, leads
from complaints.queries.staff import eligible_approvers
from complaints.rules.states import ENDED, Act, after, may
from office.audit import record
from office.dates import SHANGHAI
from office.errors import Conflict
from office.models import Employee, Notice

AUDIT = {
    Act.TAKE_IN: "taken_in",
    Act.INVESTIGATE: "investigated",
    Act.FIND_CAUSE: "cause_found",
    Act.PROPOSE: "planned",
    Act.APPROVE: "plan_approved",
    Act.FEED_BACK: "fed_back",
    Act.CLOSE: "closed",
    Act.REJECT: "rejected",
    Act.WITHDRAW: "withdrawn",
    Act.SECOND_OPINION: "reviewed",
    Act.VOID_APPROVAL: "approval_voided",
    Act.PAUSE: "paused",
    Act.RESUME: "resumed",
    Act.ASK_EXTENSION: "extension_asked",
    Act.EXTEND: "extended",
    Act.DECLINE_EXTENSION: "extension_declined",
    Act.ASK_MEDIATION: "mediation_asked",
    Act.ACCEPT_MEDIATION: "mediation_accepted",
    Act.CLASSIFY: "classified",
    Act.NAME: "named",
    Act.RELEASE: "released",
    Act.HAND_OVER: "handed_over",
    Act.ATTACH: "attached",
    Act.HOLD: "held",
    Act.REFER: "referred",
    Act.ANSWER: "answered",
    Act.MERGE: "merged",
    Act.UNMERGE: "unmerged",
    Act.ESCALATE: "escalated",
}

PUBLIC_FORM, WATCH = "公开投诉表单", "投诉计时"  # who acts when nobody of the branch does


def taken_up(complaint: Complaint, act: Act, *, by: Employee | None, version: int | None = None) -> Complaint:
    """Return the complaint as it stands now, locked until the transaction ends, if `by` may do `act` to it.

    Raises NamedInComplaint, NotTheHandler for another branch, Conflict if it is no longer at `version`
    (that of `complaint` unless given), NotMergeable for a joined repeat and WrongStep.
    """
    now = Complaint.objects.select_for_update().get(pk=complaint.pk)
    if by is not None:
        refuse_named(now, by)
    expected = complaint.version if version is None else version
    if now.version != expected:
        raise Conflict(f"投诉 {now.no} 刚被他人处理，当前为「{now.get_state_display()}」，请核对后重试")
    if now.merged_into_id is not None and act not in (Act.UNMERGE, Act.HOLD, Act.NAME, Act.RELEASE):
        raise NotMergeable(f"投诉 {now.no} 已并案，请在主投诉上办理")
    if not may(act, now.state):
        raise WrongStep(f"投诉 {now.no} 处于「{now.get_state_display()}」，不能{Step.Act(act).label}")
    return now


def refuse_named(complaint: Complaint, by: Employee) -> None:
    """Raise NamedInComplaint if the complaint names `by`, NotTheHandler if he works elsewhere."""
    if is_named(complaint, by):
        raise NamedInComplaint("您与此投诉有关，须回避")
    if by.branch_id != complaint.branch_id:
        raise NotTheHandler("此投诉由其他营业部办理")


def require_handler(complaint: Complaint, by: Employee, now: datetime) -> None:
    """Raise NotTheHandler unless `by` handles the complaint, stands in for who does, or directs the branch."""
    if not leads(complaint, by, now.astimezone(SHANGHAI).date()):
        raise NotTheHandler("首问负责：此投诉由首位处理人办理")


def require_approver(complaint: Complaint, by: Employee, now: datetime) -> None:
    """Raise MayNotApprove unless `by` may approve what the handler proposes."""
    if not eligible_approvers(complaint, now.astimezone(SHANGHAI).date()).filter(pk=by.pk).exists():
        raise MayNotApprove("批准人须有批准权限，且不是处理人或方案提出人；复核后由复核人批准")


def require(message: str, *facts: object) -> None:
    """Raise FactMissing with `message` unless every fact is there; blanks are nothing."""
    if not all(fact.strip() if isinstance(fact, str) else fact for fact in facts):
        raise FactMissing(message)


def land(
    complaint: Complaint,
    act: Act,
    *,
    by: Employee | None,
    now: datetime | None = None,
    note: str = "",
    facts: dict[str, Any] | None = None,
    fields: Iterable[str] = (),
) -> Complaint:
    """Save `fields` of the locked complaint, let its clocks follow, write its line and the audit entry."""
    at, before = now or timezone.now(), complaint.state
    complaint.state = State(after(act, before))
    changed = [*fields, "state", "version", "due_at"]
    if complaint.state != before:
        changed += _follow(complaint, before, at)
    complaint.version += 1
    complaint.due_at = clocks.earliest(complaint)
    complaint.save(update_fields=changed)
    write(complaint, act, before, by=by, at=at, note=note, facts=facts)
    return complaint


def write(
    complaint: Complaint,
    act: Act,
    before: str,
    *,
    by: Employee | None,
    at: datetime,
    note: str = "",
    facts: dict[str, Any] | None = None,
) -> Step:
    """Write one line of the timeline and, but for reminders, the entry of the audit book that points to it."""
    step = Step.objects.create(
        complaint=complaint, at=at, act=act, from_state=before, to_state=complaint.state, by=by, note=note,
        facts=facts or {},
    )  # fmt: skip
    if act in AUDIT:
        machine = WATCH if act == Act.ESCALATE else PUBLIC_FORM
        told = {"step": step.pk, "state": complaint.state}
        record(f"complaints.{AUDIT[act]}", complaint, by=by, after=told, machine=machine)
    return step


def forget_notices(complaint: Complaint, employee: Employee) -> None:
    """Take what was told of the complaint away from who turned out to be named in it."""
    Notice.objects.filter(employee=employee, key__startswith=notice_key(complaint, "")).delete()


def notice_key(complaint: Complaint, what: str) -> str:
    """Return the key of a notice about the complaint."""
    return f"complaint:{complaint.pk}:{what}"


def page_of(complaint: Complaint) -> str:
    """Return the address of the complaint's page."""
    return complaint.get_absolute_url()


def _follow(complaint: Complaint, before: str, at: datetime) -> list[str]:
    """Let the clocks follow the move; return which fields changed by it."""
    clocks.resume(complaint, at)
    clocks.follow(complaint, before, at)
    complaint.is_paused = False
    complaint.ended_at = at if complaint.state in ENDED else None
    return ["is_paused", "ended_at"]
