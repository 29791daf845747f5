"""Putting a complaint into its classes, and finding out whose it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone

from clients.models import Client
from complaints.errors import FactMissing, WrongStep
from complaints.models import BusinessClass, Category, Complaint, Reasonableness, Urgency
from complaints.operations.avoidance import take_back
from complaints.operations.desk import land, require_handler, taken_up
from complaints.rules.classes import persons_class, speaks_of_commission
from complaints.rules.states import Act
from office.models import Employee

CODES: dict[str, type[TextChoices]] = {
    "category": Category, "business_class": BusinessClass, "urgency": Urgency, "reasonableness": Reasonableness,
}  # fmt: skip
CLASSES = (*CODES, "people_count")
TITLES = {
    "category": "类别", "business_class": "业务", "urgency": "紧急程度", "reasonableness": "合理性",
    "people_count": "人数",
}  # fmt: skip


@transaction.atomic
def classify(
    complaint: Complaint, *, by: Employee, version: int | None = None, now: datetime | None = None, **classes: Any
) -> Complaint:
    """Set the classes given, see CLASSES; a clock that runs already keeps its deadline. Raises FactMissing."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.CLASSIFY, by=by, version=version)
    require_handler(fresh, by, at)
    changed = {name: value for name, value in classes.items() if name in CLASSES and getattr(fresh, name) != value}
    for name, value in changed.items():
        if name in CODES and value not in CODES[name].values:
            raise FactMissing("请选择所列的分类")
        setattr(fresh, name, value)
    if fresh.people_count < 1:
        raise FactMissing("人数至少为 1")
    fresh.persons_class = persons_class(fresh.people_count)
    fresh.is_commission = speaks_of_commission(fresh.content, fresh.business_class)
    fields = [*changed, "persons_class", "is_commission"]
    return land(fresh, Act.CLASSIFY, by=by, now=at, note=_told(changed), facts=changed, fields=fields)


def _told(changed: dict[str, Any]) -> str:
    """Return what was changed in words: 「紧急程度：重大，人数：3」."""
    said = {name: CODES[name](value).label if name in CODES else value for name, value in changed.items()}
    return "，".join(f"{TITLES[name]}：{word}" for name, word in said.items())


@transaction.atomic
def identify(
    complaint: Complaint, client: Client, *, by: Employee, version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Say which client an unknown caller is. Raises WrongStep if that is known, FactMissing for another branch's."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.CLASSIFY, by=by, version=version)
    require_handler(fresh, by, at)
    if fresh.client_id is not None:
        raise WrongStep(f"投诉 {fresh.no} 已关联客户")
    if client.branch_id != fresh.branch_id:
        raise FactMissing("客户不属于本营业部")
    fresh.client = client
    fresh.save(update_fields=["client"])  # what is taken back below asks whom complaints of this client name
    taken = take_back(fresh, [party.employee for party in fresh.parties.select_related("employee")], by=by, at=at)
    note = "；".join(filter(None, ("已关联客户", taken)))
    return land(fresh, Act.CLASSIFY, by=by, now=at, note=note, facts={"client": client.pk})
