"""A branch with published nights for tests of pages: three clients whose figures are easy to check by hand."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from clients.models import ClientStanding
from office.models import Branch
from segmentation.models import ScoringRun
from segmentation.operations.scoring import publish_run, score_branch
from segmentation.operations.windows import roll_windows
from tests.conftest import Cast
from tests.segmentation.branch_facts import Facts

THURSDAY, FRIDAY, MONDAY = date(2026, 8, 20), date(2026, 8, 21), date(2026, 8, 24)
WAN = 1_000_000  # fen
TRADER, BUYER, HOLDER = "880100000011", "880100000012", "880100000013"


def score(branch: Branch, day: date) -> ScoringRun:
    """Roll, score and publish one night, as the night itself does."""
    with transaction.atomic():
        roll_windows(branch, day)
        run, _ = score_branch(branch, day)
        publish_run(run)
        Branch.objects.filter(pk=branch.pk).update(data_as_of=day)
    return run


def fill(cast: Cast) -> Facts:
    """Give li a trader, a buyer of funds and a holder of assets, each with a year of history."""
    facts = Facts(cast.branch)
    facts.accounts[cast.wu.client_no] = list(cast.wu.accounts.all())
    for client_no in (TRADER, BUYER, HOLDER):
        made = facts.client(client_no, kind="person")
        ClientStanding.objects.filter(client=made).update(manager=cast.li)
    for offset in range(30):
        day = THURSDAY - timedelta(days=offset)
        facts.day(TRADER, day, assets=20 * WAN, commission=100_00, turnover=40 * WAN)
        facts.day(BUYER, day, assets=40 * WAN)
        facts.day(HOLDER, day, assets=300 * WAN)
        facts.day(cast.wu.client_no, day, assets=WAN)
    for client_no in (TRADER, BUYER, HOLDER):
        facts.day(client_no, date(2025, 8, 1), assets=WAN)
    facts.buy(BUYER, date(2026, 8, 3), 30 * WAN)
    facts.deliver()
    return facts


def two_nights(cast: Cast) -> ScoringRun:
    """Publish Thursday, then Friday on which the holder has become a trader too; return Friday's run."""
    facts = fill(cast)
    score(cast.branch, THURSDAY)
    for client_no, assets in ((TRADER, 20), (BUYER, 40), (HOLDER, 300)):
        busy = client_no == HOLDER
        facts.day(
            client_no, FRIDAY, assets=assets * WAN, commission=9_000_00 if busy else 0, turnover=WAN if busy else 0
        )
    facts.deliver()
    run = score(cast.branch, FRIDAY)
    cast.branch.refresh_from_db()
    return run
