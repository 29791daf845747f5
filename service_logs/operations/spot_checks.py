"""Head office's spot checks: a random sample of confirmed relations, what was found, who answers for it (RVS-04)."""

from __future__ import annotations

import random
from datetime import date

from django.db import transaction

from clients.models import Client
from office.audit import record
from office.errors import Conflict
from office.models import Branch, Employee
from office.queries import calendar
from service_logs.errors import BadSetting, OwnVisit
from service_logs.models import ReturnVisit, SpotCheck
from service_logs.operations.visit_plans import BATCH, give_out
from service_logs.operations.visits import refuse_dependent
from service_logs.queries.spot_checks import confirmed_relations, visit_checked
from service_logs.queries.visit_base import marks_of
from service_logs.rules.visits import CHECK_WORKING_DAYS, MOST_CHECKED


@transaction.atomic
def draw_check(branch: Branch, *, size: int, seed: int, by: Employee, today: date) -> SpotCheck:
    """Draw `size` confirmed relations at random and owe a visit to each client; the same seed draws once.

    Raises BadSetting if there is nothing to draw or too much is asked for.
    """
    Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)
    found = SpotCheck.objects.filter(branch=branch, seed=seed).first()
    if found is not None:
        return found
    rows = dict(confirmed_relations(branch).order_by("pk").values_list("pk", "client_id"))
    if not rows or not 1 <= size <= MOST_CHECKED:
        raise BadSetting("没有已确认的开发关系可抽查" if not rows else f"一次抽取 1 至 {MOST_CHECKED} 条")
    drawn = random.Random(seed).sample(sorted(rows), min(size, len(rows)))
    due = calendar(branch.calendar).add_working(today, CHECK_WORKING_DAYS)
    check = SpotCheck.objects.create(
        branch=branch, population=len(rows), size=len(drawn), seed=seed, made_by=by, made_on=today, due_on=due
    )
    _owe(check, {pk: rows[pk] for pk in drawn}, today)
    record("service_logs.check_drawn", check, by=by, after={"population": len(rows), "size": len(drawn), "seed": seed})
    return check


def _owe(check: SpotCheck, relations: dict[int, int], today: date) -> None:
    marks = marks_of(Client.objects.filter(pk__in=relations.values()), today)
    visits = []
    for relation, client in relations.items():
        tier, manager, is_agents, is_elderly = marks[client]
        visits.append(
            ReturnVisit(
                branch=check.branch, check_of=check, client_id=client, relation_id=relation,
                kind=ReturnVisit.Kind.SPOT_CHECK, occurrence=f"check:{check.pk}", tier=tier, manager_id=manager,
                is_agents=is_agents, is_elderly=is_elderly, due_on=check.due_on,
            )
        )  # fmt: skip
    give_out(check.branch, visits, today)
    ReturnVisit.objects.bulk_create(visits, batch_size=BATCH)


@transaction.atomic
def record_finding(
    visit: ReturnVisit,
    finding: str,
    *,
    responsible: Employee | None,
    note: str,
    version: int,
    by: Employee,
    today: date,
) -> ReturnVisit:
    """Write down what the check of one relation found and who answers for it.

    Raises OwnVisit if `by` made the visit that is checked, NotIndependentCaller if he serves or won the client,
    BadSetting if something is wrong and nobody answers for it.
    """
    refuse_subject(visit, by, today)
    if finding != ReturnVisit.Finding.IN_ORDER and responsible is None:
        raise BadSetting("不相符的须指定责任人")
    changed = ReturnVisit.objects.filter(pk=visit.pk, version=version, check_of__isnull=False).update(
        finding=finding, responsible=responsible, finding_note=note, version=version + 1
    )
    if changed != 1:
        raise Conflict("此条抽查刚被他人修改，请刷新后再登记")
    visit.refresh_from_db()
    after = {"finding": finding, "responsible": responsible.pk if responsible else None}
    record("service_logs.check_found", visit, by=by, after=after, reason=note)
    return visit


def refuse_subject(visit: ReturnVisit, by: Employee, today: date) -> None:
    """Raise unless `by` is independent of the client and did not make the visit that is checked."""
    checked = visit_checked(visit)
    if checked is not None and checked.caller_id == by.pk:
        raise OwnVisit("抽查的正是您本人的回访，须由他人认定")
    refuse_dependent(visit, by, today)
