"""Keys of other systems: which there are, which one a token belongs to, what they called."""

from __future__ import annotations

import hmac
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from office.crypto import keyed_hash
from office.models import ApiCall, Employee, ServiceKey

BY_PREFIX = """
SELECT k.*, ARRAY(SELECT branch_id FROM office_servicekey_branches WHERE servicekey_id = k.id ORDER BY branch_id)
    AS held_branches
FROM office_servicekey k WHERE prefix = %s
"""  # as it stands: it runs before every call


def key_list(user: Employee) -> QuerySet[ServiceKey]:
    """Return the keys that are good for the branch of `user`, the newest first; all of them to a superuser."""
    keys = ServiceKey.objects.select_related("made_by").order_by("-made_at", "-pk")
    if user.is_superuser:
        return keys
    here = ServiceKey.branches.through.objects.filter(servicekey=OuterRef("pk"), branch=user.branch_id or 0)
    return keys.filter(Exists(here))


def key_of_token(token: str, now: datetime) -> ServiceKey | None:
    """Return the key that `token` opens at that moment, with its branches, in one query."""
    parts = token.split("_", 2)
    if len(parts) != 3:
        return None
    key = next(iter(ServiceKey.objects.raw(BY_PREFIX, [parts[1]])), None)
    if key is None or key.revoked_at is not None or key.expires_at <= now:
        return None
    key.branch_ids = list(key.held_branches)
    hashed = keyed_hash(token)
    held = [key.secret_hash]
    if key.previous_until is not None and key.previous_until > now:
        held.append(key.previous_hash)
    return key if any(hmac.compare_digest(hashed, each) for each in held) else None


def latest_calls(key: ServiceKey) -> QuerySet[ApiCall]:
    """Return what a key called, the latest first."""
    return ApiCall.objects.filter(key=key).order_by("-at", "-pk")
