"""Scores of past days, for a branch whose history came at once: what the back-test needs from its first day on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from office.jobs import Ledger
from office.models import Branch
from office.queries import calendar
from retention.operations.churn import score_churn
from segmentation.models import WindowState
from segmentation.operations.windows import roll_windows


@transaction.atomic
def score_past(branch: Branch, days: Iterable[date]) -> Ledger:
    """Score past trading days from what was known on each; then let the windows stand where they stood.

    No list, signal or task comes of it. Days without trading are passed over.
    """
    trading = calendar(branch.calendar)
    stood = WindowState.objects.filter(branch=branch).values_list("as_of", flat=True).first()
    ledger = Ledger()
    for day in sorted(set(days)):
        if not trading.is_trading(day):
            ledger.skipped["非交易日"] += 1
            continue
        roll_windows(branch, day)
        told = score_churn(branch, day)
        ledger.seen += told.seen
        ledger.changed += told.changed
    if stood is not None:
        roll_windows(branch, stood)
    return ledger
