"""Keys of other systems for tests of the REST interface."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from office.models import Employee, Scope, ServiceKey
from office.operations.keys import KeyWish, make_key


def make_service_key(by: Employee, *scopes: Scope, **wish: Any) -> tuple[ServiceKey, str]:
    """Make a key of the branch of `by`, with all scopes unless some are named; return it with its secret."""
    assert by.branch is not None
    wish.setdefault("branches", [by.branch])
    wish.setdefault("expires_at", timezone.now() + timedelta(days=30))
    return make_key(KeyWish("柜台系统", scopes or tuple(Scope), **wish), by=by)


class System:
    """Another system: calls with its key, in JSON."""

    def __init__(self, secret: str) -> None:
        self.browser = Browser()
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.written = 0

    def get(self, path: str, **headers: str) -> Any:
        return self.browser.get(f"/api/v1/{path}", headers={**self.headers, **headers})

    def post(self, path: str, data: Any, *, key: str = "") -> Any:
        """Send a write under `key`, a new one unless named."""
        self.written += 1
        headers = {**self.headers, "Idempotency-Key": key or f"w{self.written}"}
        return self.browser.post(f"/api/v1/{path}", data, content_type="application/json", headers=headers)

    def put(self, path: str, body: bytes, content_type: str, **headers: str) -> Any:
        return self.browser.put(f"/api/v1/{path}", body, content_type=content_type, headers={**self.headers, **headers})
