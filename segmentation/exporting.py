"""Rankings and tables as workbooks: what the page shows, amounts in the unit of the head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from clients.models import ClientStanding

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FEN_PER_YUAN, FEN_PER_WAN = 100, 1_000_000
RANKING_HEADS = [
    "名次", "上次名次", "变动", "客户号", "客户", "等级", "类型", "级别", "核心", "价值", "佣金得分", "购买力得分",
    "资产得分", "12 月贡献（元）", "资产（万元）", "客户经理",
]  # fmt: skip

Table = tuple[str, Sequence[str], Sequence[Sequence[Any]]]  # title, heads, rows


def workbook(tables: Iterable[Table]) -> bytes:
    """Return a workbook with a sheet per table; text is never taken for a formula."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for title, heads, rows in tables:
            sheet = book.add_worksheet(title[:31])
            sheet.write_row(0, 0, heads, bold)
            _fill(sheet, rows)
            sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def ranking_rows(rows: Iterable[ClientStanding]) -> list[list[Any]]:
    """Return the lines of the ranking, in the order of RANKING_HEADS."""
    return [
        [
            row.rank,
            row.previous_rank,
            row.previous_rank - row.rank if row.previous_rank and row.rank else None,
            row.client.client_no,
            row.client.name,
            row.get_tier_display(),
            row.get_value_type_display(),
            row.get_grade_display(),
            "是" if row.is_core else "否",
            round(row.value, 2),
            round(row.commission_points, 2),
            round(row.purchasing_points, 2),
            round(row.assets_points, 2),
            row.contribution_fen / FEN_PER_YUAN,
            row.assets_fen / FEN_PER_WAN,
            row.manager.name if row.manager else "",
        ]
        for row in rows
    ]


def _fill(sheet: Any, rows: Iterable[Sequence[Any]]) -> None:
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(sheet, number, column, value)


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, value)
