"""Surveys, satisfaction and findings as arithmetic."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from math import inf, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.rules.findings import kind_of, next_state, proposal, topic_of_complaint
from complaints.rules.satisfaction import Cell, figure, mean_interval, open_cells, wilson
from complaints.rules.surveys import allowed_from, is_low, link_until, reminder_is_due, sample, way_of
from office.dates import SHANGHAI

Said = dict[tuple[str, str], str]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.req("FBK-06")
@pytest.mark.parametrize(
    ("channels", "wishes", "wanted"),
    [
        (["phone"], {}, ("phone", "phone")),  # a call needs no consent …
        (["phone"], {("phone", "survey"): "denied"}, None),  # … but a refusal stops it
        (["phone"], {("phone", "service"): "denied"}, None),
        (["phone"], {("phone", "service"): "denied", ("phone", "survey"): "granted"}, ("phone", "phone")),
        (["online"], {}, None),  # a message needs consent
        (["online"], {("sms", "service"): "granted"}, ("online", "sms")),
        (["online"], {("sms", "service"): "granted", ("sms", "survey"): "denied"}, None),
        (["online"], {("sms", "survey"): "granted", ("wecom", "service"): "granted"}, ("online", "wecom")),
        (["online", "phone"], {}, ("phone", "phone")),
        (["online", "phone"], {("phone", "survey"): "denied", ("email", "survey"): "granted"}, ("online", "email")),
        (["forum"], {}, ("forum", "phone")),
        (["forum"], {("phone", "survey"): "denied"}, None),
        ([], {}, None),
    ],
)
def test_nobody_is_asked_by_a_way_he_refused(channels: list[str], wishes: Said, wanted: tuple[str, str] | None) -> None:
    assert way_of(channels, wishes) == wanted


@given(st.sets(st.integers(1, 10_000), max_size=60), st.integers(0, 2**31), st.integers(0, 80))
def test_a_sample_follows_from_its_seed_alone(ids: set[int], seed: int, size: int) -> None:
    drawn = sample(list(ids), seed, size=size)
    assert drawn == sample(sorted(ids, reverse=True), seed, size=size)
    assert len(drawn) == min(size, len(ids))
    assert set(drawn) <= ids


def test_a_share_is_rounded_up() -> None:
    assert len(sample(range(1, 12), 7, share=0.2)) == 3
    assert sample([3, 1, 2], 7) == [1, 2, 3]
    assert sample([], 7, share=0.5) == []


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("2026-08-24 08:59", "2026-08-24 09:00"),
        ("2026-08-24 09:00", "2026-08-24 09:00"),
        ("2026-08-24 20:59", "2026-08-24 20:59"),
        ("2026-08-24 21:00", "2026-08-25 09:00"),
        ("2026-08-24 23:30", "2026-08-25 09:00"),
        ("2026-08-25 00:00", "2026-08-25 09:00"),
    ],
)
def test_no_message_goes_out_in_quiet_hours(moment: str, wanted: str) -> None:
    assert allowed_from(at(moment), time(21), time(9)) == at(wanted)


def test_quiet_hours_may_lie_within_a_day() -> None:
    assert allowed_from(at("2026-08-24 13:00"), time(12), time(14)) == at("2026-08-24 14:00")
    assert allowed_from(at("2026-08-24 14:00"), time(12), time(14)) == at("2026-08-24 14:00")


def test_a_link_is_good_for_thirty_days_within_its_run() -> None:
    issued = at("2026-08-01 10:00")
    assert link_until(issued, date(2026, 12, 31)) == issued + timedelta(days=30)
    assert link_until(issued, date(2026, 8, 10)) == at("2026-08-11 00:00")


@pytest.mark.parametrize(
    ("sent", "most", "days", "wanted"),
    [(0, 1, 5, True), (0, 1, 4, False), (1, 1, 9, False), (1, 2, 5, True), (0, 0, 9, False), (3, 9, 9, False)],
)
def test_reminders_are_few_and_far_between(sent: int, most: int, days: int, wanted: bool) -> None:
    last = at("2026-08-01 10:00")
    assert reminder_is_due(sent, most, last, 5, last + timedelta(days=days)) is wanted


@pytest.mark.parametrize(("score", "wanted"), [(None, False), (1.0, True), (2.0, True), (2.1, False), (5.0, False)])
def test_two_of_five_is_low(score: float | None, wanted: bool) -> None:
    assert is_low(score) is wanted


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (80, 100, 0.7112, 0.8666)],
)
def test_shares_have_wilsons_interval(hits: int, count: int, low: float, high: float) -> None:
    """Against the figures of the textbook (Wilson 1927, 95 %)."""
    assert wilson(hits, count) == pytest.approx((low, high), abs=5e-4)


@given(st.integers(1, 500).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_an_interval_holds_its_share(pair: tuple[int, int]) -> None:
    low, high = wilson(*pair)
    assert 0 <= low <= pair[0] / pair[1] + 1e-12
    assert pair[0] / pair[1] - 1e-12 <= high <= 1


@given(st.lists(st.integers(1, 5), min_size=2, max_size=60))
def test_means_have_the_normal_interval(scores: list[int]) -> None:
    count, total = len(scores), sum(scores)
    mean, low, high = mean_interval(count, total, sum(score * score for score in scores))
    spread = sqrt(sum((score - total / count) ** 2 for score in scores) / (count - 1))
    assert mean == pytest.approx(total / count)
    assert low == pytest.approx(max(mean - 1.959964 * spread / sqrt(count), 1), abs=1e-6)
    assert high == pytest.approx(min(mean + 1.959964 * spread / sqrt(count), 5), abs=1e-6)


def cell(run: int, manager: int | None, count: int, *, closed: bool = True) -> Cell:
    return Cell(run, manager, count, count, count * 5.0, count * 25.0, closed)


@pytest.mark.req("FBK-05")
def test_a_manager_is_shown_his_own_closed_cells_of_five() -> None:
    cells = [cell(1, 7, 5), cell(1, 8, 9), cell(2, 7, 4), cell(3, 7, 12, closed=False), cell(1, None, 6)]
    shown = open_cells(cells, viewer_id=7, whole_branch=False, serving=frozenset({7}))
    assert shown == [cells[0]]


@pytest.mark.req("FBK-05")
def test_who_sees_the_branch_is_shown_of_himself_what_a_manager_is() -> None:
    cells = [cell(1, 7, 4), cell(1, 8, 1), cell(2, 7, 5), cell(2, 7, 5, closed=False)]
    shown = open_cells(cells, viewer_id=7, whole_branch=True, serving=frozenset({7}))
    assert shown == [cells[1], cells[2]]


cells_of = st.builds(
    cell, st.integers(1, 4), st.sampled_from([7, 8, 9, None]), st.integers(1, 12), closed=st.booleans()
)


@given(st.lists(cells_of, max_size=14, unique_by=lambda each: (each.run_id, each.manager_id)))
def test_no_difference_of_sums_tells_of_fewer_than_five(cells: list[Cell]) -> None:
    """Every figure a manager or leader can ask for is a sum of cells, so their differences are sums of whole cells."""
    shown = open_cells(cells, viewer_id=7, whole_branch=False, serving=frozenset({7, 8}))
    assert min((each.count for each in shown), default=inf) >= 5
    whole = figure(shown).count
    for run in {each.run_id for each in shown}:
        rest = figure([each for each in shown if each.run_id != run]).count
        assert whole - rest >= 5


def test_nothing_answered_gives_no_figure() -> None:
    assert (figure([]).count, figure([]).share, figure([]).mean) == (0, None, None)
    with pytest.raises(ValueError, match="answers"):
        wilson(0, 0)


@pytest.mark.req("FBK-02")
@pytest.mark.parametrize(
    ("clients", "answered", "wanted"),
    [(1, 40, "individual"), (2, 2, "individual"), (3, 60, "common"), (3, 61, "individual"), (4, 0, "common")],
)
def test_what_few_say_is_individual(clients: int, answered: int, wanted: str) -> None:
    assert kind_of(clients, answered) == wanted


@pytest.mark.req("QUA-06")
@pytest.mark.parametrize(
    ("topic", "kind", "wanted"),
    [
        ("attitude", "common", "training"), ("attitude", "individual", "training"), ("skill", "common", "training"),
        ("speed", "common", "process"), ("speed", "individual", "personal"), ("other", "common", "process"),
    ],
)  # fmt: skip
def test_attitude_leads_to_training_and_one_clients_need_to_his_service(topic: str, kind: str, wanted: str) -> None:
    assert proposal(topic, kind)[0] == wanted


@pytest.mark.parametrize(
    ("cause", "category", "wanted"),
    [
        ("attitude", "other", "attitude"), ("", "staff_attitude", "attitude"), ("unfounded", "staff_attitude", ""),
        ("", "system_fault", "channel"), ("process", "business_error", "speed"),
    ],
)  # fmt: skip
def test_complaints_belong_to_topics(cause: str, category: str, wanted: str) -> None:
    assert topic_of_complaint(cause, category) == wanted


@pytest.mark.parametrize(
    ("act", "state", "wanted"),
    [
        ("plan", "open", "planned"), ("plan", "planned", "planned"), ("plan", "done", None), ("finish", "open", None),
        ("finish", "planned", "done"), ("remeasure", "planned", None), ("remeasure", "done", "remeasured"),
        ("drop", "done", None), ("reopen", "remeasured", "open"),
    ],
)  # fmt: skip
def test_no_step_of_a_finding_is_skipped(act: str, state: str, wanted: str | None) -> None:
    assert next_state(act, state) == wanted
