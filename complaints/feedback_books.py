"""Links and figures of surveys as workbooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone

from complaints.models import SurveyMessage
from complaints.queries.satisfaction import Report
from complaints.rules.satisfaction import Figure

LINK_HEADS = ("客户号", "客户", "类别", "发送方式", "最早发送", "链接有效至", "正文")
FIGURE_HEADS = (
    "范围", "名称", "团队", "答卷", "满意比例", "比例下限", "比例上限", "均值", "均值下限", "均值上限",
)  # fmt: skip
WAYS = {"wecom": "企业微信", "sms": "短信", "email": "邮件"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def link_workbook(rows: Iterable[tuple[SurveyMessage, str]]) -> bytes:
    """Return the workbook of messages that wait, each with its words."""
    return _workbook("待发送", LINK_HEADS, [_link_cells(message, text) for message, text in rows])


def satisfaction_workbook(found: Report) -> bytes:
    """Return the workbook of what the page shows: total, teams, managers, runs."""
    lines = [_figure_cells("合计", "", "", found.total)]
    lines += [_figure_cells("团队", line.label, "", line.figure) for line in found.teams]
    lines += [_figure_cells("客户经理", line.label, line.team, line.figure) for line in found.managers]
    lines += [_figure_cells("调查", line.run.title, "", line.figure) for line in found.trend]
    return _workbook("满意度", FIGURE_HEADS, lines)


def workbook_answer(content: bytes, name: str) -> HttpResponse:
    """Return the answer that hands a workbook over."""
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def _link_cells(message: SurveyMessage, text: str) -> list[Any]:
    client = message.invitation.client
    return [
        client.client_no, client.name, message.get_kind_display(), WAYS.get(message.way, message.way),
        message.not_before, message.invitation.expires_at, text,
    ]  # fmt: skip


def _figure_cells(scope: str, label: str, team: str, figure: Figure) -> list[Any]:
    return [
        scope, label, team, figure.count, figure.share, figure.share_low, figure.share_high, figure.mean,
        figure.mean_low, figure.mean_high,
    ]  # fmt: skip


def _workbook(title: str, heads: Sequence[str], lines: Sequence[list[Any]]) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet(title), book.add_format({"bold": True})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, heads, bold)
        for row, cells in enumerate(lines, start=1):
            for column, value in enumerate(cells):
                _write(sheet, row, column, value, moment)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, moment: Any) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, timezone.make_naive(value), moment)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)  # never a formula or a link, whatever a text begins with
    elif value is not None:
        sheet.write_number(row, column, round(value, 4))
