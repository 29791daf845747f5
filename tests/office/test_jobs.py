"""One worker per job and branch; what it did is written down, what it broke off is taken over."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import date

import pytest
from django.db import connection, transaction

from office.jobs import Ledger, claimed, pulse
from office.models import JobRun
from tests.conftest import Cast, make_branch

DAY = date(2026, 8, 21)


def run_of(name: str = "count") -> JobRun:
    return JobRun.objects.get(name=name, as_of=DAY)


def test_what_was_counted_is_written_down(cast: Cast) -> None:
    with claimed("count", DAY, cast.branch) as ledger:
        assert ledger is not None
        ledger.seen, ledger.changed, ledger.skipped = 5, 3, Counter({"已销户": 2})
    run = run_of()
    assert (run.state, run.rows_seen, run.rows_changed, run.skipped) == ("done", 5, 3, {"已销户": 2})
    assert run.peak_mb


def test_a_job_that_is_done_is_not_done_again(cast: Cast) -> None:
    for expected in (False, True):
        with claimed("count", DAY, cast.branch) as ledger:
            assert (ledger is None) == expected
    assert run_of().attempts == 1


def test_a_job_is_not_begun_twice_by_one_worker(cast: Cast) -> None:
    with claimed("count", DAY, cast.branch), claimed("count", DAY, cast.branch) as second:
        assert second is None


@pytest.mark.django_db(transaction=True)
def test_a_job_that_another_worker_holds_is_left_alone() -> None:
    branch = make_branch()
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"job:count:{branch.pk}"])
        with claimed("count", DAY, branch) as ledger:
            assert ledger is None
        with claimed("count", DAY, make_branch("8802")) as elsewhere:
            assert elsewhere is not None
        cursor.execute("SELECT pg_advisory_unlock_all()")
    with claimed("count", DAY, branch) as ledger:
        assert ledger is not None


def test_an_error_is_kept_and_raised_and_the_job_may_be_tried_again(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), claimed("count", DAY, cast.branch):
        raise ZeroDivisionError("one over nothing")
    assert run_of().state == "failed"
    assert "one over nothing" in run_of().error
    with claimed("count", DAY, cast.branch) as ledger:
        assert ledger is not None
    assert (run_of().state, run_of().attempts, run_of().error) == ("done", 2, "")


def test_a_killed_job_is_taken_over_at_once_whatever_its_lease_says(cast: Cast) -> None:
    with claimed("count", DAY, cast.branch):
        pass
    JobRun.objects.update(state=JobRun.State.RUNNING, finished_at=None)
    with claimed("count", DAY, cast.branch) as ledger:
        assert ledger is not None


def test_a_killed_job_of_another_day_no_longer_says_that_it_runs(cast: Cast) -> None:
    with claimed("count", date(2026, 8, 20), cast.branch):
        pass
    JobRun.objects.update(state=JobRun.State.RUNNING, finished_at=None)
    with claimed("count", DAY, cast.branch):
        pass
    assert JobRun.objects.get(as_of=date(2026, 8, 20)).state == "failed"


@pytest.mark.django_db(transaction=True)
def test_a_long_job_tells_how_far_it_is_even_from_inside_a_transaction() -> None:
    with claimed("count", DAY, make_branch()) as ledger:
        assert ledger is not None
        with pulse(ledger) as alive, closing(connection.copy()) as other, transaction.atomic():
            alive.beat(step="third")
            with other.cursor() as cursor:
                cursor.execute("SELECT detail ->> 'step', lease_until > now() FROM office_jobrun")
                assert cursor.fetchone() == ("third", True)


def test_none_of_many_expected_is_hollow() -> None:
    assert Ledger(seen=0, expected=700).is_hollow
    assert not Ledger(seen=1, expected=700).is_hollow
    assert not Ledger(seen=0, expected=0).is_hollow
    assert not Ledger(seen=0).is_hollow
