"""Deliveries as they are read: the book, one of them, what was refused and what was corrected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce

from clients.feed.layouts import LAYOUTS
from clients.feed.refusal import REASONS
from clients.models import FactChange, ImportBatch, ImportFile, QuarantineRow
from office.models import Employee

TITLES = {layout.kind: layout.title for layout in LAYOUTS}
COLUMN_TITLES = {layout.kind: {column.name: column.title for column in layout.columns} for layout in LAYOUTS}
TOTALS = {
    "clients": "客户（位）",
    "accounts": "账户（个）",
    "metric_rows": "账户日（行）",
    "commission": "佣金（元）",
    "turnover": "成交金额（元）",
    "latest_total_assets": "最近总资产（元）",
    "trades": "成交（笔）",
    "trade_amount": "成交金额合计（元）",
    "purchases": "申购（笔）",
    "purchase_amount": "申购金额（元）",
}
KEY_DIGITS = 19  # of a number that a key can be
COUNTED = ("rows", "inserted", "changed", "unchanged", "refused")


@dataclass(frozen=True)
class Total:
    """One control total: what the files hold, and what the sender promised, None if nothing."""

    label: str
    counted: Decimal
    promised: Decimal | None
    is_money: bool

    @property
    def difference(self) -> Decimal | None:
        """Counted less promised."""
        return None if self.promised is None else self.counted - self.promised


def batch_list(user: Employee, state: str = "") -> QuerySet[ImportBatch]:
    """Return the deliveries with their counts, the latest first."""
    sums: dict[str, Any] = {f"sum_{name}": Coalesce(Sum(f"files__{name}"), 0) for name in COUNTED}
    rows = ImportBatch.objects.visible_to(user).select_related("by").annotate(file_count=Count("files"), **sums)
    return (rows.filter(state=state) if state else rows).order_by("-received_at", "-pk")


def control_totals(batch: ImportBatch, user: Employee) -> list[Total]:
    """Return the control totals of the user's own branch in the order they are read."""
    told = batch.totals.get(user.branch.code, {}) if user.branch else {}
    return [
        Total(label, Decimal(told[name].get("file", "0")), _number(told[name].get("manifest")), "元" in label)
        for name, label in TOTALS.items()
        if name in told
    ]


def is_file_key(text: str) -> bool:
    """Whether `text` can be the id of a file."""
    return text.isdecimal() and len(text) < KEY_DIGITS


def refused_rows(batch: ImportBatch, user: Employee, file: str = "", reason: str = "") -> QuerySet[QuarantineRow]:
    """Return the refused rows of the user's branch and of nobody's, in the order of the files; narrowed if asked."""
    rows = QuarantineRow.objects.visible_to(user).filter(file__batch=batch).select_related("file")
    if is_file_key(file):
        rows = rows.filter(file=int(file))
    if reason:
        rows = rows.filter(code=reason.replace("\x00", ""))
    return rows.order_by("file_id", "line", "pk")


def reasons(rows: QuerySet[QuarantineRow]) -> list[tuple[str, str, int]]:
    """Return (code, reason in short, rows), the most frequent first."""
    found: dict[str, tuple[str, int]] = {}
    for code, reason, count in rows.order_by().values_list("code", "reason").annotate(n=Count("pk")):
        words, so_far = found.get(code, (_short(code, reason), 0))
        found[code] = (words, so_far + count)
    return sorted(((code, *found[code]) for code in found), key=lambda row: (-row[2], row[0]))


def _short(code: str, reason: str) -> str:
    """Return what is wrong without the column's name and without what to do about it."""
    said = REASONS.get(code, reason).format(title="值", choices="", limit="")
    return re.split("：请|：可用|，", said.removeprefix("源系统拒绝："))[0].replace("值的取值", "取值")


def corrections(batch: ImportBatch, user: Employee) -> QuerySet[FactChange]:
    """Return what the delivery changed in what was there before, as far as it is the user's branch's."""
    rows = FactChange.objects.visible_to(user).filter(file__batch=batch).select_related("file")
    return rows.order_by("file_id", "key", "pk")


def files_of(batch: ImportBatch) -> list[ImportFile]:
    """Return the files in the order they landed, those nobody knows last."""
    return sorted(batch.files.all(), key=lambda file: (not file.kind, file.pk))


def column_title(kind: str, name: str) -> str:
    """Return what the counter calls a column: 成交金额（turnover）."""
    title = COLUMN_TITLES.get(kind, {}).get(name)
    return f"{title}（{name}）" if title else name


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
