"""What head office checks: confirmed relations, the visits that confirmed them, denied ones still in force."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from clients.models import Client, DevelopmentRelation
from office.models import Branch, Employee
from service_logs.models import ReturnVisit, SpotCheck

IN_FORCE = (DevelopmentRelation.State.PENDING_VISIT, DevelopmentRelation.State.CONFIRMED)


def confirmed_relations(branch: Branch) -> QuerySet[DevelopmentRelation]:
    """Return the relations a check is drawn from: confirmed ones of clients who are still there."""
    rows = DevelopmentRelation.objects.filter(
        client__branch=branch, state=DevelopmentRelation.State.CONFIRMED, client__is_deceased=False
    )
    return rows.exclude(client__status=Client.Status.CLOSED)


def checks(user: Employee) -> QuerySet[SpotCheck]:
    """Return the checks `user` may know of, the latest first, with `made`, `found` and `wrong` visits counted."""
    return (
        SpotCheck.objects.visible_to(user)
        .select_related("made_by")
        .annotate(
            made=Count("visits", filter=Q(visits__state="done")),
            found=Count("visits", filter=~Q(visits__finding="")),
            wrong=Count("visits", filter=~Q(visits__finding__in=["", "in_order"])),
        )
        .order_by("-made_on", "-pk")
    )


def visit_checked(visit: ReturnVisit) -> ReturnVisit | None:
    """Return the visit that settled the relation before this check of it, the latest; None if there was none."""
    if visit.relation_id is None:
        return None
    earlier = ReturnVisit.objects.filter(relation=visit.relation_id, state="done", check_of=None)
    return earlier.exclude(pk=visit.pk).exclude(recognised="").order_by("-done_on", "-pk").first()


def denied_in_force(user: Employee) -> QuerySet[ReturnVisit]:
    """Return the visits in which a client denied a relation that is still in force, the oldest first."""
    return (
        ReturnVisit.objects.visible_to(user)
        .filter(state="done", recognised=ReturnVisit.Recognised.NO, relation__state__in=IN_FORCE)
        .select_related("client", "relation__employee", "caller", "responsible")
        .order_by("done_on", "pk")
    )
