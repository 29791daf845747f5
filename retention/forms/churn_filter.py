"""What the list of who may leave can be narrowed by; every filter lives in the address, so a list can be passed on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from clients.models import Tier
from complaints.models import Complaint
from complaints.queries.facts import known_low
from office.models import Employee
from retention.models import Band, ChurnStanding
from retention.queries.discretion import COMPLAINED, CONFIDENTIAL, LOW, Line
from retention.scoring.signals import SIGNS

NOBODY = "0"
ABOVE_QUIET = [Band.WATCH, Band.WARN, Band.ALARM]
BOXES = forms.CheckboxSelectMultiple


class ChurnFilter(forms.Form):
    """Which clients are listed; without a band, those above quiet. A value that is no choice is passed over."""

    band = forms.MultipleChoiceField(
        label="风险", required=False, choices=[(str(value), label) for value, label in Band.choices], widget=BOXES
    )
    tier = forms.MultipleChoiceField(label="等级", required=False, choices=Tier.choices, widget=BOXES)
    reason = forms.MultipleChoiceField(
        label="原因", required=False, choices=[(one.code, one.label) for one in SIGNS if not one.waits], widget=BOXES
    )
    manager = forms.MultipleChoiceField(
        label="客户经理", required=False, widget=forms.SelectMultiple(attrs={"size": 4})
    )

    def __init__(self, data: Any, *, user: Employee) -> None:
        super().__init__(data)
        self.user = user
        manager = self.fields["manager"]
        assert isinstance(manager, forms.MultipleChoiceField)
        people = Employee.objects.filter(branch_id=user.branch_id or 0, is_active=True).order_by("pinyin", "pk")
        manager.choices = [
            (NOBODY, "没有客户经理"),
            *((str(pk), name) for pk, name in people.values_list("pk", "name")),
        ]

    def narrow(self, rows: QuerySet[ChurnStanding]) -> QuerySet[ChurnStanding]:
        """Keep the rows that fit."""
        self.full_clean()
        chosen = self.cleaned_data
        bands = [int(value) for value in chosen.get("band") or []]
        rows = rows.filter(band__in=bands or ABOVE_QUIET)
        if chosen.get("reason"):
            rows = rows.filter(self._shows(set(chosen["reason"])))
        if chosen.get("tier"):
            rows = rows.filter(client__standing__tier__in=chosen["tier"])
        return rows.filter(_served_by(chosen["manager"])) if chosen.get("manager") else rows

    def kept(self, lines: list[Line]) -> list[Line]:
        """Leave out whoever fits the bands only by what `user` may not know."""
        wanted = [int(value) for value in self.cleaned_data.get("band") or ABOVE_QUIET]
        return [line for line in lines if line.is_whole or line.band in wanted]

    def _shows(self, codes: set[str]) -> Q:
        """Return the condition that a client shows one of `codes`; what is confidential only to who may read it."""
        shown = Q(codes__overlap=sorted(codes - CONFIDENTIAL))
        if codes & COMPLAINED:
            known = Complaint.objects.visible_to(self.user).filter(client__isnull=False).values("client")
            about = Complaint.objects.filter(
                parties__employee=self.user, parties__released_at=None, client__isnull=False
            )
            seen = Q(client__in=known) & ~Q(client__in=about.values("client"))
            shown |= Q(codes__overlap=sorted(codes & COMPLAINED)) & seen
        if LOW in codes:
            shown |= Q(codes__contains=[LOW]) & known_low(self.user)
        return shown


def _served_by(managers: list[str]) -> Q:
    served = Q(client__standing__manager__in=[int(value) for value in managers])
    return served | Q(client__standing__manager=None) if NOBODY in managers else served


def chips(form: ChurnFilter, query: QueryDict) -> list[dict[str, str]]:
    """Return the active filters in words, each with the address of the list without it."""
    found = []
    for name, field in form.fields.items():
        values = [value for value in query.getlist(name) if value]
        if not values:
            continue
        rest = query.copy()
        del rest[name]
        rest.pop("after", None)
        words = {str(value): str(label) for value, label in getattr(field, "choices", [])}
        said = "、".join(words.get(value, value) for value in values)
        found.append({"key": str(field.label), "value": said, "href": f"?{rest.urlencode()}"})
    return found
