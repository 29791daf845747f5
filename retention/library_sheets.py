"""Lists around a case as workbooks: what the page shows, clients by number and masked name, text never a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import timezone

from clients.feed.refusal import masked
from retention.models import Drill, Grievance, OtherAccount
from retention.queries.reasons import ReasonLine
from retention.queries.winback import Gone

FEN_PER_YUAN = 100


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its heads, and its rows one by one."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]


def workbook(sheet: Sheet) -> tuple[bytes, int]:
    """Return the workbook and how many rows it holds."""
    buffer, count = BytesIO(), 0
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        page = book.add_worksheet(sheet.name)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, sheet.heads, book.add_format({"bold": True}))
        for count, row in enumerate(sheet.rows, start=1):
            for column, value in enumerate(row):
                _write(page, count, column, value, day)
        page.freeze_panes(1, 0)
    return buffer.getvalue(), count


def _write(page: Any, row: int, column: int, value: Any, day: Any) -> None:
    if isinstance(value, datetime):
        page.write_datetime(row, column, timezone.localtime(value).replace(tzinfo=None), day)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, day)
    elif isinstance(value, str):
        page.write_string(row, column, value)
    elif value is not None:
        page.write_number(row, column, value)


def reason_sheet(lines: Iterable[ReasonLine], years: Sequence[int]) -> Sheet:
    """Return the reasons by year: requests and cases of each year, how the cases ended, the response."""
    heads = ["原因"]
    for year in years:
        heads += [f"{year} 申请", f"{year} 个案"]
    heads += ["已结个案", "留下（含部分）", "现行应对"]
    rows = [
        [line.label, *(n for pair in line.years(list(years)) for n in pair), line.ended, line.kept,
         line.response.text if line.response else ""]
        for line in lines
    ]  # fmt: skip
    return Sheet("流失原因", heads, rows)


def drill_sheet(rows: Iterable[Drill]) -> Sheet:
    """Return drills with their sheet and lessons; who took part by number alone."""
    heads = (
        "日期", "题目", "团队", "主持", "人数", "状态", "演练日", "倾听", "不施压", "合规", "说清楚", "合计", "所学",
    )  # fmt: skip
    return Sheet("情景演练", heads, (_drill(row) for row in rows))


def _drill(row: Drill) -> list[Any]:
    return [
        row.planned_on, row.title, row.team.name if row.team else "全营业部", row.led_by.name, row.people,  # type: ignore[attr-defined]  # counted by the query
        row.get_state_display(), row.held_on, *(value for _, value in row.marks), row.total, row.lessons,
    ]  # fmt: skip


def wallet_sheet(rows: Iterable[OtherAccount]) -> Sheet:
    """Return accounts elsewhere; sizes in yuan, empty where unknown."""
    heads = ("客户号", "客户", "券商", "估计资产（元）", "最常用", "来源", "得知", "登记人", "客户经理")
    return Sheet("其他券商账户", heads, (_account(row) for row in rows))


def _account(row: OtherAccount) -> list[Any]:
    manager = row.client.standing.manager
    return [
        row.client.client_no, masked(row.client.name), row.broker,
        None if row.assets_fen is None else row.assets_fen / FEN_PER_YUAN, "是" if row.is_most_used else "",
        row.get_source_display(), row.learnt_on, row.noted_by.name, manager.name if manager else "",
    ]  # fmt: skip


def grievance_sheet(rows: Iterable[Grievance]) -> Sheet:
    """Return grievances and what was done about them."""
    heads = ("客户号", "客户", "类别", "内容", "负责人", "期限", "登记", "登记人", "处理", "办结")
    return Sheet("客户不满", heads, (_grievance(row) for row in rows))


def _grievance(row: Grievance) -> list[Any]:
    return [
        row.client.client_no, masked(row.client.name), row.get_kind_display(), row.text, row.owner.name, row.due_on,
        row.logged_at, row.logged_by.name, row.action, row.closed_at,
    ]  # fmt: skip


def winback_sheet(rows: Iterable[tuple[date, Gone]]) -> Sheet:
    """Return who left and may be reached, with the channels he allowed."""
    heads = ("客户号", "客户", "离开", "可用渠道", "离开原因", "所学")
    told = (
        [gone.client.client_no, masked(gone.client.name), left_on, "、".join(gone.channels), gone.reason, gone.learning]
        for left_on, gone in rows
    )
    return Sheet("可联系的离开客户", heads, told)
