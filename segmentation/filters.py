"""What the ranking can be narrowed by; every filter lives in the address, so a list can be passed on."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.functional import cached_property

from clients.models import ClientStanding, Grade, Tier, ValueType
from office.errors import UnclearFilter
from office.models import Employee
from segmentation.queries.grid import CLASSES, in_class, last_ranks
from segmentation.queries.reports import SEGMENTS, in_segment
from segmentation.queries.trading import STYLES, of_style

MOVES = [("up", "上升"), ("down", "下降"), ("same", "不变"), ("new", "新进排行")]

Rows = QuerySet[ClientStanding]
NOBODY = "none"  # as manager: the clients without one


def several(choices: Any, label: str) -> dict[str, Any]:
    """Return what a filter by several values of a plain column needs; nothing is joined, so nothing is distinct."""
    return {"choices": choices, "label": label, "widget": forms.CheckboxSelectMultiple, "distinct": False}


class RankingFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """The filters of the ranking, over present standings."""

    grid = django_filters.ChoiceFilter(choices=list(CLASSES.items()), method="by_class", label="价值档")
    value_type = django_filters.MultipleChoiceFilter(**several(ValueType, "类型"))
    tier = django_filters.MultipleChoiceFilter(**several(Tier, "等级"))
    grade = django_filters.MultipleChoiceFilter(**several(Grade, "级别"))
    manager = django_filters.ModelMultipleChoiceFilter(
        queryset=Employee.objects.none(), label="客户经理", null_label="无客户经理", null_value=NOBODY, distinct=False
    )
    move = django_filters.ChoiceFilter(choices=MOVES, method="by_move", label="名次")
    segment = django_filters.ChoiceFilter(choices=list(SEGMENTS.items()), method="by_segment", label="目标细分")
    style = django_filters.ChoiceFilter(choices=list(STYLES.items()), method="by_style", label="交易特征")
    core = django_filters.ChoiceFilter(choices=[("true", "是"), ("false", "否")], method="by_core", label="核心客户")

    class Meta:
        model = ClientStanding
        fields: list[str] = []

    def __init__(self, *args: Any, user: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.filters["manager"].queryset = Employee.objects.filter(
            Exists(ClientStanding.objects.filter(manager=OuterRef("pk"))), branch_id=user.branch_id or 0
        )

    def filter_queryset(self, queryset: Rows) -> Rows:
        """Keep nobody where a condition cannot be understood: a list that ignores it would be taken for its answer."""
        rows: Rows = super().filter_queryset(queryset) if self.form.is_valid() else queryset.none()
        return rows

    def understood(self) -> Rows:
        """Return the clients of all pages, to be taken out. Raises UnclearFilter."""
        if not self.form.is_valid():
            wrong = "、".join(str(self.form.fields[name].label) for name in self.form.errors)
            raise UnclearFilter(f"{wrong}：条件有误，请先改正", title="没有导出")
        rows: Rows = self.qs
        return rows

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """The last ranks of the branch that count as high and as middle."""
        return last_ranks(self.user.branch) if self.user.branch else (0, 0)

    def by_class(self, rows: Rows, name: str, value_class: str) -> Rows:
        return rows.filter(in_class(value_class, self.bounds)) if self.user.branch else rows.none()

    def by_core(self, rows: Rows, name: str, core: str) -> Rows:
        return rows.filter(is_core=core == "true")

    def by_move(self, rows: Rows, name: str, move: str) -> Rows:
        if move == "new":
            return rows.filter(previous_rank=None)
        if move == "same":
            return rows.filter(rank=F("previous_rank"))
        return rows.filter(rank__lt=F("previous_rank")) if move == "up" else rows.filter(rank__gt=F("previous_rank"))

    def by_segment(self, rows: Rows, name: str, segment: str) -> Rows:
        return in_segment(rows, self.bounds, segment) if self.user.branch else rows.none()

    def by_style(self, rows: Rows, name: str, style: str) -> Rows:
        return of_style(rows, self.user.branch, style) if self.user.branch else rows.none()
