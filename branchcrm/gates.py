"""The gates a night passes before anybody reads it (nightly.md §8): limit, measured value, and whether it holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection

from office.formats import fen, number, percent
from office.jobs import Ledger

if TYPE_CHECKING:
    from branchcrm.steps import Night

FIRST_RUN = "首次运行"
NOT_PROMISED = "无对账总数"
NEVER_ACCEPTED = frozenset({"weights", "nulls", "undated", "closed", "denied"})  # faults, and the client's own no


@dataclass(frozen=True)
class Gate:
    """One gate: `value`, `limit` and `note` are written as people read them."""

    code: str
    label: str
    limit: str
    value: str
    passed: bool
    note: str = ""  # what lies behind the value
    accepted: bool = False  # let through by a named person

    def as_json(self) -> dict[str, Any]:
        """Return the gate as the ledger keeps it."""
        return asdict(self)


def drift(now: float, before: float) -> float:
    """Return by which share `now` differs from `before`; 0 where both are 0, 1 where only `before` is."""
    if before == 0:
        return 0.0 if now == 0 else 1.0
    return abs(now - before) / abs(before)


def at_most(code: str, label: str, value: float | None, *, note: str = "", places: int = 2) -> Gate:
    """Return a gate on a share against its limit in CRM_GATES; None (nothing to compare with) passes."""
    limit = settings.CRM_GATES[code]
    shown = FIRST_RUN if value is None else percent(value, places)
    return Gate(code, label, f"≤ {percent(limit, 2)}", shown, value is None or value <= limit, note)


def none_of(code: str, label: str, count: int) -> Gate:
    """Return a gate that wants a count of zero."""
    return Gate(code, label, "0", number(count), count == 0)


def check_gates(night: Night) -> Ledger:
    """Measure every gate on what this night is about to publish; the caller rolls back if one is closed."""
    gates = [*_run_gates(night), *_total_gates(night), *_task_gates(night)]
    night.gates = [
        Gate(**{**gate.as_json(), "accepted": gate.code in night.accepted and not gate.passed}) for gate in gates
    ]
    closed = sum(not gate.passed for gate in night.gates)
    return Ledger(seen=len(gates), changed=len(gates) - closed, detail={"closed": closed})


def _run_gates(night: Night) -> list[Gate]:
    now, before = night.figures, night.previous_figures
    weights = sum(now["effective_weights"])
    return [
        _clients_gate(now["clients"], before["clients"] if before else None),
        at_most("tiers", "等级变更", now["tier_changes"] / max(now["clients"], 1) if before else None),
        at_most("types", "类型变更", now["type_changes"] / max(now["clients"], 1) if before else None),
        _ranks_gate(now["rank_correlation"] if before else None),
        Gate(
            "weights",
            "实际权重已计算",
            "合计 1",
            number(weights, 4) if weights else "价值无差异",
            abs(weights - 1.0) < 1e-6 or not any(now["effective_weights"]),
            _weights_note(now),
        ),
        none_of("nulls", "必填字段空值", now["nulls"]),
    ]


def _weights_note(now: dict[str, Any]) -> str:
    """The share each component really has in the value, which a director compares with the weights he set."""
    shares = " / ".join(percent(share) for share in now["effective_weights"])
    return f"实际 佣金 / 购买力 / 资产 = {shares}{'，与名义权重相差超过 15 点' if now['weights_differ'] else ''}"


def _clients_gate(now: int, before: int | None) -> Gate:
    """The number of clients, with the direction in which it moved."""
    gate = at_most("clients", "客户数变化", None if before is None else drift(now, before))
    if before is None:
        return gate
    sign = "+" if now > before else "−" if now < before else ""
    limit = gate.limit.replace("≤ ", "±")
    return Gate(gate.code, gate.label, limit, sign + gate.value, gate.passed, f"{number(before)} → {number(now)} 位")


def _ranks_gate(correlation: float | None) -> Gate:
    limit = settings.CRM_GATES["ranks"]
    shown = FIRST_RUN if correlation is None else number(correlation, 4)
    passed = correlation is None or correlation >= limit
    return Gate("ranks", "价值名次相关", f"≥ {number(limit, 2)}", shown, passed)


def _total_gates(night: Night) -> list[Gate]:
    seen = night.ledgers["feed"].seen
    return [
        _agreement_gate("assets", "总资产对账差", *night.totals.assets),
        _agreement_gate("commission", "净佣金对账差", *night.totals.commission),
        _promise_gate(night),
        at_most("unknown", "未知客户", night.feed.unknown / max(seen, 1)),
    ]


def _agreement_gate(code: str, label: str, ours: int, counter: int) -> Gate:
    note = "" if ours == counter else f"差额 {fen(ours - counter)} 元：评分 {fen(ours)}，柜台 {fen(counter)}"
    return at_most(code, label, drift(ours, counter), note=note, places=4)


def _promise_gate(night: Night) -> Gate:
    """What was delivered beside what the sender's manifest promised."""
    pairs = {words: night.feed.promised(name) for name, words in PROMISES.items()}
    found = {words: drift(*pair) for words, pair in pairs.items() if pair is not None}
    if not found:
        return Gate("promise", "清单对账差", f"≤ {percent(settings.CRM_GATES['promise'], 2)}", NOT_PROMISED, True)
    worst = max(found, key=lambda words: found[words])
    return at_most("promise", "清单对账差", found[worst], note=worst if found[worst] else "", places=4)


# control totals of the manifest → words
PROMISES = {"latest_total_assets": "总资产", "commission": "佣金", "turnover": "成交额", "metric_rows": "行数"}


def _task_gates(night: Night) -> list[Gate]:
    undated, closed, denied = _task_faults(night)
    return [
        none_of("undated", "MOT 缺客户或时限", undated),
        none_of("closed", "已销户客户的任务", closed),
        none_of("denied", "未授权的联系", denied),
    ]


TASK_FAULTS = """
SELECT count(*) FILTER (WHERE t.due_at IS NULL OR t.client_id IS NULL),
       count(*) FILTER (WHERE s.is_closed),
       count(*) FILTER (WHERE t.source = 'plan' AND p.id IS NOT NULL)
FROM service_logs_task t
LEFT JOIN clients_clientstanding s ON s.client_id = t.client_id
LEFT JOIN clients_channelpreference p ON p.client_id = t.client_id
     AND p.channel = t.channel AND p.purpose = 'service' AND p.state = 'denied'
WHERE t.branch_id = %s AND t.made_on = %s AND t.state = 'open'
"""


def _task_faults(night: Night) -> tuple[int, int, int]:
    """Count tonight's tasks without client or deadline, of closed clients, and of contacts the client refused."""
    with connection.cursor() as cursor:
        cursor.execute(TASK_FAULTS, [night.branch.pk, night.day])
        undated, closed, denied = cursor.fetchone()
    return undated, closed, denied
