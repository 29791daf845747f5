"""`manage.py feed import DIR`: a delivery of the counter by hand."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clients.models import ImportBatch, QuarantineRow
from clients.operations.feed import NothingToImport, import_feed

REASONS_SHOWN = 50  # refused rows printed; all of them are on the page


class Command(BaseCommand):
    help = (
        "Import the counter files lying in DIR. Exit 0: all landed; 1: rows or files refused; 2: nothing was readable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        importing = actions.add_parser("import", help="check and load the files in DIR")
        importing.add_argument("dir", type=Path)
        importing.add_argument("--json", action="store_true", help="print the summary as JSON")
        importing.add_argument("--create-branches", action="store_true", help="make branches that are not known yet")
        importing.add_argument("--again", action="store_true", help="check a delivery that was imported before anew")

    def handle(self, *args: Any, **options: Any) -> None:
        say = None if options["json"] else self.stdout.write
        try:
            batch = import_feed(
                options["dir"], progress=say, create_branches=options["create_branches"], again=options["again"]
            )
        except NothingToImport as error:
            self.stderr.write(error.message)
            sys.exit(2)
        if options["json"]:
            self.stdout.write(json.dumps(summary(batch), ensure_ascii=False, indent=1))
        else:
            self._tell(batch)
        sys.exit({ImportBatch.State.DONE: 0, ImportBatch.State.PARTLY: 1}.get(ImportBatch.State(batch.state), 2))

    def _tell(self, batch: ImportBatch) -> None:
        refused = _refused(batch)
        for row in refused[:REASONS_SHOWN]:
            self.stderr.write(f"{row.file.name} 第 {row.line} 行 {row.column} {row.value}：{row.reason}")
        agreement = {True: "一致", False: "不一致，请看导入批次页", None: "无清单可比"}[batch.totals_agree]
        self.stdout.write(f"批次 {batch.pk} {batch.get_state_display()}；控制总数{agreement}")


def _refused(batch: ImportBatch) -> list[QuarantineRow]:
    rows = QuarantineRow.objects.filter(file__batch=batch).select_related("file").order_by("file_id", "line", "pk")
    return list(rows[:REASONS_SHOWN])


def summary(batch: ImportBatch) -> dict[str, Any]:
    """Return the batch as JSON: state, files with their counts, totals, the first refused rows."""
    fields = (
        "name", "kind", "state", "encoding", "rows", "inserted", "changed", "unchanged", "refused", "seconds",
        "error", "notes",
    )  # fmt: skip
    return {
        "batch": batch.pk,
        "state": batch.state,
        "repeated": batch.repeated,
        "as_of": batch.as_of.isoformat() if batch.as_of else None,
        "branches": list(batch.branches.order_by("code").values_list("code", flat=True)),
        "supersedes": batch.supersedes_id,
        "totals_agree": batch.totals_agree,
        "totals": batch.totals,
        "files": list(batch.files.order_by("pk").values(*fields)),
        "quarantine": [
            {"file": row.file.name, "line": row.line, "column": row.column, "value": row.value, "code": row.code,
             "reason": row.reason}
            for row in _refused(batch)
        ],
    }  # fmt: skip
