"""Whom a survey can ask, how far it has come, who is to be called next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet

from clients.models import ChannelPreference, Client, ClientStanding, Questionnaire
from complaints.models import Forum, Invitation, SurveyMessage, SurveyRun
from complaints.rules.surveys import sample, way_of
from office.crypto import keyed_hash
from office.dates import SHANGHAI
from office.models import Employee

MOST_TRIES = 3  # calls, after which a client counts as not reached
STATE = Invitation.State
NOT_SERVED = (Client.Status.PROSPECT, Client.Status.OPENING, Client.Status.CLOSED)


def audience(user: Employee, wanted: dict[str, Any]) -> QuerySet[ClientStanding]:
    """Return the standings of whom a run with these filters may ask; see SurveyRun.audience."""
    rows = ClientStanding.objects.visible_to(user).filter(is_closed=False, client__is_deceased=False)
    rows = rows.exclude(client__status__in=NOT_SERVED)
    narrowing = {
        "tiers": "tier__in", "types": "value_type__in", "managers": "manager__in", "teams": "manager__team__in",
        "contacted_since": "last_contact_on__gte",
    }  # fmt: skip
    chosen = {path: wanted[name] for name, path in narrowing.items() if wanted.get(name)}
    return rows.filter(**chosen)


def wishes_of(client_ids: Sequence[int]) -> dict[int, dict[tuple[str, str], str]]:
    """Return what clients said about surveys and service: client → (channel, purpose) → state."""
    rows = ChannelPreference.objects.filter(client_id__in=client_ids, purpose__in=("survey", "service"))
    said: dict[int, dict[tuple[str, str], str]] = {}
    for client_id, channel, purpose, state in rows.values_list("client_id", "channel", "purpose", "state"):
        said.setdefault(client_id, {})[channel, purpose] = state
    return said


@dataclass(frozen=True)
class Draw:
    """Who can be asked by a run: everybody in question with his manager, and (channel, way) of each one drawn."""

    serving: Mapping[int, int | None]
    ways: Mapping[int, tuple[str, str] | None]

    @property
    def asked(self) -> list[tuple[int, str, str]]:
        """(client, channel, way) of those whose consent leaves a way."""
        return [(client_id, *way) for client_id, way in self.ways.items() if way is not None]

    @property
    def not_asked(self) -> int:
        """How many of those drawn refused every way."""
        return len(self.ways) - len(self.asked)

    @property
    def by_channel(self) -> dict[str, int]:
        """How many would be asked by each channel."""
        return dict(Counter(channel for _, channel, _ in self.asked))


def draw(user: Employee, run: SurveyRun) -> Draw:
    """Return the sample of a run as it would be drawn now."""
    serving = dict(audience(user, run.audience).values_list("client_id", "manager_id"))
    chosen = sample(list(serving), run.seed, size=run.sample_size, share=run.sample_share)
    wishes = wishes_of(chosen)
    return Draw(serving, {client_id: way_of(run.channels, wishes.get(client_id, {})) for client_id in chosen})


def questionnaires_in_force(user: Employee, purpose: str = "") -> list[Questionnaire]:
    """Return the versions `user` may ask by; the branch's own takes the place of the house's of the same code."""
    rows = Questionnaire.objects.visible_to(user).filter(state=Questionnaire.State.ACTIVE).order_by("code", "pk")
    if purpose:
        rows = rows.filter(purpose=purpose)
    by_code: dict[str, Questionnaire] = {}
    for row in sorted(rows, key=lambda row: row.branch_id is not None):
        by_code[row.code] = row
    return list(by_code.values())


@dataclass(frozen=True)
class Progress:
    """How far a run has come, by people."""

    asked: int
    answered: int
    refused: int
    unreachable: int

    @property
    def waiting(self) -> int:
        """Who has not answered yet."""
        return self.asked - self.answered - self.refused - self.unreachable

    @property
    def rate(self) -> float | None:
        """The response rate: answered of asked, 0 to 1."""
        return self.answered / self.asked if self.asked else None


NO_PROGRESS = Progress(0, 0, 0, 0)
COUNTS = {
    "asked": Count("pk"),
    "answered": Count("pk", filter=Q(state=STATE.ANSWERED)),
    "refused": Count("pk", filter=Q(state=STATE.REFUSED)),
    "unreachable": Count("pk", filter=Q(state=STATE.UNREACHABLE)),
}


def progress(run: SurveyRun) -> dict[str, Progress]:
    """Return the progress of a run by channel, and under "" of all of it."""
    rows = Invitation.objects.filter(run=run).order_by("channel").annotate(group=F("channel"))
    found = _by_group(rows)
    total = [sum(counts) for counts in zip(*(vars(each).values() for each in found.values()), strict=True)]
    return {"": Progress(*total) if total else NO_PROGRESS} | found


def progress_of_runs(runs: Sequence[SurveyRun]) -> dict[int, Progress]:
    """Return the progress of each run by its id."""
    rows = Invitation.objects.filter(run__in=runs).order_by("run").annotate(group=F("run"))
    found = _by_group(rows)
    return {run.pk: found.get(run.pk, NO_PROGRESS) for run in runs}


def _by_group(rows: QuerySet[Any]) -> dict[Any, Progress]:
    counted = rows.values("group").annotate(**COUNTS).values_list("group", *COUNTS)
    return {group: Progress(*counts) for group, *counts in counted}


def to_call(user: Employee, run: SurveyRun) -> QuerySet[Invitation]:
    """Return whom `user` may call for the run: never who he serves; the least tried first."""
    rows = Invitation.objects.visible_to(user).answerable_by(user)
    rows = rows.filter(run=run, channel="phone", state=STATE.WAITING)
    return rows.select_related("client__standing", "manager").order_by("tries", "last_try_at", "pk")


def forum_list(user: Employee, run: SurveyRun) -> QuerySet[Forum]:
    """Return the forums of a run with their `size`, latest first."""
    rows = Forum.objects.visible_to(user).filter(run=run).annotate(size=Count("attendees"))
    return rows.select_related("host").order_by("-held_on", "-pk")


def waiting_messages(run: SurveyRun, now: datetime) -> QuerySet[SurveyMessage]:
    """Return the messages of a run that wait to be sent and whose link is still good, oldest first."""
    rows = SurveyMessage.objects.filter(invitation__run=run, state=SurveyMessage.State.WAITING)
    return rows.filter(invitation__state=STATE.WAITING, invitation__expires_at__gt=now).order_by("not_before", "pk")


def links_for(user: Employee, run: SurveyRun, now: datetime) -> QuerySet[SurveyMessage]:
    """Return the waiting messages of a run that `user` may send: none to clients he serves."""
    mine = Invitation.objects.visible_to(user).answerable_by(user).filter(run=run)
    rows = waiting_messages(run, now).filter(invitation__in=mine)
    return rows.select_related("invitation__run__branch", "invitation__client")


def expecting_answers(run: SurveyRun, now: datetime) -> bool:
    """Whether somebody may still answer: a run by link alone expects nobody once its last link is used or dead."""
    if run.channels != ["online"] or run.opens_on > now.astimezone(SHANGHAI).date():
        return True
    return Invitation.objects.filter(run=run, state=STATE.WAITING, expires_at__gt=now).exists()


def due_messages(branch_id: int | None, now: datetime) -> QuerySet[SurveyMessage]:
    """Return the messages of all open runs of a branch that may go out now and whose link is still good."""
    return SurveyMessage.objects.filter(
        invitation__run__branch=branch_id, invitation__run__state=SurveyRun.State.OPEN,
        state=SurveyMessage.State.WAITING, not_before__lte=now, invitation__state=STATE.WAITING,
        invitation__expires_at__gt=now,
    )  # fmt: skip


def sendable(user: Employee, now: datetime) -> QuerySet[SurveyMessage]:
    """Return what `user` may send now, of all runs he sees, oldest first: none to clients he serves."""
    mine = Invitation.objects.visible_to(user).answerable_by(user)
    rows = due_messages(user.branch_id, now).filter(invitation__in=mine).order_by("not_before", "pk")
    return rows.select_related("invitation__run__branch", "invitation__client")


def last_written_to(run: SurveyRun) -> QuerySet[Any]:
    """Return who has a link and has not used it, with when and how often he was written to."""
    rows = Invitation.objects.filter(run=run, channel="online", state=STATE.WAITING, token_hash__isnull=False)
    sent = Q(messages__state=SurveyMessage.State.SENT)
    return rows.annotate(
        last_at=Max("messages__done_at", filter=sent), turns=Max("messages__turn"),
        unsent=Count("messages", filter=Q(messages__state=SurveyMessage.State.WAITING)),
    ).order_by("pk")  # fmt: skip


def token_of(invitation: Invitation) -> str:
    """Return the secret of the one-time link: it follows from the invitation and this installation's key, unstored."""
    return keyed_hash(f"survey:{invitation.nonce}")[:32]


def token_hash(token: str) -> str:
    """Return what is stored of a link, and what it is found by."""
    return keyed_hash(f"survey-link:{token}")


def invitation_of_link(token: str) -> Invitation | None:
    """Return the invitation a link belongs to, used or not; None for a link that was never issued."""
    rows = Invitation.objects.select_related("run__questionnaire", "run__branch", "client__branch", "manager")
    return rows.filter(token_hash=token_hash(token)).first()


def link_is_good(invitation: Invitation, now: datetime, today: date) -> bool:
    """Whether a link may be used now: unused, not expired, its run open."""
    return invitation.is_open_at(now) and invitation.run.takes_answers(today)
