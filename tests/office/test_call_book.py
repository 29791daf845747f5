"""The book of calls keeps a year: enough for the law, and no more than is needed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from office.models import ApiCall
from office.operations import calls
from office.operations.calls import CALLS_KEPT, forget_call_book

pytestmark = pytest.mark.django_db


def write(count: int) -> None:
    ApiCall.objects.bulk_create(
        ApiCall(method="GET", route="api:client_list", status=200, milliseconds=3) for _ in range(count)
    )


def test_calls_of_more_than_a_year_ago_leave_the_book_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "AT_ONCE", 2)
    write(5)
    between = timezone.now()
    write(2)
    young = list(ApiCall.objects.filter(at__gt=between).values_list("pk", flat=True))
    assert forget_call_book(between + timedelta(days=183)) == 0  # the law asks for six months
    assert forget_call_book(between + CALLS_KEPT) == 5
    assert forget_call_book(between + CALLS_KEPT) == 0
    assert list(ApiCall.objects.order_by("pk").values_list("pk", flat=True)) == young


def test_nothing_else_takes_a_line_out_afterwards() -> None:
    write(2)
    forget_call_book(timezone.now() + CALLS_KEPT + timedelta(days=1))
    write(1)
    with pytest.raises(DatabaseError), transaction.atomic():
        ApiCall.objects.all().delete()
