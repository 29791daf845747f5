"""Complaints by REST: how each stands and until when."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters.rest_framework import FilterSet
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.models import (
    BusinessClass,
    Category,
    Channel,
    Clock,
    Complaint,
    PersonsClass,
    Reasonableness,
    State,
    Urgency,
)
from complaints.rules.states import OPEN
from complaints.serializers import ComplaintOut
from office.api.authentication import caller
from office.api.filters import Flag, Moment
from office.api.permissions import Door
from office.api.views import ApiView, ListView
from office.models import Scope

# All that is read of a row: words, names and telephone numbers do not leave the database.
OUTLINE = (
    "no", "state", "channel", "category", "business_class", "persons_class", "urgency", "reasonableness",
    "received_at", "due_at", "is_paused", "ended_at", "merged_into", "branch__code", "branch__calendar",
    "client__client_no", "handler__staff_no",
)  # fmt: skip


class ComplaintFilter(FilterSet):  # type: ignore[misc]  # the library has no types
    """Which complaints are listed."""

    client_no = django_filters.CharFilter(field_name="client__client_no", label="客户号", max_length=32)
    handler = django_filters.CharFilter(field_name="handler__staff_no", label="办理人工号", max_length=20)
    state = django_filters.ChoiceFilter(choices=State.choices)
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    category = django_filters.ChoiceFilter(choices=Category.choices)
    business_class = django_filters.ChoiceFilter(choices=BusinessClass.choices)
    persons_class = django_filters.ChoiceFilter(choices=PersonsClass.choices)
    urgency = django_filters.ChoiceFilter(choices=Urgency.choices)
    reasonableness = django_filters.ChoiceFilter(choices=Reasonableness.choices)
    is_open = Flag(label="未办结", method="keep_open")
    is_overdue = Flag(label="未办结且已逾期", method="keep_overdue")
    received_from = Moment(field_name="received_at", lookup_expr="gte", label="收到时间不早于")
    received_until = Moment(field_name="received_at", lookup_expr="lte", label="收到时间不晚于")

    def keep_open(self, rows: QuerySet[Any], name: str, wanted: bool) -> QuerySet[Any]:
        """Keep what somebody still owes an answer to, or the rest."""
        return _kept(rows, Q(state__in=OPEN, merged_into=None), wanted)

    def keep_overdue(self, rows: QuerySet[Any], name: str, wanted: bool) -> QuerySet[Any]:
        """Keep what is open and late, or the rest."""
        late = Q(due_at__isnull=False, due_at__lt=timezone.now())
        return _kept(rows, Q(state__in=OPEN, merged_into=None) & late, wanted)


class ComplaintView(ApiView):
    """Whatever reads complaints: in reach of the caller, never those that name him."""

    reads = Door(Scope.COMPLAINTS_READ, "complaints.view_complaint")
    serializer_class = ComplaintOut
    queryset = Complaint.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        """Return the outlines in reach, with their clocks, in two queries however many there are."""
        clocks = Prefetch("clocks", Clock.objects.order_by("started_at", "pk"))
        rows = Complaint.objects.visible_to(caller(self.request)).select_related("branch", "client", "handler")
        return rows.only(*OUTLINE).prefetch_related(clocks)


class ComplaintList(ListView, ComplaintView):
    """Complaints, the latest first."""

    says = {"GET": "投诉清单：办到哪一步、到何时，不含投诉内容和个人信息"}
    filterset_class = ComplaintFilter
    order = ("-received_at", "-pk")


class ComplaintDetail(ComplaintView):
    """One complaint by its number."""

    says = {"GET": "一件投诉的状态"}

    def get(self, request: Request, no: str) -> Response:
        return Response(ComplaintOut(get_object_or_404(self.get_queryset(), no=no)).data)


def _kept(rows: QuerySet[Any], condition: Q, wanted: bool) -> QuerySet[Any]:
    return rows.filter(condition) if wanted else rows.exclude(condition)
