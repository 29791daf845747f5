"""An export whose condition cannot be read takes nothing out: never more than the page was asked to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from office.models import AuditEntry
from tests.access.clients import batch
from tests.conftest import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
# route → who may export there, and a condition of its page that cannot be read
FILTERED = {
    "clients:export": ("zhao", "tier=nonsense"),
    "clients:quarantine_export": ("zhao", "file=nonsense"),
    "complaints:export": ("zhao", "since=nonsense"),
    "complaints:satisfaction_export": ("zhao", "run=nonsense"),
    "office:audit_export": ("qian", "since=nonsense"),
    "retention:breach_export": ("zhao", "month=nonsense"),
    "retention:case_export": ("zhao", "band=nonsense"),
    "retention:drill_export": ("zhao", "since=nonsense"),
    "retention:export": ("zhao", "band=nonsense"),
    "retention:grievance_export": ("zhao", "kind=nonsense"),
    "retention:reason_export": ("zhao", "year=nonsense"),
    "retention:request_export": ("zhao", "since=nonsense"),
    "retention:wallet_export": ("zhao", "source=nonsense"),
    "retention:winback_export": ("zhao", "reason=nonsense"),
    "segmentation:ranking_export": ("zhao", "tier=nonsense"),
    "service_logs:contact_export": ("zhao", "since=nonsense"),
    "service_logs:task_export": ("zhao", "state=nonsense"),
    "service_logs:visit_export": ("qian", "kind=nonsense"),
}
# Their pages cannot be narrowed: what is exported is always the whole page.
WHOLE = {
    "complaints:survey_waiting_export", "segmentation:core_export", "segmentation:plan_export",
    "segmentation:report_export",
}  # fmt: skip
IN_THE_FORM = {"office:audit_export"}  # its conditions are posted
PURPOSE = {"reason": "季度报送"}


def exports(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Yield the name of every route that hands rows out, the back office apart."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace not in ("admin", "djdt"):
                yield from exports(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern) and pattern.name and pattern.name.endswith("export"):
            yield prefix + pattern.name


def test_every_export_stands_in_the_table() -> None:
    assert set(exports(get_resolver())) == FILTERED.keys() | WHOLE


@pytest.mark.parametrize("route", sorted(FILTERED))
def test_what_cannot_be_read_is_not_exported(cast: Cast, browse: Callable[[str], Browser], route: str) -> None:
    who, query = FILTERED[route]
    address = reverse(route, kwargs=batch(cast) if route == "clients:quarantine_export" else {})
    before = AuditEntry.objects.count()
    posted = dict([query.split("=")]) if route in IN_THE_FORM else PURPOSE
    refused = browse(who).post(address if route in IN_THE_FORM else f"{address}?{query}", posted)
    assert refused.status_code == 422
    assert "条件有误" in refused.content.decode()
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("route", sorted(FILTERED))
def test_what_can_be_read_is_exported(cast: Cast, browse: Callable[[str], Browser], route: str) -> None:
    address = reverse(route, kwargs=batch(cast) if route == "clients:quarantine_export" else {})
    answer = browse(FILTERED[route][0]).post(address, PURPOSE)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
