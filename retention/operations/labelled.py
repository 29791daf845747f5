"""The churn score judged on a population whose end is known: labels beside a feed, scores from facts before them.

The feed is read through the usual door inside a transaction that is taken back: nothing of it stays.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.models import Max, Min

from clients.models import Account, AccountDay
from clients.operations.feed import import_feed
from office.errors import DomainError
from office.models import Branch
from office.operations.calendar import seed_calendar
from office.partitions import month_of
from office.queries import calendar
from retention.models import Band, ChurnRun
from retention.operations.churn import score_churn
from retention.queries.backtest import Table, table
from retention.queries.churn import scores_of
from retention.scoring.signals import SIGNS, Sign
from segmentation.operations.windows import roll_windows

LABELS, ACCOUNTS = "churn_labels.csv.gz", "accounts.csv.gz"


class NoLabels(DomainError):
    """The folder holds no labels, or none of a client of its feed."""


@dataclass(frozen=True)
class Judged:
    """What the score was worth on a labelled population.

    `at_date` is the score on the last day before the labels' period; `at_peak` the highest band at any
    end of a month of the daily history before that, of those who have one.
    """

    branch: str
    as_of: date
    history: tuple[date, date]  # first and last day of daily facts before the label
    at_date: Table
    at_peak: Table
    found: dict[str, tuple[int, int]]  # code of a sign → labelled clients who ever showed it, those of them who left

    @property
    def never_found(self) -> list[Sign]:
        """The signs nobody showed: for want of facts in the feed, or because they never held."""
        return [sign for sign in SIGNS if sign.code not in self.found]


def judge(folder: Path) -> Judged:
    """Score the labelled clients of the feed in `folder` from what was known before their labels' period.

    Raises NoLabels.
    """
    labels = _labels(folder / LABELS)
    with transaction.atomic():
        seed_calendar()
        _open_branches(folder)
        import_feed(folder)
        judged = _judged(labels)
        transaction.set_rollback(True)
    return judged


def _labels(path: Path) -> dict[str, bool]:
    """Return account number → whether its owner left."""
    if not path.exists() or not path.with_name(ACCOUNTS).exists():
        raise NoLabels(f"{path.name} 或 {ACCOUNTS} 不在该目录中")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return {row["account_no"]: row["churned"] == "1" for row in csv.DictReader(lines)}


def _open_branches(folder: Path) -> None:
    """Let every branch of the feed stand, so that its rows land."""
    with gzip.open(folder / ACCOUNTS, "rt", encoding="utf-8", newline="") as lines:
        codes = {row["branch_no"] for row in csv.DictReader(lines)}
    for code in sorted(codes):
        Branch.objects.get_or_create(code=code, defaults={"name": f"营业部 {code}"})


def _judged(labels: dict[str, bool]) -> Judged:
    accounts = Account.objects.filter(account_no__in=labels).select_related("branch")
    left = {account.client_id: labels[account.account_no] for account in accounts}
    branch = next((account.branch for account in accounts), None)
    if branch is None:
        raise NoLabels("没有一个标签对应导入的客户")
    as_of = _last_day_before(branch, left)
    first, last = _daily_history(branch, left, as_of)
    peaks: dict[int, int] = {}
    shown: dict[int, set[str]] = {client_id: set() for client_id in left}
    for day in _month_ends(branch, first, last):
        for client_id, band, codes in _scored(branch, day, left):
            peaks[client_id] = max(peaks.get(client_id, 0), band)
            shown[client_id] |= codes
    present = {client_id: (band, codes) for client_id, band, codes in _scored(branch, as_of, left)}
    for client_id, (_, codes) in present.items():
        shown[client_id] |= codes
    seen = Counter(code for codes in shown.values() for code in codes)
    gone = Counter(code for client_id, codes in shown.items() if left[client_id] for code in codes)
    return Judged(
        branch.code, as_of, (first, last), _table(((c, present.get(c, (Band.QUIET, set()))[0]) for c in left), left),
        _table(peaks.items(), left), {code: (count, gone[code]) for code, count in seen.items()},
    )  # fmt: skip


def _last_day_before(branch: Branch, left: dict[int, bool]) -> date:
    """Return the day the labels' period begins after: that of the first row that sums a whole period.

    The labels compare the average balance of two such periods, so the second one is what they tell.
    """
    rows = AccountDay.objects.filter(branch=branch, client__in=left, is_period=True)
    first: date | None = rows.aggregate(day=Min("day"))["day"]
    if first is None:
        raise NoLabels("标签所比较的期间没有汇总行，无从得知标签日期")
    return calendar(branch.calendar).last_trading(first)


def _daily_history(branch: Branch, left: dict[int, bool], as_of: date) -> tuple[date, date]:
    rows = AccountDay.objects.filter(branch=branch, client__in=left, is_period=False, day__lte=as_of)
    ends = rows.aggregate(first=Min("day"), last=Max("day"))
    return ends["first"] or as_of, ends["last"] or as_of


def _month_ends(branch: Branch, first: date, last: date) -> list[date]:
    days = [day for day in calendar(branch.calendar).trading if first <= day <= last]
    return list({month_of(day): day for day in days}.values())


def _scored(branch: Branch, day: date, left: dict[int, bool]) -> list[tuple[int, int, set[str]]]:
    """Score one day and return client, band and signs of the labelled clients it knew."""
    roll_windows(branch, day)
    run = ChurnRun.objects.get(pk=score_churn(branch, day).detail["run"])
    rows = scores_of(run, list(left)).values()
    return [(row.client_id, row.band, {sign["code"] for sign in row.signals}) for row in rows]


def _table(bands: Iterable[tuple[int, int]], left: dict[int, bool]) -> Table:
    return table((band, 1, int(left[client_id])) for client_id, band in bands)
