"""What a list of clients can be narrowed by; every filter lives in the address, so a list can be passed on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef

from clients.models import Client, ClientStanding, Grade, Tier, ValueType
from clients.models.client import StandingQuerySet
from clients.queries.search import matching_clients
from office.models import Employee

FEN_PER_WAN = 1_000_000

LAST_CONTACT = [
    ("7", "7 天内"),
    ("over7", "超过 7 天"),
    ("over30", "超过 30 天"),
    ("over90", "超过 90 天"),
    ("never", "从未联系"),
    ("due", "已到应联系日"),
]

FLAGS = [
    ("core", "二八核心"),
    ("provisional", "新客户（暂定）"),
    ("stale", "数据陈旧"),
    ("up", "排名上升"),
    ("down", "排名下降"),
    ("risk_due", "测评 60 日内到期"),
    ("id_due", "证件 60 日内到期"),
    ("birthday", "7 日内生日"),
    ("unassigned", "无客户经理"),
    ("closed", "已销户"),
]

Rows = StandingQuerySet


class ClientFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """The filters of the client list, over present standings."""

    q = django_filters.CharFilter(method="by_text", label="查找")
    tier = django_filters.MultipleChoiceFilter(choices=Tier, label="等级", widget=forms.CheckboxSelectMultiple)
    value_type = django_filters.MultipleChoiceFilter(
        choices=ValueType, label="类型", widget=forms.CheckboxSelectMultiple
    )
    grade = django_filters.MultipleChoiceFilter(choices=Grade, label="级别", widget=forms.CheckboxSelectMultiple)
    manager = django_filters.ModelMultipleChoiceFilter(
        queryset=Employee.objects.none(), label="客户经理", widget=forms.CheckboxSelectMultiple
    )
    risk = django_filters.MultipleChoiceFilter(
        field_name="client__risk_level",
        choices=[(level, level) for level in ("C1-最低", "C1", "C2", "C3", "C4", "C5")],
        label="风险等级",
        widget=forms.CheckboxSelectMultiple,
    )
    importance = django_filters.MultipleChoiceFilter(
        field_name="client__importance", choices=Client.Importance, label="分类", widget=forms.CheckboxSelectMultiple
    )
    mode = django_filters.MultipleChoiceFilter(
        field_name="client__service_mode",
        choices=Client.ServiceMode,
        label="服务方式",
        widget=forms.CheckboxSelectMultiple,
    )
    value_min = django_filters.NumberFilter(field_name="value", lookup_expr="gte", label="价值不低于")
    value_max = django_filters.NumberFilter(field_name="value", lookup_expr="lte", label="价值不高于")
    assets_min = django_filters.NumberFilter(method="by_assets_min", label="资产不低于（万元）")
    assets_max = django_filters.NumberFilter(method="by_assets_max", label="资产不高于（万元）")
    contact = django_filters.ChoiceFilter(
        choices=LAST_CONTACT, method="by_contact", label="上次联系", empty_label="不限", widget=forms.RadioSelect
    )
    flag = django_filters.MultipleChoiceFilter(
        choices=FLAGS, method="by_flags", label="标记", widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ClientStanding
        fields: list[str] = []

    def __init__(self, *args: Any, user: Employee, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        # One look into the index per employee; a join would read every client of the branch.
        serves = Exists(ClientStanding.objects.filter(manager=OuterRef("pk")))
        managers = Employee.objects.filter(serves, branch_id=user.branch_id or 0).only("name")
        self.filters["manager"].queryset = managers.order_by("pinyin", "pk")

    def filter_queryset(self, queryset: Rows) -> Rows:
        """Leave closed clients out unless they are asked for."""
        rows: Rows = super().filter_queryset(queryset)
        asked = "closed" in (self.form.cleaned_data.get("flag") or [])
        return rows if asked or self.form.cleaned_data.get("q") else rows.filter(is_closed=False)

    def by_text(self, rows: Rows, name: str, text: str) -> Rows:
        return rows.filter(client__in=matching_clients(self.user, text))

    def by_assets_min(self, rows: Rows, name: str, wan: Decimal) -> Rows:
        return rows.filter(assets_fen__gte=int(wan * FEN_PER_WAN))

    def by_assets_max(self, rows: Rows, name: str, wan: Decimal) -> Rows:
        return rows.filter(assets_fen__lte=int(wan * FEN_PER_WAN))

    def by_contact(self, rows: Rows, name: str, choice: str) -> Rows:
        if choice == "never":
            return rows.filter(last_contact_on=None)
        if choice == "due":
            return rows.filter(next_contact_on__lte=self.today)
        days = int(choice.removeprefix("over"))
        edge = self.today - timedelta(days=days)
        return (
            rows.filter(last_contact_on__lt=edge)
            if choice.startswith("over")
            else rows.filter(last_contact_on__gte=edge)
        )

    def by_flags(self, rows: Rows, name: str, flags: list[str]) -> Rows:
        for flag in flags:
            rows = self._by_flag(rows, flag)
        return rows

    def _by_flag(self, rows: Rows, flag: str) -> Rows:
        soon = self.today + timedelta(days=60)
        conditions: dict[str, Any] = {
            "core": {"is_core": True},
            "provisional": {"is_provisional": True},
            "stale": {"is_stale": True},
            "risk_due": {"client__risk_valid_to__lte": soon},
            "id_due": {"client__id_valid_to__lte": soon},
            "birthday": {"client__birth_md__in": _month_days(self.today, 7)},
            "unassigned": {"manager": None},
            "closed": {"is_closed": True},
        }
        if flag in conditions:
            return rows.filter(**conditions[flag])
        return rows.with_movement(1 if flag == "up" else -1)


def _month_days(start: date, days: int) -> list[int]:
    """Return the coming `days` as month·100 + day; 29 February counts on the 28th of a short year."""
    wanted = [start + timedelta(days=offset) for offset in range(days)]
    numbers = [day.month * 100 + day.day for day in wanted]
    return [*numbers, 229] if 228 in numbers and 229 not in numbers else numbers
