"""An export whose condition cannot be read takes nothing out: never more than was asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse

from tests.conftest import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
UNREADABLE = [
    ("request_export", "since"),
    ("case_export", "band"),
    ("drill_export", "since"),
    ("grievance_export", "kind"),
    ("wallet_export", "source"),
    ("winback_export", "reason"),
    ("export", "band"),
    ("breach_export", "month"),
]


@pytest.mark.parametrize(("route", "field"), UNREADABLE)
def test_what_cannot_be_read_is_refused(cast: Cast, browse: Callable[[str], Browser], route: str, field: str) -> None:
    address = reverse(f"retention:{route}")
    refused = browse("zhao").post(f"{address}?{field}=nonsense", {"reason": "季度报送"})
    assert refused.status_code == 422
    assert "条件有误" in refused.content.decode()
