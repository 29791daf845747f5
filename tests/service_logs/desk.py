"""What a page test lays on a desk: tasks and entries relative to the day the pages read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from clients.models import Client
from office.dates import SHANGHAI
from office.models import Employee
from service_logs.models import Contact, Kind, Rule, Signal, SignalMark, Task


def today() -> date:
    return timezone.localdate()


def on(days: int, hour: int = 17) -> datetime:
    """Return an hour of the day that lies `days` from today."""
    return datetime.combine(today() + timedelta(days=days), time(hour), SHANGHAI)


def owe(
    client: Client, owner: Employee | None, title: str = "送对账单", *, days: int = 0, hour: int = 17, **fields: Any
) -> Task:
    """Make an owed task, mandatory and by hand unless said otherwise."""
    fields.setdefault("source", Task.Source.MANUAL)
    fields.setdefault("kind", Kind.MANDATORY)
    fields.setdefault("tier", client.standing.tier)
    return Task.objects.create(
        branch=client.branch, client=client, owner=owner, title=title, due_at=on(days, hour),
        made_on=today() - timedelta(days=1), opened_on=today(), **fields,
    )  # fmt: skip


def owe_contact(client: Client, owner: Employee, *, late: int = 0, **fields: Any) -> Task:
    """Make a planned contact whose rhythm ended `late` days ago."""
    facts = {
        "rhythm": 7,
        "due_on": str(today() - timedelta(days=late)),
        "last_on": str(today() - timedelta(days=7 + late)),
    }
    return owe(client, owner, "周联系", source=Task.Source.PLAN, facts=facts, **fields)


def noticed(
    client: Client, owner: Employee | None, code: str, *, facts: dict[str, Any] | None = None, **fields: Any
) -> Task:
    """Let last night have noticed something of the client, with the task that came of it."""
    rule = Rule.objects.get(code=code)
    night = today() - timedelta(days=1)
    SignalMark.objects.get_or_create(branch=client.branch, day=night, defaults={"facts_until": night})
    signal = Signal.objects.create(
        branch=client.branch, rule=rule, client=client, occurrence=str(night), occurred_on=night, day=night,
        kind=rule.kind, facts=facts or {},
    )  # fmt: skip
    fields.setdefault("kind", rule.kind)
    return owe(client, owner, rule.name, source=Task.Source.MOT, rule=rule, signal=signal, **fields)


def tell(client: Client, author: Employee, summary: str = "已说明账户情况", *, days: int = 0, **fields: Any) -> Contact:
    """Write an entry of the log straight into the table."""
    fields.setdefault("result", Contact.Result.REACHED)
    return Contact.objects.create(
        branch=client.branch, client=client, author=author, at=on(days, 9), summary=summary, **fields
    )
