"""The plan of a year's return visits: the sample drawn once, who must be visited added as it becomes known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F

from clients.models import Client, DevelopmentRelation
from clients.queries.subjects import asker
from office.audit import record
from office.dates import TradingCalendar
from office.independence import bar
from office.jobs import Ledger
from office.models import Branch, Employee
from office.queries import calendar
from service_logs.errors import BadSetting
from service_logs.models import ReturnVisit, VisitPlan
from service_logs.queries.visit_base import (
    Due,
    base_count,
    callers,
    mandatory,
    marks_of,
    members,
    whom_about,
    working_day,
)
from service_logs.rules.visits import (
    MINIMUM_RATIO,
    RATIO_CERTAINTY,
    RATIO_SOURCE,
    draw,
    spread,
    strata,
    target,
)

BATCH = 2_000


@transaction.atomic
def make_plan(branch: Branch, *, year: int, ratio: Decimal, seed: int, by: Employee, today: date) -> VisitPlan:
    """Draw the sample of `year` and owe a visit to everybody in it and to everybody who must be visited.

    A plan that is there already is returned as it stands: nobody draws again until he likes it. Raises
    BadSetting for a ratio under the rule's, and for a year that is neither this nor the next.
    """
    if not MINIMUM_RATIO <= float(ratio) <= 1:
        raise BadSetting(f"比例须在 {MINIMUM_RATIO:.0%} 与 100% 之间")
    if year not in (today.year, today.year + 1):
        raise BadSetting("只能编制今年或明年的计划")
    Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)
    found = VisitPlan.objects.filter(branch=branch, year=year).first()
    if found is not None:
        return found
    everybody = members(branch, year)
    count = base_count(branch, year)
    drawn = draw(everybody, target(count, float(ratio)), seed)
    plan = VisitPlan.objects.create(
        branch=branch, year=year, base_count=count, ratio=ratio, certainty=RATIO_CERTAINTY, source=RATIO_SOURCE,
        target=len(drawn), strata=[asdict(one) for one in strata(everybody, drawn)], seed=seed, made_by=by,
    )  # fmt: skip
    days = calendar(branch.calendar)
    due = spread(len(drawn), max(today, date(year, 1, 1)), date(year, 12, 31))
    sample = [
        Due(one.client_id, ReturnVisit.Kind.EXISTING, str(year), working_day(day, days))
        for one, day in zip(sorted(drawn, key=lambda one: one.client_id * 2_654_435_761 % 2**32), due, strict=True)
    ]
    must = mandatory(branch, year, today)
    made = _owe(plan, sample, must, today, days)
    record("service_logs.visits_planned", plan, by=by, after={"target": plan.target, "visits": made, "seed": seed})
    return plan


@transaction.atomic
def add_mandatory(plan: VisitPlan, *, by: Employee | None, today: date) -> Ledger:
    """Owe a visit to everybody who must be visited and is not in the plan yet; the same day again adds nobody."""
    days = calendar(plan.branch.calendar)
    must = mandatory(plan.branch, plan.year, today)
    made = _owe(plan, [], must, today, days)
    if made:
        record("service_logs.visits_added", plan, by=by, after={"visits": made}, branch_id=plan.branch_id)
    return Ledger(seen=len(must), changed=made, skipped=Counter({"已在计划中": len(must) - made}))


def _owe(plan: VisitPlan, sample: list[Due], must: list[Due], today: date, days: TradingCalendar) -> int:
    """Insert the visits that are not there; who is drawn and must be visited besides gets one visit for both."""
    owed = {one.client_id: one for one in [*sample, *must]}
    drawn = {one.client_id for one in sample}
    marks = marks_of(Client.objects.filter(pk__in=owed), today)
    relations = dict(DevelopmentRelation.objects.filter(client__in=owed).values_list("client_id", "pk"))
    visits = []
    for one in owed.values():
        tier, manager, is_agents, is_elderly = marks[one.client_id]
        visits.append(
            ReturnVisit(
                branch=plan.branch, plan=plan, client_id=one.client_id, relation_id=relations.get(one.client_id),
                kind=one.kind, occurrence=one.occurrence, is_sample=one.client_id in drawn, tier=tier,
                manager_id=manager, is_agents=is_agents, is_elderly=is_elderly,
                due_on=working_day(one.due_on, days),
            )
        )  # fmt: skip
    before = ReturnVisit.objects.filter(branch=plan.branch).count()
    known = set(ReturnVisit.objects.filter(client__in=owed).values_list("client_id", "kind", "occurrence").order_by())
    fresh = [one for one in visits if (one.client_id, one.kind, one.occurrence) not in known]
    give_out(plan.branch, fresh, today)
    ReturnVisit.objects.bulk_create(fresh, batch_size=BATCH, ignore_conflicts=True)
    return ReturnVisit.objects.filter(branch=plan.branch).count() - before


def give_out(branch: Branch, visits: Sequence[ReturnVisit], today: date) -> None:
    """Set the caller of each visit, in turn, past everybody it is about; nobody where nobody independent is there."""
    groups = callers(branch, today)
    load = _load(branch)
    for visit, subjects in zip(visits, whom_about(visits, today), strict=True):
        free = ([one for one in group if bar(asker(one, branch.pk, today), subjects) is None] for group in groups)
        line = next((group for group in free if group), [])
        visit.caller = min(line, key=lambda one: (load[one.pk], one.pk), default=None)
        if visit.caller is not None:
            load[visit.caller.pk] += 1


def _load(branch: Branch) -> Counter[int]:
    """Return caller → how many visits he still has to make."""
    owed = ReturnVisit.objects.filter(branch=branch, caller__isnull=False).open().order_by()
    return Counter(dict(owed.values_list("caller").annotate(Count("pk"))))


@transaction.atomic
def give_out_again(branch: Branch, *, by: Employee | None, today: date) -> Ledger:
    """Give out the open visits that nobody has, and those of a caller who may not make them any more."""
    rows = list(
        ReturnVisit.objects.select_for_update(of=("self",)).filter(branch=branch).open()
        .select_related("caller").order_by("due_on", "pk")
    )  # fmt: skip
    loose = _loose(branch, rows, today)
    moved = _moved(branch, loose, today)
    if moved:
        record("service_logs.visits_given_out", branch, by=by, after={"visits": len(moved)}, branch_id=branch.pk)
    skipped = {"没有独立的回访人": sum(visit.caller_id is None for visit in loose)}
    return Ledger(seen=len(rows), changed=len(moved), skipped=Counter(skipped))


@transaction.atomic
def take_from_named(client: Client, people: Collection[int], *, today: date) -> int:
    """Give to others the open visits after complaints of `client` that one of `people`, named in one, was to make.

    Returns how many changed hands. Call it once the signals are hidden from them.
    """
    rows = ReturnVisit.objects.select_for_update(of=("self",)).open().select_related("caller", "branch")
    his = list(rows.filter(client=client, kind=ReturnVisit.Kind.COMPLAINT, caller__in=people).order_by("pk"))
    return len(_moved(client.branch, _loose(client.branch, his, today), today)) if his else 0


def _moved(branch: Branch, loose: list[ReturnVisit], today: date) -> list[ReturnVisit]:
    """Give the locked visits out again, save who makes them now, and return those that changed hands."""
    before = {visit.pk: visit.caller_id for visit in loose}
    give_out(branch, loose, today)
    moved = [visit for visit in loose if visit.caller_id != before[visit.pk]]
    for caller in {visit.caller_id for visit in moved}:
        theirs = [visit.pk for visit in moved if visit.caller_id == caller]
        ReturnVisit.objects.filter(pk__in=theirs).update(caller_id=caller, version=F("version") + 1)
    return moved


def _loose(branch: Branch, rows: list[ReturnVisit], today: date) -> list[ReturnVisit]:
    """Return the visits without a caller, and those whose caller left, sells now, serves the client, or is named."""
    return [
        visit
        for visit, subjects in zip(rows, whom_about(rows, today), strict=True)
        if visit.caller is None or bar(asker(visit.caller, branch.pk, today), subjects) is not None
    ]
