"""What is done to the keys of other systems."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from office.audit import record
from office.crypto import keyed_hash
from office.errors import DomainError
from office.models import Branch, Employee, Scope, ServiceKey

LONGEST = timedelta(days=366)  # a key nobody renews must end
OVERLAP = timedelta(hours=24)  # the secret before the last still opens: systems change it without a gap
MARK = "bcrm"


class KeyEnded(DomainError):
    """A key that was revoked or ran out cannot be renewed; a new one is made."""


class KeyTooWide(DomainError):
    """Nobody gives a key more than he has: own branches, known scopes, a year at most."""


@dataclass(frozen=True)
class KeyWish:
    """What a new key is to be."""

    name: str
    scopes: Sequence[str]
    branches: Sequence[Branch]
    expires_at: datetime
    calls_per_minute: int = 600


@transaction.atomic
def make_key(wish: KeyWish, *, by: Employee) -> tuple[ServiceKey, str]:
    """Make a key and return it with its secret, which is told here and never again. Raises KeyTooWide."""
    homes = {branch.pk for branch in wish.branches}
    if not wish.scopes or set(wish.scopes) - set(Scope.values):
        raise KeyTooWide("请至少选择一项可办事项")
    if not homes or (not by.is_superuser and homes != {by.branch_id}):
        raise KeyTooWide("密钥只能用于您所在的营业部")
    if not timezone.now() < wish.expires_at <= timezone.now() + LONGEST:
        raise KeyTooWide("有效期应在今天之后、一年之内")
    prefix = secrets.token_hex(4)
    secret = _secret(prefix)
    key = ServiceKey.objects.create(
        name=wish.name, prefix=prefix, secret_hash=keyed_hash(secret), scopes=sorted(set(wish.scopes)),
        calls_per_minute=wish.calls_per_minute, expires_at=wish.expires_at, made_by=by,
    )  # fmt: skip
    key.branches.set(homes)
    record("office.key_made", key, by=by, after=_state(key))
    return key, secret


@transaction.atomic
def rotate_key(key: ServiceKey, *, by: Employee) -> str:
    """Give a key a new secret and return it; the former one opens for another day. Raises KeyEnded."""
    secret = _secret(key.prefix)
    held = ServiceKey.objects.select_for_update().get(pk=key.pk)
    if not held.is_active:
        raise KeyEnded(f"密钥「{held.name}」已停用或过期，请新建一个")
    held.previous_hash, held.previous_until = held.secret_hash, timezone.now() + OVERLAP
    held.secret_hash = keyed_hash(secret)
    held.save(update_fields=["secret_hash", "previous_hash", "previous_until"])
    record("office.key_rotated", held, by=by)
    return secret


@transaction.atomic
def revoke_key(key: ServiceKey, reason: str, *, by: Employee) -> None:
    """Close a key for good, from the next call on. Raises KeyEnded if it was closed before."""
    ended = ServiceKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    if not ended:
        raise KeyEnded(f"密钥「{key.name}」已经停用")
    record("office.key_revoked", key, by=by, reason=reason)


def note_use(key: ServiceKey, now: datetime) -> None:
    """Write down that a key was used, at most once a minute."""
    before = now - ServiceKey.USE_NOTED_EVERY
    if key.last_used_at is None or key.last_used_at < before:
        due = Q(last_used_at=None) | Q(last_used_at__lt=before)
        ServiceKey.objects.filter(due, pk=key.pk).update(last_used_at=now)


def _secret(prefix: str) -> str:
    return f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"


def _state(key: ServiceKey) -> dict[str, object]:
    return {
        "prefix": key.prefix,
        "scopes": list(key.scopes),
        "branches": sorted(key.branches.values_list("code", flat=True)),
        "expires_on": f"{timezone.localtime(key.expires_at):%Y-%m-%d}",
    }
