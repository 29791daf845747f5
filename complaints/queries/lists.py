"""The complaints as they are listed: what is open, what is mine, what is to be approved, what a client complained of.

Every function begins with `visible_to`: who is named in a complaint finds it in no list, search or count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import OrderBy
from django.urls import reverse

from clients.models import SearchToken
from complaints.models import Clock, Complaint, ComplaintParty, Referral, State, Step
from complaints.models.complaint import LONGEST_PIECE, ComplaintQuerySet, pieces
from complaints.rules.states import OPEN
from office.crypto import blind_index
from office.dates import SHANGHAI
from office.models import Employee
from office.queries.desk import Waiting
from office.rights import Principal, branch_ids

PAGE_ROWS = 50
# What lists never show and never decrypt.
WORDS = (
    "content", "service_wanted", "special_requests", "our_answers", "cause_note", "plan", "refusal_reason",
    "appeal_text", "feedback_text", "extension_reason", "reviewed_because", "account_no", "phone", "hold_reason",
)  # fmt: skip
ORDERS: dict[str, tuple[str | OrderBy, ...]] = {
    "due": (F("due_at").asc(nulls_last=True), "pk"),
    "-received": ("-received_at", "-pk"),
    "received": ("received_at", "pk"),
}
RISEN = Exists(Clock.objects.filter(complaint=OuterRef("pk"), stopped_at=None, level__gt=0))  # told to who leads
EXACT = (
    "state", "category", "channel", "urgency", "business_class", "persons_class", "reasonableness", "outcome",
    "cause_code",
)  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """How many open complaints there are, by state, and how many of them press."""

    by_state: dict[str, int]
    overdue: int
    due_soon: int  # within one day
    unhandled: int

    @property
    def open(self) -> int:
        """All that are open."""
        return sum(self.by_state.values())


def complaint_list(user: Principal, wanted: dict[str, Any], now: datetime) -> QuerySet[Complaint]:
    """Return the complaints that the cleaned filter `wanted` asks for, those due first on top.

    `wanted` may hold: q, state (or "open"), the other fields of EXACT, handler, client, about (who is named), overdue,
    due_today, escalated, unsatisfied, once (no repeats), since, until (dates of receipt), order ("due", "received",
    "-received"). A cause_code of "none" asks for what has no cause yet.
    """
    rows = rows_for_lists(user)
    for name in EXACT:
        if wanted.get(name) and wanted[name] not in ("open", "none"):
            rows = rows.filter(**{name: wanted[name]})
    if wanted.get("cause_code") == "none":
        rows = rows.filter(cause_code="")
    if wanted.get("state") == "open":
        rows = rows.open()
    if wanted.get("once"):
        rows = rows.standing()
    if wanted.get("handler"):
        rows = rows.filter(handler=wanted["handler"])
    if wanted.get("client"):
        rows = rows.filter(client=wanted["client"])
    if wanted.get("about"):
        named = ComplaintParty.objects.filter(employee=wanted["about"])
        rows = rows.filter(pk__in=named.values("complaint"))
    if wanted.get("overdue"):
        rows = rows.open().filter(due_at__lt=now)
    if wanted.get("due_today"):
        rows = rows.open().filter(_due_today(now))
    if wanted.get("escalated"):
        rows = rows.open().filter(RISEN)
    if wanted.get("unsatisfied"):
        rows = rows.filter(Q(satisfied=False) | Q(satisfaction__lte=2))
    rows = _received(rows, wanted)
    if wanted.get("q"):
        rows = rows.filter(pk__in=_said(user, wanted["q"]))
    return rows.order_by(*ORDERS.get(wanted.get("order") or "due", ORDERS["due"]))


def rows_for_lists(user: Principal) -> ComplaintQuerySet:
    """Return what `user` may know of, joined with client and handler, without the words."""
    return Complaint.objects.visible_to(user).select_related("client", "handler", "merged_into").defer(*WORDS)


def counts(user: Principal, now: datetime) -> Counts:
    """Return how many open complaints `user` may know of, in one query."""
    rows = Complaint.objects.visible_to(user).open()
    found = rows.order_by().values("state").annotate(
        count=Count("pk"),
        late=Count("pk", filter=Q(due_at__lt=now)),
        soon=Count("pk", filter=Q(due_at__gte=now, due_at__lt=now + timedelta(days=1))),
        nobody=Count("pk", filter=Q(handler=None)),
    )  # fmt: skip
    lines = {line["state"]: line for line in found}
    return Counts(
        by_state={str(state): lines[state]["count"] if state in lines else 0 for state in OPEN},
        overdue=sum(line["late"] for line in lines.values()),
        due_soon=sum(line["soon"] for line in lines.values()),
        unhandled=sum(line["nobody"] for line in lines.values()),
    )


@dataclass(frozen=True)
class Standing:
    """How the open complaints stand at one moment: by state, how many are late, due today and have risen."""

    by_state: dict[str, int]
    overdue: int
    due_today: int
    escalated: int

    @property
    def open(self) -> int:
        """All that are open."""
        return sum(self.by_state.values())


def standing(user: Principal, now: datetime) -> Standing:
    """Return how the open complaints that `user` may know of stand, in one query."""
    rows = Complaint.objects.visible_to(user).open().annotate(has_risen=RISEN).order_by()
    found = rows.aggregate(
        **{str(state): Count("pk", filter=Q(state=state)) for state in OPEN},
        late=Count("pk", filter=Q(due_at__lt=now)),
        today=Count("pk", filter=_due_today(now)),
        risen=Count("pk", filter=Q(has_risen=True)),
    )
    by_state = {str(state): int(found[str(state)]) for state in OPEN}
    return Standing(by_state, int(found["late"]), int(found["today"]), int(found["risen"]))


def _due_today(now: datetime) -> Q:
    start = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return Q(due_at__gte=now, due_at__lt=start + timedelta(days=1))


def pressing(user: Principal, until: datetime, most: int) -> list[Complaint]:
    """Return the open complaints due before `until`, late ones first."""
    rows = rows_for_lists(user).open().filter(due_at__lt=until)
    return list(rows.order_by(*ORDERS["due"])[:most])


def queue(user: Employee) -> QuerySet[Complaint]:
    """Return the open complaints `user` handles, those due first on top."""
    rows = rows_for_lists(user).open().filter(handler=user)
    return rows.order_by(*ORDERS["due"])


def to_approve(user: Employee) -> QuerySet[Complaint]:
    """Return what waits for the approval of `user`: plans and extensions of others that he may approve."""
    if not user.has_perm("complaints.approve_complaint"):
        return Complaint.objects.none()
    plans = Q(state=State.HANDLING) & ~Q(plan="") & (Q(reviewer=None) | Q(reviewer=user))
    more_time = Q(extension_days__isnull=False, extended_at=None) & ~Q(extension_by=user)
    rows = rows_for_lists(user).open().filter(plans | more_time).filter(branch=user.branch_id)
    own = Q(handler=user) | Q(planned_by=user) | Q(parties__employee=user)  # released or not: he takes no part
    kept = rows.exclude(pk__in=Complaint.objects.filter(own).values("pk"))
    return kept.order_by(*ORDERS["due"])


def waiting_for(user: Employee, now: datetime) -> list[Waiting]:
    """Return what complaints wait for `user` to do: handle, approve, answer."""
    if not user.has_perm("complaints.view_complaint"):
        return []
    here = reverse("complaints:queue")
    mine = queue(user).aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now)))
    late = f"，其中 {mine['late']} 件已逾期" if mine["late"] else ""
    return [
        Waiting(f"投诉由您办理{late}", mine["all"], here, presses=bool(late)),
        Waiting("投诉方案或延期待您批准", to_approve(user).count(), here),
        Waiting("转交待您答复", asked_of(user).count(), here),
    ]


def asked_of(user: Employee) -> QuerySet[Referral]:
    """Return what `user` was asked for and has not answered."""
    rows = Referral.objects.visible_to(user).open().filter(employee=user).select_related("complaint", "sent_by")
    return rows.order_by("due_at", "pk")


def open_referrals(user: Principal) -> QuerySet[Referral]:
    """Return what other departments still owe, oldest deadline first (CMP-10)."""
    rows = Referral.objects.visible_to(user).open().select_related("complaint", "employee", "sent_by")
    return rows.order_by("due_at", "pk")


def of_client(user: Principal, client_id: int) -> QuerySet[Complaint]:
    """Return the complaints of one client, latest first."""
    rows = rows_for_lists(user).filter(client=client_id)
    return rows.order_by("-received_at", "-pk")


def open_counts(user: Principal, client_ids: list[int]) -> dict[int, int]:
    """Return how many open complaints each of the clients has, as far as `user` may know; none is left out."""
    rows = Complaint.objects.visible_to(user).open().filter(client__in=client_ids)
    return {row["client"]: row["n"] for row in rows.order_by().values("client").annotate(n=Count("pk"))}


def timeline(complaint: Complaint) -> QuerySet[Step]:
    """Return the lines of one complaint the caller may know of, oldest first."""
    return complaint.steps.select_related("by").order_by("at", "pk")


def clocks_of(complaint: Complaint) -> QuerySet[Clock]:
    """Return the clocks of one complaint the caller may know of, in the order they began."""
    return complaint.clocks.order_by("started_at", "pk")


def _received(rows: ComplaintQuerySet, wanted: dict[str, Any]) -> ComplaintQuerySet:
    if wanted.get("since"):
        rows = rows.filter(received_at__gte=_midnight(wanted["since"]))
    if wanted.get("until"):
        rows = rows.filter(received_at__lt=_midnight(wanted["until"] + timedelta(days=1)))
    return rows


def _midnight(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _said(user: Principal, text: str) -> QuerySet[Complaint, Any]:
    """Return the ids of what `text` finds: the number, the caller, a whole phone or account number, or the client.

    One look into an index for each, put together: an OR over them would read every complaint there is. The caller
    narrows them by visible_to.
    """
    plain = text.strip()
    rows = Complaint.objects.filter(branch__in=branch_ids(user)).order_by()
    tokens = SearchToken.objects.filter(branch__in=branch_ids(user), token__startswith=plain.casefold())
    index = blind_index(plain)
    ways = [
        rows.filter(no__startswith=plain.upper()),
        rows.filter(~Q(transfer_no=""), transfer_no=plain),
        _by_caller(rows, plain),
        rows.filter(client__in=tokens.values("client")),
    ]
    if index:
        ways += [
            rows.filter(~Q(phone_index=""), phone_index=index),
            rows.filter(~Q(account_index=""), account_index=index),
        ]
    first, *others = [way.values("pk") for way in ways]
    return first.union(*others)


def _by_caller(rows: QuerySet[Complaint], plain: str) -> QuerySet[Complaint]:
    held = rows.alias(caller_pieces=pieces("caller_name"))
    piece = Value([plain[:LONGEST_PIECE].lower()])
    return held.filter(caller_pieces__contains=piece, caller_name__icontains=plain)
