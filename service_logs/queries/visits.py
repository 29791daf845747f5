"""Return visits as they are read: how far the year has come, one's own calls, the list, who may be given one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from clients.models import Client, Tier
from clients.queries.search import matching_clients
from clients.queries.subjects import asker, subjects_of
from office.independence import bar
from office.models import Branch, Employee
from service_logs.models import ReturnVisit, VisitPlan
from service_logs.models.return_visit import READS_ALARMS, READS_VISITS, VisitQuerySet
from service_logs.queries.visit_base import base_count, callers, mandatory, members, with_departed
from service_logs.rules.visits import Member, Stratum, draw, strata, target

DIMENSIONS = {"tier": "等级", "manager": "服务人员", "agents": "经纪人客户", "elderly": "65 岁及以上"}
OPEN, DONE = ReturnVisit.State.OPEN, ReturnVisit.State.DONE
SOON = timedelta(days=7)
# sort key → the fields it orders by, then the visit, so that it is total
ORDERS = {"due": ["due_on"], "client": ["client__pinyin"], "tier": ["client__standing__value"]}
WIDE = ("client__id_no", "client__phone", "client__email", "client__address", "client__notes")


@dataclass(frozen=True)
class Line:
    """Visits of one kind or stratum: how many are owed in all, made, and overdue; `population` of a stratum."""

    label: str
    owed: int
    done: int
    late: int = 0
    population: int = 0
    key: str = ""

    @property
    def share(self) -> float | None:
        """The part that was made, 0 to 1."""
        return self.done / self.owed if self.owed else None


@dataclass(frozen=True)
class Progress:
    """How far a plan has come: the sample, all visits, by kind, by stratum (dimension in words → lines)."""

    sample: Line
    whole: Line
    kinds: list[Line]
    groups: dict[str, list[Line]] = field(default_factory=dict)
    unowned: int = 0
    expected: float = 0.0  # the part of the year that has passed, 0 to 1


COUNTS: dict[str, Any] = {"owed": Count("pk"), "done": Count("pk", filter=Q(state=DONE))}


def plan_of(user: Employee, year: int) -> VisitPlan | None:
    """Return the plan of the branch of `user` for that year."""
    return VisitPlan.objects.visible_to(user).filter(year=year).select_related("made_by", "branch").first()


def progress(plan: VisitPlan, today: date) -> Progress:
    """Return how far the plan has come by `today`."""
    rows = plan.visits.order_by()
    late = {"late": Count("pk", filter=Q(state=OPEN, due_on__lt=today))}
    kinds: dict[str, Any] = {row["kind"]: row for row in rows.values("kind").annotate(**COUNTS, **late)}
    sample = rows.filter(is_sample=True)
    drawn = {"owed": 0, "done": 0, "late": 0, **sample.aggregate(**COUNTS, **late)}
    lines = [
        Line(str(kind.label), kinds[kind]["owed"], kinds[kind]["done"], kinds[kind]["late"], key=str(kind))
        for kind in ReturnVisit.Kind
        if kind in kinds
    ]
    passed = (min(max(today, date(plan.year, 1, 1)), date(plan.year, 12, 31)) - date(plan.year, 1, 1)).days / 364
    return Progress(
        sample=Line("抽样", plan.target, drawn["done"], drawn["late"]),
        whole=Line("合计", *(sum(getattr(line, name) for line in lines) for name in ("owed", "done", "late"))),
        kinds=lines,
        groups=_groups(plan, sample),
        unowned=rows.filter(state=OPEN, caller=None).count(),
        expected=min(passed, 1.0),
    )


def _groups(plan: VisitPlan, sample: QuerySet[ReturnVisit]) -> dict[str, list[Line]]:
    done: dict[tuple[str, str], int] = {}
    made = sample.filter(state=DONE).values_list("tier", "manager", "is_agents", "is_elderly")
    for tier, manager, is_agents, is_elderly in made:
        marks = [("tier", tier), ("manager", str(manager or ""))]
        marks += [("agents", "yes")] if is_agents else []
        for mark in [*marks, *([("elderly", "yes")] if is_elderly else [])]:
            done[mark] = done.get(mark, 0) + 1
    return in_words([Stratum(**row) for row in plan.strata], done)


def in_words(rows: list[Stratum], done: dict[tuple[str, str], int]) -> dict[str, list[Line]]:
    """Return dimension in words → its strata, tiers from the top, the rest the largest first."""
    people = [int(row.key) for row in rows if row.dimension == "manager" and row.key]
    names = {str(pk): name for pk, name in Employee.objects.filter(pk__in=people).values_list("pk", "name")}
    labels = {
        "tier": {str(value): str(label) for value, label in Tier.choices}, "manager": {**names, "": "无人服务"},
        "agents": {"yes": "经纪人服务的客户"}, "elderly": {"yes": "65 岁及以上"},
    }  # fmt: skip
    ladder = [str(value) for value in reversed(Tier.values)]
    found: dict[str, list[Line]] = {}
    for row in sorted(rows, key=lambda row: (ladder.index(row.key) if row.dimension == "tier" else 0, -row.population)):
        label = labels[row.dimension].get(row.key, row.key)
        line = Line(label, row.drawn, done.get((row.dimension, row.key), 0), population=row.population)
        found.setdefault(row.dimension, []).append(line)
    return {words: found[name] for name, words in DIMENSIONS.items() if name in found}


@dataclass(frozen=True)
class Preview:
    """What a plan would be: base, target, the strata in words, how many must be visited besides by reason."""

    base: int
    target: int
    groups: dict[str, list[Line]]
    must: list[tuple[str, int]]


def preview(branch: Branch, year: int, ratio: float, seed: int, today: date) -> Preview:
    """Return what `make_plan` would make with the same figures; nothing is written."""
    everybody: list[Member] = members(branch, year)
    base = base_count(branch, year)
    drawn = draw(everybody, target(base, ratio), seed)
    must = mandatory(branch, year, today)
    counted = {str(kind.label): sum(one.kind == kind for one in must) for kind in ReturnVisit.Kind}
    groups = in_words(strata(everybody, drawn), {})
    return Preview(base, len(drawn), groups, [(label, count) for label, count in counted.items() if count])


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


def next_call(user: Employee, after: ReturnVisit) -> ReturnVisit | None:
    """Return whom `user` calls next, past the one he just dealt with."""
    return own_calls(user).exclude(pk=after.pk).first()


def eligible_callers(visit: ReturnVisit, on: date) -> list[Employee]:
    """Return who may be given the visit: everybody independent of its client."""
    from_groups = [one for group in callers(visit.branch, on) for one in group]
    subjects = with_departed(subjects_of([visit.client_id or 0], on)[visit.client_id or 0], visit)
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

    Head office's checks are told only to those who read visits.
    """
    rows = ReturnVisit.objects.filter(client=client, state=DONE).exclude(outcome="unreachable")
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
