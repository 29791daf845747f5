"""The book of deliveries: which came, which files they had, what was refused, whether the sums agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from clients.feed.checking import Table
from clients.feed.headers import kind_of_name
from clients.feed.manifest import Totals, agree
from clients.feed.refusal import KEPT_PER_FILE, Refusal
from clients.models import ImportBatch, ImportFile, QuarantineRow

State = ImportBatch.State
FINISHED = (State.DONE, State.PARTLY)
ABSENT = "清单列出但未送达：请补送此文件，已送达的文件有效"


@contextmanager
def delivery_lock(content_hash: str) -> Iterator[None]:
    """Let one worker at a time handle the same delivery; a second one waits. Ends with the connection if killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [content_hash])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [content_hash])


def lock_branches(branch_ids: list[int]) -> None:
    """Hold these branches' facts until the transaction ends; always in one order, so that two imports cannot block."""
    with connection.cursor() as cursor:
        for branch_id in sorted(branch_ids):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('clients.feed'), %s)", [branch_id])


def finished_batch(content_hash: str) -> ImportBatch | None:
    """Return the delivery with exactly this content that came before and was finished, if there is one."""
    done = ImportBatch.objects.filter(content_hash=content_hash, state__in=FINISHED)
    return done.order_by("-received_at", "-pk").first()


HEALING = """
SELECT EXISTS (
    SELECT 1 FROM clients_quarantinerow q JOIN clients_importfile f ON f.id = q.file_id
    WHERE f.batch_id = %(batch)s AND f.kind <> 'rejected' AND (
        q.code = 'unknown_branch'
            AND (%(create)s OR EXISTS (SELECT 1 FROM office_branch b WHERE b.code = q.value))
        OR q.code = 'unknown_client' AND EXISTS (SELECT 1 FROM clients_client c WHERE c.client_no = q.value)
        OR q.code = 'unknown_account' AND EXISTS (SELECT 1 FROM clients_account a WHERE a.account_no = q.value)
    )
)
"""


def may_heal(batch: ImportBatch, *, create_branches: bool) -> bool:
    """Whether a refused row named a branch, client or account that was not known then and is now, or will be made."""
    with connection.cursor() as cursor:
        cursor.execute(HEALING, {"batch": batch.pk, "create": create_branches})
        return bool(cursor.fetchone()[0])


def open_batch(content_hash: str, *, as_of: date, label: str, by: Any) -> ImportBatch:
    """Return the batch to work on: one that was received or broken off with this content, or a new one."""
    unfinished = ImportBatch.objects.filter(content_hash=content_hash).exclude(state__in=FINISHED)
    batch = unfinished.order_by("-received_at", "-pk").first()
    if batch is None:
        batch = ImportBatch(content_hash=content_hash, label=label[:120], by=by)
    batch.as_of, batch.state, batch.error = as_of, State.RUNNING, ""
    batch.started_at, batch.finished_at = timezone.now(), None
    batch.save()
    return batch


def note_absent(batch: ImportBatch, name: str, sha256: str | None) -> bool:
    """Write a file that the manifest promised and that did not come into the book; return whether it is missed.

    It is not if its name tells no kind of counter file, or a delivery of the same day brought it before.
    """
    kind = kind_of_name(name)
    before = ImportFile.objects.filter(batch__as_of=batch.as_of, state=State.DONE).exclude(batch=batch)
    same = {"sha256": sha256} if sha256 else {"name": name[:120]}
    batch.files.filter(name=name[:120], sha256="").delete()  # noted by an attempt that broke off
    if not kind or before.filter(**same).exists():
        return False
    ImportFile.objects.create(batch=batch, name=name[:120], kind=kind, state=State.FAILED, error=ABSENT)
    return True


def close_batch(batch: ImportBatch, told: Totals, as_of: date | None) -> None:
    """Write how the delivery ended: state, totals compared with the manifest's, which delivery it corrects.

    `as_of` is the business date as the delivery tells it, None if it does not.
    """
    files = list(batch.files.all())
    landed = [file for file in files if file.state == State.DONE and file.kind]
    spoilt = any(file.state == State.FAILED or (file.refused and file.kind != "rejected") for file in files)
    batch.state = State.FAILED if not landed else State.PARTLY if spoilt else State.DONE
    batch.totals_agree = _compare(batch, told)
    batch.as_of = as_of or batch.as_of
    batch.supersedes = _corrected(batch)
    batch.finished_at = timezone.now()
    batch.save(update_fields=["as_of", "state", "totals", "totals_agree", "supersedes", "finished_at"])


def _compare(batch: ImportBatch, told: Totals) -> bool | None:
    """Put the manifest's totals beside those of the files; None if there are none to compare with."""
    agreeing = True
    for code, names in told.items():
        for name, value in names.items():
            entry = batch.totals.setdefault(code, {}).setdefault(name, {})
            entry["manifest"] = str(value)
            agreeing &= agree(_number(entry.get("file", "0")), value)
    return agreeing if told else None


def _number(text: str) -> Decimal:
    return Decimal(text)


def add_totals(batch: ImportBatch, totals: Totals) -> None:
    """Add the control totals of one landed file to the batch's; saved with the file, so a killed import keeps them."""
    for code, names in totals.items():
        for name, value in names.items():
            entry = batch.totals.setdefault(code, {}).setdefault(name, {})
            entry["file"] = str(_number(entry.get("file", "0")) + value)
    batch.save(update_fields=["totals"])


def _corrected(batch: ImportBatch) -> ImportBatch | None:
    """Return the latest earlier delivery of the same day and branches, if this one changed anything."""
    if not batch.files.aggregate(total=Sum("changed"))["total"]:
        return None
    return (
        ImportBatch.objects.filter(as_of=batch.as_of, state__in=FINISHED, branches__in=batch.branches.all())
        .exclude(pk=batch.pk)
        .order_by("-received_at", "-pk")
        .first()
    )


def quarantine(file: ImportFile, refusals: list[Refusal], raw: dict[int, str]) -> None:
    """Keep refused rows, at most KEPT_PER_FILE of them, with their reasons."""
    QuarantineRow.objects.bulk_create(
        [
            QuarantineRow(
                file=file, line=refusal.line, column=refusal.column, value=refusal.value[:200], code=refusal.code,
                reason=refusal.reason, raw=raw.get(refusal.line, ""), branch_id=refusal.branch_id,
            )
            for refusal in sorted(refusals[:KEPT_PER_FILE], key=lambda refusal: refusal.line)
        ],
        batch_size=1000,
    )  # fmt: skip


def notes_of(table: Table, told_sha: str | None, sha: str) -> list[str]:
    """Return what is worth saying about a file that landed."""
    titles = {column.name: column.title for column in table.layout.columns}
    notes = []
    if not table.rows:
        notes.append("只有表头，没有数据行")
    if table.ignored:
        notes.append(f"不认识的列已忽略：{'、'.join(table.ignored)}"[:200])
    if table.repeated:
        notes.append(f"{table.repeated} 行与前文完全相同，只计一次")
    notes += [f"{count} 行的{titles[name]}晚于业务日期，该值未采用" for name, count in table.dropped.items()]
    if table.refused > KEPT_PER_FILE:
        notes.append(f"隔离 {table.refused} 行，只保留前 {KEPT_PER_FILE} 行的内容")
    if told_sha and told_sha != sha:
        notes.append("文件指纹与 manifest.json 不符：文件在清单生成之后改过，请向发送方确认")
    return notes
