"""Value by REST."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet

from clients.models import ClientStanding, Grade, Tier, ValueType
from office.api.authentication import caller
from office.api.filters import Flag
from office.api.permissions import Door
from office.api.views import ListView
from office.models import Scope
from segmentation.serializers import ScoreOut


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
