"""What clients allow: notes of wishes, for one client or for a whole branch at once."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from django.db import connection, transaction

from clients.models import ChannelPreference
from clients.operations.copying import Values, copy_in
from office.audit import record
from office.models import Branch, Employee

Wish = tuple[int, str, str, str]  # client id, channel, purpose, state
STAGING = "preference_staging"


@transaction.atomic
def note_preferences(branch: Branch, wishes: Sequence[Wish], *, source: str, on: date, by: Employee) -> int:
    """Write what clients of the branch allow on which channel for which purpose; return how many answers changed.

    A later answer replaces the earlier one. One entry in the audit book says how many, and from
    which `source` they were taken.
    """
    if not wishes:
        return 0
    clients, channels, purposes, states = zip(*wishes, strict=True)
    columns = [
        Values("client_id", "int8", np.array(clients, np.int64)),
        Values("channel", "text", np.array(channels, object)),
        Values("purpose", "text", np.array(purposes, object)),
        Values("state", "text", np.array(states, object)),
    ]
    table = ChannelPreference._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {STAGING}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {STAGING} (client_id bigint, channel text, purpose text, state text)"
            " ON COMMIT DROP"
        )
        copy_in(cursor, STAGING, columns)
        cursor.execute(
            f'INSERT INTO "{table}" AS held (client_id, channel, purpose, state, source, since)'
            f" SELECT w.client_id, w.channel, w.purpose, w.state, %s, %s FROM {STAGING} w"
            " JOIN clients_client c ON c.id = w.client_id AND c.branch_id = %s"
            " ON CONFLICT (client_id, channel, purpose) DO UPDATE"
            " SET state = excluded.state, source = excluded.source, since = excluded.since"
            " WHERE held.state IS DISTINCT FROM excluded.state",
            [source, on, branch.pk],
        )
        changed = cursor.rowcount
    record("clients.preferences_noted", "clients.channelpreference", by=by, after={"rows": changed, "source": source})
    return int(changed)
