"""The list of who may leave as a workbook: what the page shows, amounts in yuan, text never a formula."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import xlsxwriter

from retention.queries.discretion import Line

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FEN_PER_YUAN = 100
HEADS = (
    "客户号", "客户", "等级", "风险", "流失分", "12 月贡献（元）", "风险价值（元）", "客户经理", "原因",
)  # fmt: skip


def churn_workbook(lines: Iterable[Line]) -> tuple[bytes, int]:
    """Return the workbook of `lines` and how many rows it holds."""
    buffer, count = BytesIO(), 0
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("流失风险")
        sheet.write_row(0, 0, HEADS, book.add_format({"bold": True}))
        for count, line in enumerate(lines, start=1):
            for column, value in enumerate(_cells(line)):
                write = sheet.write_string if isinstance(value, str) else sheet.write_number
                write(count, column, value)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue(), count


def _cells(line: Line) -> list[Any]:
    client, standing = line.row.client, line.row.client.standing
    return [
        client.client_no, client.name, standing.get_tier_display(), line.band_label, line.score,
        standing.contribution_fen / FEN_PER_YUAN, line.value_at_risk_fen / FEN_PER_YUAN,
        standing.manager.name if standing.manager else "", "；".join(_reason(sign) for sign in line.reasons),
    ]  # fmt: skip


def _reason(sign: dict[str, Any]) -> str:
    return f"{sign['label']} {sign['points']:g} 分：{sign['fact']}"
