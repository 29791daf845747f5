"""The audit book: read by those who watch, exported with a trace."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from office.audit import record
from office.forms import AuditFilter
from office.http import Request, needs, part
from office.models import AuditEntry
from office.queries.audit import EXPORT_ROWS, action_words, audit_list, audit_page, changes, subject_words
from office.understanding import understood

COLUMNS = ["时间", "操作人", "工号", "动作", "对象类型", "编号", "名称", "原值", "新值", "原因", "来源地址"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


@require_GET
@needs("office.view_audit")
def audit(request: Request) -> HttpResponse:
    """Show the audit book, newest first, equal runs folded."""
    words = action_words()
    form = AuditFilter(request.GET, list(words.items()))
    wanted = form.cleaned_data if form.is_valid() else {}
    entries, following = audit_page(audit_list(request.user, wanted), request.GET.get("after", ""))
    query = request.GET.copy()
    query["after"] = following
    subjects = subject_words()
    context = {
        "form": form,
        "entries": [_shown(list(run), words, subjects) for _, run in groupby(entries, key=_likeness)],
        "next": f"?{query.urlencode()}" if following else "",
        "is_first": not request.GET.get("after"),
        "is_filtered": any(wanted.values()),
        "export_rows": EXPORT_ROWS,
    }
    return render(request, part(request, "office/audit_list.html", "table"), context)


@require_POST
@needs("office.view_audit")
def audit_export(request: Request) -> StreamingHttpResponse:
    """Stream what the filter finds as CSV; the export is itself written into the book."""
    words = action_words()
    form = AuditFilter(request.POST, list(words.items()))
    wanted = understood(form)
    rows = audit_list(request.user, wanted).select_related("actor")[:EXPORT_ROWS]
    shown = {name: str(value) for name, value in wanted.items() if value}
    record("office.audit_exported", "office.auditentry", by=request.user, after=shown)
    response = StreamingHttpResponse(_lines(rows.iterator(chunk_size=2_000), words), content_type="text/csv")
    name = f"audit-{timezone.localtime():%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@dataclass(frozen=True)
class Shown:
    """One entry as the page tells it: the action and the kind of its subject in words, and what changed.

    `others` are the entries right behind it that differ from it only in subject and time.
    """

    entry: AuditEntry
    said: str
    about: str
    changes: list[tuple[str, str, str]]
    others: list[AuditEntry] = field(default_factory=list)


def _likeness(entry: AuditEntry) -> tuple[Any, ...]:
    """Return what makes entries equal runs of one act."""
    told = [entry.before, entry.after, entry.reason]
    return entry.actor_name, entry.address, entry.action, entry.subject_type, json.dumps(told, sort_keys=True)


def _shown(run: list[AuditEntry], words: dict[str, str], subjects: dict[str, str]) -> Shown:
    entry = run[0]
    said = words.get(entry.action, entry.action)
    about = f"{subjects.get(entry.subject_type, '')} {entry.subject_id}".strip()
    return Shown(entry, said, about, changes(entry), run[1:])


class _Echo:
    """A file for csv.writer that hands each line back."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterator[AuditEntry], words: dict[str, str]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow([_cell(value) for value in _values(row, words)])


def _values(row: AuditEntry, words: dict[str, str]) -> list[Any]:
    return [
        f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}",
        row.actor_name,
        row.actor.staff_no if row.actor else "",
        words.get(row.action, row.action),
        row.subject_type,
        row.subject_id,
        row.subject_label,
        row.before,
        row.after,
        row.reason,
        row.address or "",
    ]


def _cell(value: Any) -> str:
    """Return a value as text that no spreadsheet takes for a formula."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(FORMULA) else text
