"""Tasks by REST."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet

from office.api.authentication import caller
from office.api.filters import Moment
from office.api.permissions import Door
from office.api.views import ListView
from office.models import Scope
from service_logs.models import Task
from service_logs.models.catalogue import Kind
from service_logs.serializers import TaskOut


class TaskFilter(FilterSet):  # type: ignore[misc]  # the library has no types
    """Which tasks are listed."""

    client_no = django_filters.CharFilter(field_name="client__client_no", label="客户号", max_length=32)
    owner = django_filters.CharFilter(field_name="owner__staff_no", label="办理人工号", max_length=20)
    state = django_filters.ChoiceFilter(choices=Task.State.choices)
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    source = django_filters.ChoiceFilter(choices=Task.Source.choices)
    made_from = django_filters.DateFilter(field_name="made_on", lookup_expr="gte", label="生成日期不早于")
    due_until = Moment(field_name="due_at", lookup_expr="lte", label="时限不晚于")


class TaskList(ListView):
    """The tasks in reach of the caller, the latest night's first."""

    says = {"GET": "任务清单"}
    reads = Door(Scope.TASKS_READ, "service_logs.view_task")
    serializer_class = TaskOut
    filterset_class = TaskFilter
    queryset = Task.objects.none()
    order = ("-made_on", "-pk")

    def get_queryset(self) -> QuerySet[Any]:
        return Task.objects.visible_to(caller(self.request)).select_related("client", "owner", "rule")
