"""Who left and may be written or called: with his consent alone, and on the channels he named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields import DateField
from django.db.models.functions import Coalesce, Greatest, TruncDate

from clients.models import Account, ChannelPreference, Client
from clients.queries.search import matching_clients
from office.models import Employee
from retention.models import ClosureRequest, RetentionCase

P = ChannelPreference
PURPOSES = (P.Purpose.MARKETING, P.Purpose.SERVICE)
ORDER = ["-left_on", "-pk"]
LONG_AGO = date(1990, 1, 1)


@dataclass(frozen=True)
class Gone:
    """One client who left and said that he may be reached, by which channels, and why he left."""

    client: Client
    channels: list[str]
    reason: str
    learning: str


def _allowed(channel: str = "") -> Exists:
    """Return the condition that a channel (that one, if named) is granted for one of PURPOSES and refused for none."""
    mine = P.objects.filter(client=OuterRef("pk"), purpose__in=PURPOSES, state=P.State.GRANTED)
    if channel:
        mine = mine.filter(channel=channel)
    refused = P.objects.filter(
        client=OuterRef("client"), channel=OuterRef("channel"), purpose__in=PURPOSES, state=P.State.DENIED
    )
    return Exists(mine.filter(~Exists(refused)))


def gone_with_consent(user: Employee) -> QuerySet[Client]:
    """Return who has left the branch wholly and may still be reached, with `left_on`.

    Nobody without a granted channel, nobody who refused it for service or marketing, nobody who has died. Who said
    that he wants no talk is left alone, too.
    """
    refused_talk = RetentionCase.objects.filter(client=OuterRef("pk"), outcome=RetentionCase.Outcome.REFUSED_TALK)
    closed_on = (
        Account.objects.filter(client=OuterRef("pk")).values("client").annotate(on=Max("closed_on")).values("on")
    )
    done = ClosureRequest.objects.filter(
        client=OuterRef("pk"), kind=ClosureRequest.Kind.CLOSE, is_partial=False, state=ClosureRequest.State.DONE
    )
    done_on = done.values("client").annotate(on=Max(TruncDate("done_at"))).values("on")
    rows = Client.objects.visible_to(user).filter(status=Client.Status.CLOSED, is_deceased=False)
    left_on = Coalesce(Greatest(Subquery(closed_on), Subquery(done_on)), LONG_AGO, output_field=DateField())
    return rows.filter(_allowed(), ~Exists(refused_talk)).annotate(left_on=left_on)


def winback_list(user: Employee, wanted: dict[str, Any]) -> QuerySet[Client]:
    """Return those who left and may be reached whom the cleaned filter `wanted` asks for."""
    rows = gone_with_consent(user)
    if wanted.get("q"):
        rows = rows.filter(pk__in=matching_clients(user, wanted["q"]))
    if wanted.get("channel"):
        rows = rows.filter(_allowed(wanted["channel"]))
    if wanted.get("reason"):
        asked = ClosureRequest.objects.filter(client=OuterRef("pk"), reason=wanted["reason"])
        closed = RetentionCase.objects.filter(client=OuterRef("pk"), reason=wanted["reason"])
        rows = rows.filter(Exists(asked) | Exists(closed))
    return rows


def told(clients: list[Client]) -> list[Gone]:
    """Return the rows of a page with the channels that may be used and what is known of why they left."""
    ids = [client.pk for client in clients]
    channels: dict[int, list[str]] = {pk: [] for pk in ids}
    refused = P.objects.filter(
        client=OuterRef("client"), channel=OuterRef("channel"), purpose__in=PURPOSES, state=P.State.DENIED
    )
    granted = P.objects.filter(client__in=ids, purpose__in=PURPOSES, state=P.State.GRANTED)
    for row in granted.filter(~Exists(refused)).order_by("client", "channel"):
        label = str(row.get_channel_display())
        if label not in channels[row.client_id]:
            channels[row.client_id].append(label)
    cases = RetentionCase.objects.filter(client__in=ids).order_by("client", F("opened_on").desc(), "-pk")
    last = {case.client_id: case for case in cases.distinct("client")}
    asked = ClosureRequest.objects.filter(Q(client__in=ids) & ~Q(reason="")).order_by("client", "-requested_at")
    said = {request.client_id: request.get_reason_display() for request in asked.distinct("client")}
    return [_gone(client, channels[client.pk], last.get(client.pk), said.get(client.pk, "")) for client in clients]


def _gone(client: Client, channels: list[str], case: RetentionCase | None, said: str) -> Gone:
    reason = case.get_reason_display() if case and case.reason else said
    return Gone(client, channels, str(reason), case.learning if case else "")
