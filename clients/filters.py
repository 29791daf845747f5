"""What a list of clients can be narrowed by; every filter lives in the address, so a list can be passed on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q

from clients.models import Client, ClientStanding, Grade, Tier, ValueType
from clients.models.client import StandingQuerySet
from clients.queries.batches import KEY_DIGITS
from clients.queries.search import matching_clients
from clients.rules import coming_days
from office.errors import UnclearFilter
from office.models import Employee
from office.remembering import remembered

FEN_PER_WAN = 1_000_000
MANAGERS_KEPT = 60  # seconds in which a filter may not know who has just got his first client

LAST_CONTACT = [
    ("7", "7 天内"),
    ("over7", "超过 7 天"),
    ("over30", "超过 30 天"),
    ("over90", "超过 90 天"),
    ("never", "从未联系"),
    ("due", "已到应联系日"),
]

RISK_LEVELS = ("C1-最低", "C1", "C2", "C3", "C4", "C5")

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


class AnyOf(django_filters.MultipleChoiceFilter):  # type: ignore[misc]  # the library has no types
    """Boxes of which any may hold. The library's own asks for DISTINCT rows, which sorts them all for a page."""

    field_class = forms.MultipleChoiceField

    def __init__(self, choices: Any, label: str, field_name: str | None = None, method: str | None = None) -> None:
        widget = forms.CheckboxSelectMultiple
        super().__init__(choices=choices, label=label, field_name=field_name, method=method, widget=widget)

    def filter(self, rows: Rows, values: list[str]) -> Rows:
        return rows.filter(**{f"{self.field_name}__in": values}) if values else rows


def _people(branch_id: int, asked: Collection[int] = ()) -> list[tuple[str, str]]:
    """Return who serves clients of a branch, and those `asked` for, by name."""
    # One look into the index per employee; a join would read every client of the branch.
    serves = Exists(ClientStanding.objects.filter(manager=OuterRef("pk")))
    people = Employee.objects.filter(Q(serves) | Q(pk__in=asked), branch_id=branch_id).order_by("pinyin", "pk")
    return [(str(pk), name) for pk, name in people.values_list("pk", "name")]


class ClientFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """The filters of the client list, over present standings."""

    q = django_filters.CharFilter(method="by_text", label="查找")
    tier = AnyOf(Tier.choices, "等级")
    value_type = AnyOf(ValueType.choices, "类型")
    grade = AnyOf(Grade.choices, "级别")
    manager = AnyOf([], "客户经理")
    risk = AnyOf([(level, level) for level in RISK_LEVELS], "风险等级", "risk_level", "by_archive")
    importance = AnyOf(Client.Importance.choices, "分类", "importance", "by_archive")
    mode = AnyOf(Client.ServiceMode.choices, "服务方式", "service_mode", "by_archive")
    value_min = django_filters.NumberFilter(field_name="value", lookup_expr="gte", label="价值不低于")
    value_max = django_filters.NumberFilter(field_name="value", lookup_expr="lte", label="价值不高于")
    assets_min = django_filters.NumberFilter(method="by_assets_min", label="资产不低于（万元）")
    assets_max = django_filters.NumberFilter(method="by_assets_max", label="资产不高于（万元）")
    contact = django_filters.ChoiceFilter(
        choices=LAST_CONTACT, method="by_contact", label="上次联系", empty_label="不限", widget=forms.RadioSelect
    )
    flag = AnyOf(FLAGS, "标记", method="by_flags")

    class Meta:
        model = ClientStanding
        fields: list[str] = []

    def __init__(self, *args: Any, user: Employee, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        self.archive: dict[str, Any] = {}  # conditions on the wide row of the client, asked together

    @property
    def form(self) -> forms.Form:
        """The form of the filters; its fields are made once, who can be chosen is asked when it is shown."""
        if not hasattr(self, "_form"):
            self._form = _form_class()(self.data)
            manager = self._form.fields["manager"]
            assert isinstance(manager, forms.ChoiceField)
            manager.choices = cache(self._managers)
        return self._form

    def _managers(self) -> list[tuple[str, str]]:
        branch_id = self.user.branch_id or 0
        serving = remembered(f"clients.managers:{branch_id}", MANAGERS_KEPT, lambda: _people(branch_id))
        # Who serves nobody any more may still be asked for: a saved view or a figure of the cockpit names him.
        asked = {int(pk) for pk in self.data.getlist("manager") if pk.isdecimal() and len(pk) < KEY_DIGITS}
        known = asked <= {int(pk) for pk, _ in serving}
        return serving if known else _people(branch_id, asked)

    def filter_queryset(self, queryset: Rows) -> Rows:
        """Leave closed clients out unless they are asked for, one by one or by searching."""
        if not self.form.is_valid():
            return queryset.none()
        self.archive = {}
        rows: Rows = super().filter_queryset(queryset)
        if self.archive:
            known = Client.objects.filter(branch_id=self.user.branch_id or 0, **self.archive)
            rows = rows.filter(client__in=known.values("pk"))
        asked = "closed" in self.form.cleaned_data["flag"]
        return rows if asked or self.form.cleaned_data["q"] else rows.filter(is_closed=False)

    def understood(self) -> Rows:
        """Return the clients over all pages of the list, to be written or taken out.

        Raises UnclearFilter if a condition cannot be understood: then nobody has seen those clients.
        """
        if not self.form.is_valid():
            wrong = "、".join(str(self.form.fields[name].label) for name in self.form.errors)
            raise UnclearFilter(f"{wrong}：条件有误，请先改正", title="没有导出，也没有改动")
        rows: Rows = self.qs
        return rows

    def by_text(self, rows: Rows, name: str, text: str) -> Rows:
        return rows.filter(client__in=matching_clients(self.user, text))

    def by_archive(self, rows: Rows, name: str, values: list[str]) -> Rows:
        self.archive[f"{name}__in"] = values
        return rows

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
        soon = self.today + timedelta(days=60)
        archive: dict[str, dict[str, Any]] = {
            "risk_due": {"risk_valid_to__lte": soon},
            "id_due": {"id_valid_to__lte": soon},
            "birthday": {"birth_md__in": coming_days(self.today, 7)},
        }
        for flag in flags:
            self.archive |= archive.get(flag, {})
            rows = self._by_standing(rows, flag)
        return rows

    def _by_standing(self, rows: Rows, flag: str) -> Rows:
        conditions: dict[str, dict[str, Any]] = {
            "core": {"is_core": True},
            "provisional": {"is_provisional": True},
            "stale": {"is_stale": True},
            "unassigned": {"manager": None},
            "closed": {"is_closed": True},
        }
        if flag in ("up", "down"):
            return rows.with_movement(1 if flag == "up" else -1)
        return rows.filter(**conditions[flag]) if flag in conditions else rows


@cache
def _form_class() -> type[forms.Form]:
    made: type[forms.Form] = ClientFilter(user=Employee(), today=date.min).get_form_class()
    return made
