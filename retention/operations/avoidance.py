"""A case leaves the hands of whom its client complained about, at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clients.models import Client
from office.audit import record
from office.models import Employee, Role
from office.operations.notices import notify
from retention.models import RetentionCase
from retention.queries.case_facts import owner_for
from retention.queries.discretion import named_in_complaints

AVOIDED = "客户投诉涉及原负责人，须回避"


@transaction.atomic
def hand_over_from(client: Client, people: Sequence[Employee], *, by: Employee | None) -> list[str]:
    """Give the open case of `client`, if one of `people` owns it, to who comes next and is in no complaint of his.

    That is his manager, else the leader, else a director. Where nobody is left the case stays where it is, out of
    its owner's sight, and compliance is told to decide. Returns what was done, in words.
    """
    rows = RetentionCase.objects.select_for_update(of=("self",)).open().filter(client=client, owner__in=people)
    case = rows.select_related("owner", "client__standing__manager__team__leader").first()
    if case is None:
        return []
    named = named_in_complaints([client.pk]).get(client.pk, frozenset())
    owner = owner_for(case.client, named)
    if owner is None:
        return [_left_to_compliance(case, named)]
    before = case.owner.name
    RetentionCase.objects.filter(pk=case.pk).update(owner=owner, version=F("version") + 1)
    record(
        "retention.case_handed_over", case, by=by, before={"owner": before}, after={"owner": owner.name}, reason=AVOIDED
    )
    notify(
        [owner],
        f"case-avoided:{case.pk}:{case.version}",
        f"挽留个案 {case.case_no} 转由您负责",
        case.get_absolute_url(),
    )
    return [f"挽留个案 {case.case_no} 转由 {owner.name} 负责"]


def _left_to_compliance(case: RetentionCase, named: frozenset[int]) -> str:
    people = Employee.objects.filter(branch=case.branch_id, is_active=True, roles__contains=[Role.COMPLIANCE])
    text = f"挽留个案 {case.case_no} 的负责人须回避，营业部无人可接，请决定"
    day = timezone.localdate()
    notify(people.exclude(pk__in=named), f"case-avoided:{case.pk}:{day}", text, case.get_absolute_url())
    return f"挽留个案 {case.case_no} 无人可接，已告知合规"
