"""What the score makes of a client who may leave: one signal when he enters a band, its task, a word to the leader."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import transaction

from complaints.queries.facts import LOOK_BACK, served_badly
from office.dates import SHANGHAI
from office.jobs import Ledger
from office.menu import link
from office.models import Branch, Employee
from office.operations.notices import notify
from office.queries import calendar
from retention.models import Band, ChurnRun, ChurnStanding
from retention.queries.churn import scores_of
from retention.queries.discretion import CONFIDENTIAL, named_in_complaints
from retention.scoring.signals import LABELS
from service_logs.models import Signal
from service_logs.operations.events import Event, raise_events

MOTS = {Band.WATCH: "churn_watch", Band.WARN: "churn_warn", Band.ALARM: "churn_alarm"}
QUIET_AGAIN = 20  # trading days: a client who only wavers around a limit is told once
START_OF_WORK = time(8, 0)
MOST_REASONS = 3  # in the words of a task


@transaction.atomic
def raise_churn(branch: Branch, as_of: date) -> Ledger:
    """Raise a signal and a task for every client whom the run of `as_of` found in a higher band than the run before.

    Watch brings an optional task, warn and alarm mandatory ones; of an alarm the team leader hears, too.
    Run again it raises nothing new.
    """
    run = ChurnRun.objects.filter(branch=branch, as_of=as_of).order_by("-edition").first()
    if run is None:
        return Ledger(skipped=Counter({"当日没有流失评分": 1}))
    days = calendar(branch.calendar)
    risen = _risen(run)
    told = _told_lately(run, days.add_trading(as_of, -QUIET_AGAIN))
    fresh = [one for one in risen if (one.client_id, MOTS[Band(one.band)]) not in told]
    morning = datetime.combine(days.add_working(as_of, 1), START_OF_WORK, SHANGHAI)
    avoid = _kept_out([one.client_id for one in fresh if not CONFIDENTIAL.isdisjoint(one.codes)], as_of)
    events = [_event(one, as_of, avoid.get(one.client_id, frozenset())) for one in fresh]
    ledger = raise_events(branch, events, now=morning)
    ledger.seen = len(risen)
    if len(risen) > len(fresh):
        ledger.skipped["20 个交易日内已提示"] = len(risen) - len(fresh)
    ledger.detail["leaders"] = _tell_leaders(run, [one for one in fresh if one.band == Band.ALARM])
    return ledger


def _kept_out(client_ids: list[int], as_of: date) -> dict[int, frozenset[int]]:
    """Return who hears nothing of these clients: whom their complaints name, and about whom they answered badly."""
    named, about = named_in_complaints(client_ids), served_badly(client_ids, as_of - LOOK_BACK)
    return {pk: named.get(pk, frozenset()) | frozenset(about.get(pk, ())) for pk in client_ids}


def _risen(run: ChurnRun) -> list[ChurnStanding]:
    """Return who stands higher than the run of the day before left him."""
    standings = list(ChurnStanding.objects.filter(run=run, band__gte=Band.WATCH).order_by("client_id"))
    earlier = ChurnRun.objects.filter(branch=run.branch_id, as_of__lt=run.as_of).order_by("-as_of", "-edition").first()
    before = scores_of(earlier, [one.client_id for one in standings]) if earlier else {}
    return [one for one in standings if one.client_id not in before or before[one.client_id].band < one.band]


def _told_lately(run: ChurnRun, since: date) -> set[tuple[int, str]]:
    rows = Signal.objects.filter(
        branch=run.branch_id, rule__code__in=MOTS.values(), occurred_on__gt=since, occurred_on__lte=run.as_of
    )
    return set(rows.exclude(occurred_on=run.as_of).values_list("client_id", "rule__code"))


def _event(one: ChurnStanding, as_of: date, avoid: frozenset[int]) -> Event:
    """Return the event of a client; its words leave complaints out, and nobody named in one hears of it."""
    told = [sign for sign in one.reasons if sign["code"] not in CONFIDENTIAL][:MOST_REASONS]
    why = "；".join(f"{LABELS[sign['code']]}（{sign['fact']}）" for sign in told)
    facts = {"score": f"{one.score:.0f}", "why": why or "详见流失风险名单"}
    occurrence = f"churn:{as_of:%Y-%m-%d}"
    return Event(MOTS[Band(one.band)], one.client_id, occurrence, as_of, facts, avoid=avoid)


def _tell_leaders(run: ChurnRun, alarmed: Iterable[ChurnStanding]) -> int:
    """Put a line behind the bell of each team leader whose team serves somebody alarmed; return how many were told."""
    ids = [one.client_id for one in alarmed]
    served = ChurnStanding.objects.filter(pk__in=ids).exclude(client__standing__manager__team__leader=None)
    counts: defaultdict[int, int] = defaultdict(int)
    for leader_id in served.values_list("client__standing__manager__team__leader_id", flat=True):
        counts[leader_id] += 1
    url = f"{link('retention:list')}?band={Band.ALARM:d}"
    for leader in Employee.objects.filter(pk__in=counts, is_active=True):
        text = f"{run.as_of.month}月{run.as_of.day}日：本团队 {counts[leader.pk]} 位客户进入流失警报"
        notify([leader], f"churn-alarm:{run.as_of:%Y-%m-%d}", text, url)
    return len(counts)
