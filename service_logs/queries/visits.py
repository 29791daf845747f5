"""Return visits as they are read: one's own calls, the list, who may be given one, what a client page tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from clients.models import Client
from clients.queries.search import matching_clients
from clients.queries.subjects import asker
from office.independence import bar
from office.models import Employee
from service_logs.models import ReturnVisit
from service_logs.models.return_visit import READS_ALARMS, READS_VISITS, VisitQuerySet
from service_logs.queries.visit_base import callers, whom_about

OPEN, DONE = ReturnVisit.State.OPEN, ReturnVisit.State.DONE
SOON = timedelta(days=7)
# sort key → the fields it orders by, then the visit, so that it is total
ORDERS = {"due": ["due_on"], "client": ["client__pinyin"], "tier": ["client__standing__value"]}
WIDE = ("client__id_no", "client__phone", "client__email", "client__address", "client__notes")


def visit_rows(user: Employee) -> VisitQuerySet:
    """Return the visits `user` may know of, joined with what a line shows."""
    rows = ReturnVisit.objects.visible_to(user)
    return rows.select_related("client__standing", "manager", "caller", "relation__employee", "plan").defer(*WIDE)


def default_sort(state: str) -> str:
    """Return how visits of that state are sorted unless asked otherwise: the owed ones by what is due next."""
    return "due" if state in ("open", "soon", "late", "unowned") else "-due"


def order_of(sort: str) -> list[str]:
    """Return the fields that `sort` ("-due") orders by, the latest deadline first for anything unknown."""
    key, sign = sort.removeprefix("-"), "-" if sort.startswith("-") else ""
    if key not in ORDERS:
        return order_of("-due")
    return [sign + name for name in [*ORDERS[key], "pk"]]


def visit_list(user: Employee, wanted: dict[str, Any], today: date) -> VisitQuerySet:
    """Return the visits that the cleaned VisitFilter `wanted` asks for; by an outcome only what `user` may read."""
    rows = visit_rows(user)
    if wanted.get("q"):
        rows = rows.filter(client__in=matching_clients(user, wanted["q"]))
    states = {
        "open": Q(state=OPEN),
        "soon": Q(state=OPEN, due_on__range=(today, today + SOON)),
        "late": Q(state=OPEN, due_on__lt=today),
        "unowned": Q(state=OPEN, caller=None),
        "done": Q(state=DONE),
        "no_recording": Q(state=DONE, recording_ref="") & ~Q(outcome="unreachable"),
    }
    rows = rows.filter(states.get(wanted.get("state") or "", Q()))
    for name in ("kind", "tier"):
        if wanted.get(name):
            rows = rows.filter(**{f"{name}__in": wanted[name]})
    if wanted.get("outcome"):
        rows = rows.filter(outcome__in=wanted["outcome"]).filter(_readable(user))
    if wanted.get("caller"):
        rows = rows.filter(caller_id=int(wanted["caller"]))
    if wanted.get("opinion"):
        rows = rows.exclude(opinion="").filter(_readable(user))
    return rows


def _readable(user: Employee) -> Q:
    return Q() if user.has_role(*READS_ALARMS) else Q(is_alarming=False) | Q(caller=user)


def own_calls(user: Employee) -> VisitQuerySet:
    """Return the open visits given to `user`, the next deadline first; of equal ones who was tried least recently."""
    return visit_rows(user).filter(caller=user).open().order_by("due_on", "tries", "pk")


def next_call(user: Employee, after: ReturnVisit, today: date) -> ReturnVisit | None:
    """Return whom `user` calls next, past the one he just dealt with; who was not reached today comes last."""
    calls = own_calls(user).exclude(pk=after.pk)
    return calls.exclude(last_try_at__date=today).first() or calls.first()


def eligible_callers(visit: ReturnVisit, on: date) -> list[Employee]:
    """Return who may be given the visit: everybody independent of its client."""
    from_groups = [one for group in callers(visit.branch, on) for one in group]
    (subjects,) = whom_about([visit], on)
    return [one for one in from_groups if bar(asker(one, visit.branch_id, on), subjects) is None]


def owed_visits(user: Employee, client: Client) -> list[ReturnVisit]:
    """Return the visits of a client that are still to be made, as far as `user` may know of them."""
    if not user.has_perm(READS_VISITS):
        return []
    rows = ReturnVisit.objects.visible_to(user).open().filter(client=client)
    return list(rows.select_related("caller").order_by("due_on", "pk"))


@dataclass(frozen=True)
class Told:
    """A visit as the client's timeline tells it: that it was made and by whom; `href` for who may read more."""

    on: date
    by: str
    href: str


def told_visits(user: Employee, client: Client, count: int) -> list[Told]:
    """Return the visits made of a client `user` sees, the latest first, without anything that was said.

    Head office's checks are told only to those who read visits, what follows a complaint to nobody it names.
    """
    rows = ReturnVisit.objects.filter(client=client, state=DONE).exclude(outcome="unreachable")
    rows = rows.not_after_complaints_about(user)
    reads = user.has_perm(READS_VISITS)
    rows = rows if reads else rows.filter(check_of=None)
    told = []
    for row in rows.select_related("caller", "relation").order_by("-done_on", "-pk")[:count]:
        developer = row.relation.employee_id if row.relation else None
        is_about = user.pk in (row.manager_id, client.standing.manager_id, developer)
        assert row.done_on is not None
        by = row.caller.name if row.caller else ""
        told.append(Told(row.done_on, by, row.get_absolute_url() if reads and not is_about else ""))
    return told
