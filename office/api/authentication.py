"""Who calls: another system by its key, or a person by the session of the pages."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from office.models import Employee, ServiceKey
from office.operations.keys import note_use
from office.queries.keys import key_of_token
from office.rights import Principal

WORD = "Bearer"


def caller(request: Request) -> Principal:
    """Return who calls, a person or a key; views behind `MayCall` have one."""
    user: Any = request.user
    assert isinstance(user, Employee | ServiceKey)
    return user


class KeyAuthentication(BaseAuthentication):
    """Takes `Authorization: Bearer bcrm_…`; the key itself stands as the user of the request."""

    def authenticate(self, request: Request) -> tuple[ServiceKey, ServiceKey] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != WORD.lower().encode():
            return None
        now = timezone.now()
        token = parts[1].decode("latin-1") if len(parts) == 2 else ""
        key = key_of_token(token, now) if token.isascii() and token.isprintable() else None
        if key is None:
            raise AuthenticationFailed("密钥不存在、已停用或已过期")
        note_use(key, now)
        return key, key

    def authenticate_header(self, request: Request) -> str:
        """Name what is asked for, so that nobody's calls are answered 401 and not 403."""
        return WORD


class PersonAuthentication(SessionAuthentication):
    """Takes the session of a page; writes need the CSRF token as any form does."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found: tuple[Any, Any] | None = super().authenticate(request)
        if found and isinstance(found[0], Employee) and found[0].must_change_password:
            raise PermissionDenied("请先在网页上修改密码")
        return found


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself by being defined
    """How the description names the key."""

    target_class = KeyAuthentication
    name = "serviceKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "系统 → 接口 中建立的密钥"}


class PersonScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself by being defined
    """How the description names the session."""

    target_class = PersonAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "网页登录；写入须带 CSRF 令牌"}
