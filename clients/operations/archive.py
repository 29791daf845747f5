"""Writes to the archive of a client, and the two acts that show personal data: unmasking and export."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from clients.models import ChannelPreference, Client, ClientStanding, ImportBatch
from office.audit import record
from office.errors import Conflict
from office.models import Employee

PERSONAL_FIELDS = ("phone", "id_no", "email", "address")


@transaction.atomic
def edit_archive(client: Client, changes: dict[str, Any], *, version: int, by: Employee) -> Client:
    """Save the changed fields of the archive.

    Raises Conflict, with what the other person saved, if the record is no longer at `version`.
    """
    now = Client.objects.select_for_update().get(pk=client.pk)
    if now.version != version:
        raise Conflict(
            "此客户资料刚被他人修改，您的内容尚未保存", theirs={name: _plain(getattr(now, name)) for name in changes}
        )
    before = {name: _plain(getattr(now, name)) for name in changes}
    after = {name: _plain(value) for name, value in changes.items()}
    changed = [name for name in changes if before[name] != after[name]]
    if not changed:
        return now
    for name in changed:
        setattr(now, name, changes[name])
    now.version += 1
    now.save(update_fields=[*changed, "version"])
    record(
        "clients.archive_edited",
        now,
        by=by,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    return now


@transaction.atomic
def set_preferences(
    client: Client, states: dict[str, str], source: str, *, version: int, on: date, by: Employee
) -> int:
    """Note what a client allows: "channel-purpose" → state; return how many changed.

    `source` says how the client told so. Raises Conflict if the record is no longer at `version`.
    """
    if Client.objects.filter(pk=client.pk, version=version).update(version=F("version") + 1) != 1:
        raise Conflict("此客户资料刚被他人修改，您的内容尚未保存")
    held = {f"{row.channel}-{row.purpose}": row.state for row in ChannelPreference.objects.filter(client=client)}
    unknown = ChannelPreference.State.UNKNOWN.value
    changed = {name: state for name, state in states.items() if held.get(name, unknown) != state}
    ChannelPreference.objects.bulk_create(
        [_preference(client, name, state, source, on) for name, state in changed.items()],
        update_conflicts=True,
        unique_fields=["client", "channel", "purpose"],
        update_fields=["state", "source", "since"],
    )
    if changed:
        before = {name: held.get(name, unknown) for name in changed}
        record("clients.preferences_set", client, by=by, before=before, after=changed, reason=source)
    return len(changed)


def _preference(client: Client, name: str, state: str, source: str, on: date) -> ChannelPreference:
    channel, purpose = name.split("-")
    return ChannelPreference(client=client, channel=channel, purpose=purpose, state=state, source=source, since=on)


@transaction.atomic
def mark_importance(chosen: QuerySet[ClientStanding], importance: str, *, by: Employee) -> int:
    """Set the class of the chosen clients (SEG-14); return how many changed.

    Whoever has the archive of one of them open is told of it on saving, as of any other edit.
    """
    wanted = Client.objects.filter(pk__in=chosen.order_by().values("pk")).exclude(importance=importance)
    changed = dict(wanted.order_by("pk").select_for_update().values_list("pk", "client_no"))
    Client.objects.filter(pk__in=changed).update(importance=importance, version=F("version") + 1)
    if changed:
        after = {"importance": importance, "clients": list(changed.values())}
        record("clients.importance_marked", "客户分类", by=by, after=after)
    return len(changed)


@transaction.atomic
def unmask(client: Client, field: str, *, by: Employee, address: str | None) -> str:
    """Return one hidden personal value in full; who looked at what stands in the audit book, the value does not.

    Raises ValueError for a field that is not personal.
    """
    if field not in PERSONAL_FIELDS:
        raise ValueError(field)
    record("clients.unmasked", client, by=by, after={"field": field}, address=address)
    return str(getattr(client, field))


def record_export(count: int, query: str, *, reason: str, by: Employee) -> None:
    """Note that `by` took `count` clients out of the system, with the filters and the purpose."""
    record("clients.exported", "客户列表", by=by, after={"rows": count, "query": query[:500]}, reason=reason)


def record_quarantine_export(batch: ImportBatch, count: int, *, by: Employee) -> None:
    """Note that `by` took `count` refused rows out of the system."""
    record("clients.quarantine_exported", batch, by=by, after={"rows": count})


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else str(value)
