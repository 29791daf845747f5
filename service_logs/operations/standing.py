"""What a client's row says of contacts, told anew from the log."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from clients.models import Client, ClientStanding
from service_logs.models import MESSAGES, Contact, ServiceStanding
from service_logs.queries.policies import owed_to


def stand_again(client: Client) -> None:
    """Derive the last and next contact of one client from the entries that stand.

    Called by everything that writes an entry; so an undone or corrected one leaves no trace here.
    """
    entries = Contact.objects.standing().filter(client=client)
    latest = entries.filter(is_qualifying=True).aggregate(
        talk=Max("at", filter=~Q(channel__in=MESSAGES)), message=Max("at", filter=Q(channel__in=MESSAGES))
    )
    talk_on, message_on = _day(latest["talk"]), _day(latest["message"])
    agreed_on = _agreed_on(entries)
    memory, _ = ServiceStanding.objects.update_or_create(
        client=client,
        defaults={"last_talk_on": talk_on, "last_message_on": message_on, "agreed_on": agreed_on},
        create_defaults={
            "branch": client.branch, "seen_on": timezone.localdate(),
            "last_talk_on": talk_on, "last_message_on": message_on, "agreed_on": agreed_on,
        },
    )  # fmt: skip
    last_on, next_on = _last_and_next(client, memory)
    ClientStanding.objects.filter(pk=client.pk).update(last_contact_on=last_on, next_contact_on=next_on)


def _agreed_on(entries: QuerySet[Contact]) -> date | None:
    """Return the day that the latest entry with a word on it agreed; a later talk that counts ends the agreement."""
    is_talk = Q(is_qualifying=True) & ~Q(channel__in=MESSAGES)
    telling = entries.filter(is_talk | Q(next_contact_on__isnull=False)).order_by("-at", "-pk")
    return telling.values_list("next_contact_on", flat=True).first()


def _last_and_next(client: Client, memory: ServiceStanding) -> tuple[date | None, date | None]:
    """Return the last contact that counts for what is owed to the client, and when the next one is due.

    A talk is more than a message: it counts for both. Where only talks are owed, messages count for nothing.
    A day agreed on goes before the rhythm of talks, not before a message that is due sooner.
    """
    rhythms = owed_to(client).rhythms
    talk_on = memory.last_talk_on
    either_on = max((day for day in (talk_on, memory.last_message_on) if day), default=None)
    last_on = talk_on if set(rhythms) == {"talk"} else either_on
    due = []
    if memory.agreed_on:
        due.append(memory.agreed_on)
    elif rhythm := rhythms.get("talk"):
        due.append(talk_on + timedelta(days=rhythm) if talk_on else _first_due(memory, client.pk % rhythm))
    if rhythm := rhythms.get("message"):
        due.append(either_on + timedelta(days=rhythm) if either_on else _first_due(memory, 0))
    return last_on, min(due, default=None)


def _first_due(memory: ServiceStanding, spread: int) -> date:
    """Return when who was never reached is due, as the plan of the night spreads it."""
    return memory.seen_on + timedelta(days=1 + spread)


def _day(at: Any) -> date | None:
    return timezone.localtime(at).date() if at else None
