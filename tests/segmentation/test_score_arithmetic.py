"""The scores of a first run agree with a careful person's, and with the file that lies beside the project."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from clients.operations.feed import import_feed
from office.dates import TradingCalendar
from segmentation.models import ClientScore
from segmentation.operations.scoring import score_branch
from segmentation.operations.windows import roll_windows
from segmentation.queries.export import COLUMNS
from tests.conftest import make_branch
from tests.segmentation.branch_facts import random_branch
from tests.segmentation.reference import Checker

T = date(2026, 8, 21)
FEED = Path(settings.BASE_DIR).parent / "shared" / "feed"
pytestmark = pytest.mark.django_db


@pytest.mark.req("VAL-01", "VAL-03", "VAL-07")
@pytest.mark.parametrize("seed", range(3))
def test_a_first_run_agrees_with_the_rule_taken_one_client_at_a_time(calendar: TradingCalendar, seed: int) -> None:
    branch = make_branch()
    random_branch(branch, seed, T, clients=40).deliver()
    roll_windows(branch, T)
    run, _ = score_branch(branch, T)
    expected = Checker(branch, T, calendar).scores()
    scores = {score.client.client_no: score for score in ClientScore.objects.filter(run=run).select_related("client")}
    assert scores.keys() == expected.keys()
    for number, row in expected.items():
        score = scores[number]
        for name in ("commission_raw", "purchasing_raw", "assets_raw", "commission_norm", "purchasing_norm",
                     "assets_norm", "value"):  # fmt: skip
            assert getattr(score, name) == pytest.approx(row[name], abs=0.01), (number, name)
        assert score.contribution_fen / 100 == pytest.approx(row["contribution"], abs=0.01), number
        assert (score.rank, str(score.tier), str(score.value_type)) == (row["rank"], row["tier"], row["type"]), number
        assert (score.is_core, bool(score.flag_bits & 2)) == (row["in_core"], row["stale"]), number


def test_the_random_branches_hold_every_case_worth_checking(calendar: TradingCalendar) -> None:
    branch = make_branch()
    random_branch(branch, 1, T, clients=40).deliver()
    roll_windows(branch, T)
    run, _ = score_branch(branch, T)
    bits = list(ClientScore.objects.filter(run=run).values_list("flag_bits", flat=True))
    assert any(bit & 1 for bit in bits), "a new client"
    assert {bool(bit & 2) for bit in bits} == {True, False}, "stale and fresh assets"
    assert any(bit & 4 for bit in bits), "a day reduced to the bound"


def _expected() -> Iterator[dict[str, str]]:
    with (FEED / "expected_2026-08-21.csv").open() as file:
        yield from csv.DictReader(file)


@pytest.mark.req("VAL-01", "VAL-03", "VAL-04", "VAL-07")
@pytest.mark.skipif(not FEED.is_dir(), reason="the shared feed does not lie beside this clone")
def test_the_real_feed_gives_the_expected_file(calendar: TradingCalendar, tmp_path: Path) -> None:
    import_feed(FEED, create_branches=True)
    call_command("scores", "export", "--date", "2026-08-21", "--out", str(tmp_path / "scores.csv"))
    with (tmp_path / "scores.csv").open() as file:
        found = {row["client_no"]: row for row in csv.DictReader(file)}
    expected = {row["client_no"]: row for row in _expected()}
    assert tuple(next(iter(expected.values()))) == COLUMNS
    assert found.keys() == expected.keys()
    for number, row in expected.items():
        assert _close(found[number], row), (found[number], row)


def _close(found: dict[str, str], expected: dict[str, str]) -> bool:
    exact = ("branch", "client_no", "rank", "value_type", "tier", "in_core", "stale")
    near: list[Any] = [name for name in COLUMNS if name not in exact]
    return all(found[name] == expected[name] for name in exact) and all(
        abs(float(found[name]) - float(expected[name])) <= 0.01 for name in near
    )
