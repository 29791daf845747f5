"""Tasks and the log as workbooks: what the lists show, personal values masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import timezone

from office.models import Employee
from service_logs.models import Contact, ReturnVisit, Task

TASK_HEADS = (
    "时限", "要求", "客户号", "客户", "等级", "价值", "事项", "依据", "方式", "来源", "负责人",
    "预计（分钟）", "状态", "完成时间",
)  # fmt: skip
CONTACT_HEADS = (
    "时间", "客户号", "客户", "等级", "方式", "结果", "反馈", "摘要", "需求", "承诺", "兑现日",
    "时长（分钟）", "发起", "记录人",
)  # fmt: skip

VISIT_HEADS = (
    "类别", "客户号", "客户", "等级", "服务人员", "期限", "状态", "回访日", "回访人", "结论", "开发关系", "意见与建议",
    "录音编号", "保存至",
)  # fmt: skip


def task_workbook(rows: Iterable[Task]) -> tuple[bytes, int]:
    """Return the workbook of `rows` and how many rows it holds."""
    return _workbook("任务", TASK_HEADS, (_task_cells(row) for row in rows))


def contact_workbook(rows: Iterable[Contact]) -> tuple[bytes, int]:
    """Return the workbook of `rows` and how many rows it holds."""
    return _workbook("服务日志", CONTACT_HEADS, (_contact_cells(row) for row in rows))


def _task_cells(row: Task) -> list[Any]:
    standing = row.client.standing
    return [
        row.due_at, row.kind_label, row.client.client_no, row.client.name, standing.get_tier_display(),
        round(standing.value, 1), row.title, row.why, row.get_channel_display(), row.get_source_display(),
        row.owner.name if row.owner else "", row.minutes, row.get_state_display(), row.done_at,
    ]  # fmt: skip


def _contact_cells(row: Contact) -> list[Any]:
    return [
        row.at, row.client.client_no, row.client.name, row.client.standing.get_tier_display(),
        row.get_channel_display(), row.get_result_display(), row.feedback, row.summary, row.need, row.promise,
        row.promise_due_on, row.duration_min, row.get_initiator_display(), row.author.name,
    ]  # fmt: skip


def visit_workbook(rows: Iterable[ReturnVisit], user: Employee) -> tuple[bytes, int]:
    """Return the workbook of `rows` and how many rows it holds; what `user` may not read is left empty."""
    return _workbook("回访", VISIT_HEADS, (_visit_cells(row, row.may_be_read_by(user)) for row in rows))


def _visit_cells(row: ReturnVisit, is_read: bool) -> list[Any]:
    said = [row.get_outcome_display(), row.get_recognised_display(), row.opinion, row.recording_ref]
    return [
        row.get_kind_display(), row.client.client_no if row.client else "", row.client.name if row.client else "",
        row.get_tier_display(), row.manager.name if row.manager else "", row.due_on, row.get_state_display(),
        row.done_on, row.caller.name if row.caller else "", *(said if is_read else ["", "", "", ""]), row.kept_until,
    ]  # fmt: skip


def _workbook(title: str, heads: Sequence[str], lines: Iterable[list[Any]]) -> tuple[bytes, int]:
    buffer, count = BytesIO(), 0
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet, bold = book.add_worksheet(title), book.add_format({"bold": True})
        looks = {
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        sheet.write_row(0, 0, heads, bold)
        for count, cells in enumerate(lines, start=1):
            for column, value in enumerate(cells):
                _write(sheet, count, column, value, looks)
        sheet.autofilter(0, 0, count, len(heads) - 1)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue(), count


def _write(sheet: Any, row: int, column: int, value: Any, looks: dict[str, Any]) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, timezone.make_naive(value), looks["moment"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, looks["day"])
    elif isinstance(value, str):
        sheet.write_string(row, column, value)  # never a formula, whatever a text begins with
    elif value is not None:
        sheet.write_number(row, column, value)
