"""Requests as a workbook: what the list shows, no personal value but the client's number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import timezone

from clients.feed.refusal import masked
from retention.models import ClosureRequest

HEADS = (
    "编号", "客户号", "客户", "事项", "范围", "渠道", "原因", "申请时间", "登记时间", "法定时限", "现行时限", "状态",
    "法定事由", "依据", "办结时间", "办结人", "超过的时限", "等候（分钟）", "办理（小时）",
)  # fmt: skip


def request_workbook(title: str, rows: Iterable[ClosureRequest]) -> tuple[bytes, int]:
    """Return the workbook of `rows` (with client and done_by joined) and how many rows it holds."""
    buffer, count = BytesIO(), 0
    with xlsxwriter.Workbook(buffer, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        sheet, bold = book.add_worksheet(title), book.add_format({"bold": True})
        sheet.write_row(0, 0, HEADS, bold)
        for count, row in enumerate(rows, start=1):
            for column, value in enumerate(_cells(row)):
                _write(sheet, count, column, value)
        sheet.freeze_panes(1, 1)
    return buffer.getvalue(), count


def _cells(row: ClosureRequest) -> list[Any]:
    return [
        row.request_no, row.client.client_no, masked(row.client.name), row.what, row.part, row.get_channel_display(),
        row.get_reason_display() if row.reason else "客户未说明", row.requested_at, row.registered_at, row.due_at,
        row.deadline_at, row.get_state_display(), row.get_block_display() if row.block else "", row.block_evidence,
        row.done_at, row.done_by.name if row.done_by else "", row.breached_at,
        round(row.waited.total_seconds() / 60, 1) if row.waited is not None else None,
        round(row.took.total_seconds() / 3600, 1) if row.took is not None else None,
    ]  # fmt: skip


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, timezone.localtime(value).replace(tzinfo=None))
    elif isinstance(value, str):
        sheet.write_string(row, column, value)  # never taken for a formula
    elif value is not None:
        sheet.write_number(row, column, value)
