"""What a caller may: a key by its scopes, a person by the rights of his posts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from office.models import ServiceKey


@dataclass(frozen=True)
class Door:
    """What opens one method of a view: a scope to keys, a permission ("app.codename") to people."""

    scope: str
    permission: str


READING = frozenset({"GET", "HEAD"})


class MayCall(BasePermission):
    """Lets in who holds the view's Door for the method: `reads` for GET, `writes` for the others; none is closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user: Any = request.user  # a person, a key, or nobody
        if not user.is_authenticated:
            return False
        if request.method not in view.allowed_methods:
            return True  # answered 405
        door: Door | None = view.reads if request.method in READING else view.writes
        if door is None:
            return False
        return door.scope in user.scopes if isinstance(user, ServiceKey) else user.has_perm(door.permission)
