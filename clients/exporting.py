"""The client list as a workbook: what the page shows, personal values masked."""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter

from clients.models import Client, Grade, QuarantineRow, Tier, ValueType
from clients.queries.batches import column_title
from clients.queries.listing import COLUMNS, Line

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run
FEN_PER_YUAN, FEN_PER_WAN = 100, 1_000_000


def client_workbook(rows: Iterable[Line], columns: list[str]) -> tuple[bytes, int]:
    """Return the workbook of `rows` with the chosen columns, and how many rows it holds."""
    shown = [code for code in columns if code in CELLS]
    buffer, count = BytesIO(), 0
    with xlsxwriter.Workbook(buffer, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet, bold = book.add_worksheet("客户"), book.add_format({"bold": True})
        sheet.write_row(0, 0, ["客户号", "客户", "手机", *(COLUMNS[code][0] for code in shown)], bold)
        for count, row in enumerate(rows, start=1):
            cells = [
                row.client__client_no,
                row.client__name,
                row.client__phone_masked,
                *(cell(row, code) for code in shown),
            ]
            for column, value in enumerate(cells):
                _write(sheet, count, column, value)
        sheet.autofilter(0, 0, count, len(shown) + 2)
        sheet.freeze_panes(1, 2)
    return buffer.getvalue(), count


def quarantine_lines(rows: Iterable[QuarantineRow]) -> Iterator[str]:
    """Yield the lines of a CSV of refused rows, a spreadsheet's BOM first; personal values were cut on arrival."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(["文件", "行号", "列", "值", "原因", "原始行"])
    for row in rows:
        column = column_title(row.file.kind, row.column)
        yield writer.writerow(
            [_inert(str(cell)) for cell in (row.file.name, row.line, column, row.value, row.reason, row.raw)]
        )


class _Echo:
    """A file for csv.writer that hands each line back."""

    def write(self, line: str) -> str:
        return line


def _inert(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)  # never a formula, whatever a name begins with
    elif value is not None:
        sheet.write_number(row, column, value)


# code of a column → what its cell holds; amounts in the unit of the column's head
CELLS: dict[str, Callable[[Line], Any]] = {
    "tier": lambda row: Tier(row.tier).label,
    "type": lambda row: ValueType(row.value_type).label,
    "value": lambda row: round(row.value, 2),
    "rank": lambda row: row.rank,
    "grade": lambda row: Grade(row.grade).label,
    "assets": lambda row: row.assets_fen / FEN_PER_WAN,
    "commission": lambda row: row.commission_fen / FEN_PER_YUAN,
    "contribution": lambda row: row.contribution_fen / FEN_PER_YUAN,
    "turnover": lambda row: row.turnover_fen / FEN_PER_WAN,
    "risk": lambda row: row.client__risk_level,
    "manager": lambda row: row.manager__name or "",
    "last_trade": lambda row: row.last_trade_on,
    "last_contact": lambda row: row.last_contact_on,
    "next_contact": lambda row: row.next_contact_on,
    "importance": lambda row: Client.Importance(row.client__importance).label,
}


def cell(row: Line, code: str) -> Any:
    """Return one cell of the list as text, number or date."""
    return CELLS[code](row)
