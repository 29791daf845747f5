"""The register of complaints as a workbook: what its page shows, phone and account numbers masked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import timezone

from complaints.models import Complaint

HEADS = (
    "编号", "收到时间", "渠道", "转办编号", "类别", "业务", "人数", "紧急程度", "合理性", "投诉人", "账号", "电话",
    "客户号", "投诉内容", "所需服务", "特殊要求", "我方答复要点", "处理人", "原因", "调查结果", "处理方案", "结论",
    "批准人", "反馈时间", "反馈方式", "满意度", "状态", "时限", "结束时间", "调解",
)  # fmt: skip


def register_workbook(rows: Iterable[Complaint]) -> tuple[bytes, int]:
    """Return the workbook of `rows` and how many rows it holds."""
    buffer, count = BytesIO(), 0
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet, bold = book.add_worksheet("投诉台账"), book.add_format({"bold": True})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, HEADS, bold)
        for count, row in enumerate(rows, start=1):
            for column, value in enumerate(_cells(row)):
                _write(sheet, count, column, value, moment)
        sheet.autofilter(0, 0, count, len(HEADS) - 1)
        sheet.freeze_panes(1, 1)
    return buffer.getvalue(), count


def _cells(row: Complaint) -> list[Any]:
    return [
        row.no, row.received_at, row.get_channel_display(), row.transfer_no, row.get_category_display(),
        row.get_business_class_display(), row.people_count, row.get_urgency_display(),
        row.get_reasonableness_display(), row.caller_name, row.account_masked, row.phone_masked,
        row.client.client_no if row.client else "", row.content, row.service_wanted, row.special_requests,
        row.our_answers, row.handler.name if row.handler else "", row.get_cause_code_display(), row.cause_note,
        row.plan, row.get_outcome_display(), row.approver.name if row.approver else "", row.feedback_at,
        row.get_feedback_channel_display(), row.satisfaction, row.get_state_display(), row.due_at, row.ended_at,
        row.get_mediation_display(),
    ]  # fmt: skip


def _write(sheet: Any, row: int, column: int, value: Any, moment: Any) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, timezone.make_naive(value), moment)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)  # never a formula, whatever a text begins with
    elif value is not None:
        sheet.write_number(row, column, value)
