"""Which acts one person may take on one complaint at present: what its page offers, never what decides."""

from __future__ import annotations

from datetime import datetime

from complaints.models import Complaint, Mediation, State
from complaints.queries.scope import is_named, leads, may_read_words
from complaints.queries.staff import eligible_approvers
from complaints.rules.states import OPEN
from office.dates import SHANGHAI
from office.models import Employee, Leave


def offered(complaint: Complaint, user: Employee, now: datetime) -> list[str]:
    """Return the keys of the acts, in the order of their weight; the operations check each of them again."""
    if is_named(complaint, user):
        return []  # released to him or not: he takes no part
    on = now.astimezone(SHANGHAI).date()
    does = leads(complaint, user, on)
    found = [] if complaint.merged_into_id else _answers(complaint, user) + _approvals(complaint, user, now)
    if does:
        found += ["unmerge"] if complaint.merged_into_id else _handling(complaint)
    return found + _beside(complaint, user, does=does, now=now)


def _answers(complaint: Complaint, user: Employee) -> list[str]:
    asked = complaint.referrals.filter(employee=user, answered_at=None).exists()
    return ["answer"] if asked else []


def _approvals(complaint: Complaint, user: Employee, now: datetime) -> list[str]:
    wants_time = bool(complaint.extension_days) and complaint.extended_at is None and complaint.state in OPEN
    has_plan = complaint.state == State.HANDLING and bool(complaint.plan)
    if not (wants_time or has_plan):
        return []
    if not eligible_approvers(complaint, now.astimezone(SHANGHAI).date()).filter(pk=user.pk).exists():
        return []
    found = ["approve"] if has_plan else []
    return found + (["extend", "decline_extension"] if wants_time and complaint.extension_by_id != user.pk else [])


def _handling(complaint: Complaint) -> list[str]:
    state, is_open, asked = complaint.state, complaint.state in OPEN, complaint.mediation == Mediation.REQUESTED
    told = complaint.feedback_at is not None
    wanted = {
        "accept_mediation": asked,
        "investigate": state == State.ACCEPTED,
        "cause": state == State.INVESTIGATING,
        "propose": state == State.HANDLING,
        "close": state == State.FEEDBACK and told and not asked,
        "feedback": state == State.FEEDBACK,
        "refer": is_open,
        "classify": is_open,
        "identify": is_open and complaint.client_id is None,
        "resume": is_open and complaint.is_paused,
        "pause": is_open and not complaint.is_paused,
        "ask_extension": is_open and complaint.extended_at is None,
        "ask_mediation": complaint.mediation == Mediation.NONE and (is_open or state == State.CLOSED),
        "second_opinion": told and complaint.reviewer_id is None and state in (State.FEEDBACK, State.CLOSED),
        "merge": is_open,
        "reject": state == State.ACCEPTED,
        "withdraw": is_open,
    }
    return [key for key, may in wanted.items() if may]


def _beside(complaint: Complaint, user: Employee, *, does: bool, now: datetime) -> list[str]:
    watches = user.has_perm("complaints.release_words")
    wanted = {
        "attach": complaint.merged_into_id is None and (does or may_read_words(complaint, user)),
        "name": does or watches or complaint.recorder_id == user.pk,
        "release": watches and complaint.parties.filter(released_at=None).exists(),
        "hand_over": complaint.merged_into_id is None and (does or watches) and _lacks_handler(complaint, now),
        "hold": user.has_perm("complaints.hold_complaint") and not complaint.is_held,
        "lift_hold": user.has_perm("complaints.hold_complaint") and complaint.is_held,
    }
    return [key for key, may in wanted.items() if may]


def _lacks_handler(complaint: Complaint, now: datetime) -> bool:
    on = now.astimezone(SHANGHAI).date()
    if complaint.handler is None or not complaint.handler.is_employed(on):
        return True
    return Leave.objects.filter(employee=complaint.handler, starts_on__lte=on, ends_on__gte=on).exists()
