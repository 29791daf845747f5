"""The gates one by one: each passes what stands at its limit, and is closed by a little more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from branchcrm.gates import FIRST_RUN, NEVER_ACCEPTED, Gate, _run_gates, _total_gates, drift
from branchcrm.steps import Night
from office.jobs import Ledger

GOOD: dict[str, Any] = {
    "clients": 1_000, "tier_changes": 0, "type_changes": 0, "rank_correlation": 1.0,
    "effective_weights": [0.4, 0.25, 0.35], "weights_differ": False, "nulls": 0,
}  # fmt: skip


def night(*, first: bool = False, unknown: int = 0, promised: Any = None, totals: Any = None, **figures: Any) -> Night:
    sums = totals or {"assets": (10**9, 10**9), "commission": (10**6, 10**6)}
    made = SimpleNamespace(
        figures=GOOD | figures,
        previous_figures=None if first else GOOD,
        ledgers={"feed": Ledger(seen=10_000)},
        totals=SimpleNamespace(**sums),
        feed=SimpleNamespace(unknown=unknown, promised=lambda name: (promised or {}).get(name)),
    )
    return cast(Night, made)


def closed(one: Night) -> list[str]:
    return [gate.code for gate in [*_run_gates(one), *_total_gates(one)] if not gate.passed]


@pytest.mark.parametrize(
    ("code", "within", "beyond"),
    [
        ("clients", {"clients": 1_020}, {"clients": 1_021}),
        ("clients", {"clients": 980}, {"clients": 979}),
        ("tiers", {"tier_changes": 50}, {"tier_changes": 51}),
        ("types", {"type_changes": 100}, {"type_changes": 101}),
        ("ranks", {"rank_correlation": 0.95}, {"rank_correlation": 0.9499}),
        ("weights", {"effective_weights": [0, 0, 0]}, {"effective_weights": [0.4, 0.25, 0.34]}),
        ("nulls", {"nulls": 0}, {"nulls": 1}),
        ("unknown", {"unknown": 10}, {"unknown": 11}),
        (
            "assets",
            {"totals": {"assets": (10_001, 10_000), "commission": (0, 0)}},
            {"totals": {"assets": (10_002, 10_000), "commission": (0, 0)}},
        ),
        (
            "commission",
            {"totals": {"assets": (0, 0), "commission": (9_999, 10_000)}},
            {"totals": {"assets": (0, 0), "commission": (1, 0)}},
        ),
        ("promise", {"promised": {"turnover": (10_001, 10_000)}}, {"promised": {"turnover": (10_002, 10_000)}}),
        ("promise", {"promised": {"metric_rows": (0, 0)}}, {"promised": {"metric_rows": (0, 1)}}),
    ],
)
def test_each_gate_is_closed_alone(code: str, within: dict[str, Any], beyond: dict[str, Any]) -> None:
    assert closed(night(**within)) == []
    assert closed(night(**beyond)) == [code]


def test_a_first_night_has_nothing_to_differ_from() -> None:
    gates = {
        gate.code: gate for gate in _run_gates(night(first=True, clients=3, tier_changes=3, rank_correlation=None))
    }
    assert all(gate.passed for gate in gates.values())
    assert [gates[code].value for code in ("clients", "tiers", "types", "ranks")] == [FIRST_RUN] * 4


def test_the_worst_promise_is_named() -> None:
    promised = {"commission": (10_000, 10_001), "turnover": (9_000, 10_000), "metric_rows": (5, 5)}
    gate = next(gate for gate in _total_gates(night(promised=promised)) if gate.code == "promise")
    assert (gate.note, gate.value, gate.passed) == ("成交额", "10.0000%", False)


@pytest.mark.parametrize(
    ("now", "before", "share"), [(0, 0, 0.0), (0, 5, 1.0), (5, 0, 1.0), (-1, 1, 2.0), (1, -1, 2.0)]
)
def test_a_drift_from_nothing_is_whole(now: float, before: float, share: float) -> None:
    assert drift(now, before) == share


def test_faults_and_refusals_of_clients_are_never_let_pass() -> None:
    assert {"weights", "nulls", "undated", "closed", "denied"} == NEVER_ACCEPTED
    assert Gate("x", "x", "0", "1", passed=False).as_json()["accepted"] is False
