"""Whom the desk may look up one at a time: whoever stands before it, though it has no reach on lists."""

from __future__ import annotations

from django.db.models import QuerySet

from clients.models import Client
from office.rights import COUNTER_DESK, Principal

UNREAD = ("id_no", "phone", "email", "address", "notes")


def desk_clients(user: Principal) -> QuerySet[Client]:
    """Return the clients `user` may look up: the desk those of its branch, others those in reach; `standing` joined.

    What is encrypted stays unread: nothing that is shown here needs it.
    """
    rows = Client.objects.all()
    if user.is_active and user.has_role(*COUNTER_DESK):
        rows = rows.filter(branch_id=user.branch_id or 0)
    else:
        rows = rows.visible_to(user)
    return rows.select_related("branch", "standing__manager").defer(*UNREAD)
