"""Value by REST, and what clients say of their managers at the counter."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clients.models import Client, ClientStanding, Grade, Tier, ValueType
from clients.queries.desk import desk_clients
from office.api.authentication import caller
from office.api.filters import Flag
from office.api.idempotency import once
from office.api.permissions import Door
from office.api.views import ApiView, ListView
from office.models import Employee, Scope
from segmentation.operations.changes import ask_for_change
from segmentation.serializers import ChangeIn, ChangeOut, ScoreOut


class ScoreFilter(FilterSet):  # type: ignore[misc]  # the library has no types
    """Whose scores are listed."""

    client_no = django_filters.CharFilter(field_name="client__client_no", label="客户号", max_length=32)
    tier = django_filters.ChoiceFilter(choices=Tier.choices)
    grade = django_filters.ChoiceFilter(choices=Grade.choices)
    value_type = django_filters.ChoiceFilter(choices=ValueType.choices)
    is_core = Flag(label="核心客户")
    manager = django_filters.CharFilter(field_name="manager__staff_no", label="客户经理工号", max_length=20)
    value_from = django_filters.NumberFilter(field_name="value", lookup_expr="gte", label="价值不低于", max_value=100)


class ScoreList(ListView):
    """The scores of the last published night, the most valuable first."""

    says = {"GET": "最近一夜的价值，从高到低"}
    reads = Door(Scope.SCORES_READ, "segmentation.view_score")
    serializer_class = ScoreOut
    filterset_class = ScoreFilter
    queryset = ClientStanding.objects.none()
    order = ("-value", "client_id")

    def get_queryset(self) -> QuerySet[Any]:
        rows = ClientStanding.objects.visible_to(caller(self.request)).filter(score_run_id__isnull=False)
        return rows.select_related("client", "branch")


class ManagerChanges(ApiView):
    """A client asks for another manager; the director decides (ALC-08)."""

    says = {"POST": "登记客户更换经理的申请"}
    writes = Door(Scope.COUNTER_WRITE, "segmentation.ask_manager_change")
    serializer_class: Any = ChangeIn

    @extend_schema(request=ChangeIn, responses={201: ChangeOut})
    @once
    def post(self, request: Request) -> Response:
        said, user = self.checked(ChangeIn), caller(request)
        client = get_object_or_404(desk_clients(user), client_no=said.pop("client_no"))
        wished = _employee(client, said.pop("wished", None))
        change = ask_for_change(client, by=user, wished=wished, **said)
        self.subjects += [client.client_no, str(change.pk)]
        return Response(ChangeOut(change).data, status=201)


def _employee(client: Client, staff_no: str | None) -> Employee | None:
    if staff_no is None:
        return None
    found = Employee.objects.filter(branch=client.branch_id, staff_no=staff_no).first()
    if found is None:
        raise ValidationError({"wished": ["本营业部没有这位员工"]})
    return found
