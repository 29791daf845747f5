"""The night notices what happened to clients: one statement per branch, every occasion once."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from clients.models import ClientStanding
from office.jobs import Ledger
from office.models import Branch
from office.queries import calendar
from office.statements import run_large
from service_logs.models import SignalMark
from service_logs.queries.catalogue import catalogue
from service_logs.queries.outlook import Outlook
from service_logs.signals.compiling import compiled

HINDRANCES = {"not_profiled": "不做画像推送", "quiet": "静默状态", "cooldown": "冷却期内"}


@transaction.atomic
def raise_signals(branch: Branch, day: date) -> Ledger:
    """Notice every occasion of the night that follows `day`; run again, it notices nothing new.

    Facts are those behind the last night's up to the day the windows stand at, so a night that went
    without a feed is made up for by the next one.
    """
    night = Outlook(branch, day, calendar(branch.calendar))
    rules = [one for one in catalogue(branch) if one.is_active]
    ledger = Ledger()
    statement = compiled({one.rule.code: one.rule.number for one in rules})
    with connection.cursor() as cursor:
        told = run_large(cursor, statement, night.bindings(rules))[0]
    _count(ledger, told, {one.rule.pk: one.rule.name for one in rules})
    SignalMark.objects.update_or_create(branch=branch, day=day, defaults={"facts_until": night.looked_until})
    return ledger


def take_as_known(branch: Branch) -> int:
    """Take the tiers clients have now as known to their people; return how many were news.

    For a branch whose past is scored at once: what changed in it is no news of the next night.
    """
    news = ClientStanding.objects.filter(branch=branch, score_run_id__isnull=False).exclude(noticed_tier=F("tier"))
    return news.update(noticed_tier=F("tier"))


def _count(ledger: Ledger, rows: list[tuple[Any, ...]], names: dict[int, str]) -> None:
    made = {names[rule_id]: count for what, rule_id, count in rows if what == "made"}
    told = {what: count for what, _, count in rows if what != "made"}
    ledger.seen = sum(told.values())
    ledger.changed = sum(made.values())
    for what, label in HINDRANCES.items():
        if told.get(what):
            ledger.skipped[label] += told[what]
    known = told.get("passed", 0) - ledger.changed
    if known:
        ledger.skipped["已有同一事件"] += known
    ledger.detail["rules"] = made
