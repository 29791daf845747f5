"""The list of clients by REST."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet

from clients.models import Client, Grade, Tier, ValueType
from clients.serializers import ClientOut
from office.api.authentication import caller
from office.api.permissions import Door
from office.api.views import ListView
from office.models import Scope


class ClientFilter(FilterSet):  # type: ignore[misc]  # the library has no types
    """Which clients are listed."""

    client_no = django_filters.CharFilter(label="客户号", max_length=32)
    status = django_filters.ChoiceFilter(choices=Client.Status.choices)
    kind = django_filters.ChoiceFilter(choices=Client.Kind.choices)
    tier = django_filters.ChoiceFilter(field_name="standing__tier", choices=Tier.choices)
    grade = django_filters.ChoiceFilter(field_name="standing__grade", choices=Grade.choices)
    value_type = django_filters.ChoiceFilter(field_name="standing__value_type", choices=ValueType.choices)
    manager = django_filters.CharFilter(field_name="standing__manager__staff_no", label="客户经理工号", max_length=20)
    opened_from = django_filters.DateFilter(field_name="opened_on", lookup_expr="gte", label="开户日期不早于")
    opened_until = django_filters.DateFilter(field_name="opened_on", lookup_expr="lte", label="开户日期不晚于")


class ClientList(ListView):
    """The clients in reach of the caller, in the order in which they became known."""

    says = {"GET": "客户清单"}
    reads = Door(Scope.CLIENTS_READ, "clients.view_client")
    serializer_class = ClientOut
    filterset_class = ClientFilter
    queryset = Client.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        rows = Client.objects.visible_to(caller(self.request))
        return rows.select_related("branch", "standing__manager")
