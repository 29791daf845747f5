"""The case board as a workbook: clients by number and masked name, amounts in yuan, nothing of what was said."""

from __future__ import annotations

from collections.abc import Iterable

from clients.feed.refusal import masked
from retention.library_sheets import FEN_PER_YUAN, Sheet
from retention.models import RetentionCase

HEADS = (
    "编号", "客户号", "客户", "由来", "风险", "风险价值（元）", "负责人", "开案", "申请", "状态", "谈话", "原因",
    "结果", "结案",
)  # fmt: skip


def case_sheet(rows: Iterable[RetentionCase]) -> Sheet:
    """Return the cases as the board lists them (see queries.cases.case_list)."""
    return Sheet("挽留个案", HEADS, (_cells(row) for row in rows))


def _cells(row: RetentionCase) -> list[object]:
    return [
        row.case_no, row.client.client_no, masked(row.client.name), row.get_trigger_display(), row.get_band_display(),
        row.value_at_risk_fen / FEN_PER_YUAN, row.owner.name, row.opened_on,
        row.request.request_no if row.request else "", row.get_state_display(),
        "已谈" if getattr(row, "is_talked", False) else "", row.get_reason_display() if row.reason else "",
        row.get_outcome_display() if row.outcome else "", row.closed_at,
    ]  # fmt: skip
