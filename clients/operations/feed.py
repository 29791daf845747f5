"""Taking in a delivery of the counter: whole files or none of them, twice without harm."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from clients.feed import checking, encoding, files, manifest
from clients.feed.columns import Context
from clients.feed.headers import Header, kind_of_name, recognise
from clients.feed.layouts import LAYOUTS
from clients.feed.lookup import Lookup
from clients.feed.refusal import REASONS, FileRefused, Refusal, reason
from clients.models import Client, ImportBatch, ImportFile
from clients.operations import feed_archive, feed_batches, feed_facts
from clients.operations.feed_branches import register_branches
from clients.operations.feed_merge import Counts
from clients.operations.feed_statistics import refresh_statistics
from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee
from office.rights import Principal

Progress = Callable[[str], None]
ORDER = {layout.kind: place for place, layout in enumerate(LAYOUTS)}


class NothingToImport(DomainError):
    """There is no file in the folder that could be a counter file."""


@dataclass(frozen=True)
class Arrival:
    """One file of a delivery before it is read: what it is, or why it cannot be used."""

    taken: files.Taken
    header: Header | None = None
    header_text: bytes = b""
    refusal: FileRefused | None = None


@dataclass(frozen=True)
class Run:
    """What stays the same while the files of one delivery land."""

    batch: ImportBatch
    manifest: manifest.Manifest
    as_of: date
    progress: Progress
    only: Sequence[Branch] = ()
    days: list[date] = field(default_factory=list)  # the latest day of each fact file


def import_feed(
    directory: Path,
    *,
    by: Principal | None = None,
    progress: Progress | None = None,
    today: date | None = None,
    create_branches: bool = False,
    again: bool = False,
    only: Sequence[Branch] = (),
) -> ImportBatch:
    """Read the counter files in `directory` and land each of them whole or not at all.

    The same content a second time changes nothing: the batch it made is returned with `repeated`
    set, unless `again` asks for a second check or a branch, client or account that some of its rows
    lacked is known by now. Dates after the manifest's business date (after
    `today` without one) are refused. Branches are made if there is none at all or `create_branches`
    says so. Given `only`, rows of other branches are refused. `progress` is told one
    Chinese line per file. Raises NothingToImport if there is no file to read.
    """
    say = progress or (lambda line: None)
    with tempfile.TemporaryDirectory(prefix="feed-") as private:
        arrivals, said, content_hash = _receive(directory, Path(private), only)
        with feed_batches.delivery_lock(content_hash):
            before = feed_batches.finished_batch(content_hash)
            if before and not (again or feed_batches.may_heal(before, create_branches=create_branches)):
                before.repeated = True
                say("同一批文件已导入过，数据没有变化")
                return before
            as_of = said.as_of or today or timezone.localdate()
            person = by if isinstance(by, Employee) else None
            batch = feed_batches.open_batch(content_hash, as_of=as_of, label=directory.resolve().name, by=person)
            run = Run(batch, said, as_of, say, only)
            with ExitStack() as if_broken:
                if_broken.callback(_break_off, batch)
                _land_all(run, arrivals, create_branches=create_branches)
                if_broken.pop_all()
            _finish(run, by)
    return batch


def _break_off(batch: ImportBatch) -> None:
    """Write down that an import ended before its end: the book must not say that it still runs."""
    ImportBatch.objects.filter(pk=batch.pk).update(
        state=ImportBatch.State.FAILED, error="导入中断：已导入的文件有效，请重新导入其余文件"
    )


def content_hash_of(taken: list[files.Taken], said: bytes, only: Sequence[Branch] = ()) -> str:
    """Return the fingerprint of a delivery: the names and contents of its files, and the branches it is meant for."""
    digest = hashlib.sha256(said + "".join(f"\0{code}" for code in sorted(branch.code for branch in only)).encode())
    for one in sorted(taken, key=lambda one: one.name):
        digest.update(f"{one.name}\0{one.sha256}\n".encode())
    return digest.hexdigest()


def _receive(directory: Path, private: Path, only: Sequence[Branch]) -> tuple[list[Arrival], manifest.Manifest, str]:
    """Take every file into private hands and look at its header."""
    found = files.candidates(directory) if directory.is_dir() else []
    if not found:
        raise NothingToImport("没有可以导入的文件：请检查目录，文件名应以 .csv 或 .csv.gz 结尾")
    arrivals = []
    for path in found:
        name = str(path.relative_to(directory))
        try:
            arrivals.append(_look(files.take(path, name, private)))
        except FileRefused as error:
            arrivals.append(Arrival(files.Taken(name, path, ""), refusal=error))
    try:
        said = manifest.read_manifest(directory)
    except FileRefused as error:
        raise NothingToImport(error.reason) from error
    manifest_file = manifest.manifest_file(directory)
    text = manifest_file.read_bytes() if manifest_file else b""
    content_hash = content_hash_of([arrival.taken for arrival in arrivals], text, only)
    arrivals.sort(key=lambda one: (ORDER[one.header.layout.kind] if one.header else len(ORDER), one.taken.name))
    return arrivals, said, content_hash


def _look(taken: files.Taken) -> Arrival:
    try:
        text = files.header_line(taken)
        names = text.decode(encoding.detect(text, ()), "replace").split(",")
        return Arrival(taken, recognise(names, Path(taken.name).name), text)
    except FileRefused as error:
        return Arrival(taken, refusal=error)


def _land_all(run: Run, arrivals: list[Arrival], *, create_branches: bool) -> None:
    if create_branches or not Branch.objects.exists():
        clients = [one for one in arrivals if one.header and one.header.layout.kind == "clients"]
        for code in register_branches(run.manifest, [(one.taken, one.header) for one in clients if one.header]):
            run.progress(f"新建营业部 {code}")
    done = set(run.batch.files.filter(state=ImportBatch.State.DONE).values_list("name", flat=True))
    if not done:
        run.batch.totals = {}
    lookups = {kind: _lookup(kind) for kind in ("branch", "client", "account")}
    for arrival in arrivals:
        if arrival.taken.name[:120] not in done:
            run.progress(_told(_land(run, arrival, lookups)))
        kind = arrival.header.layout.kind if arrival.header else ""
        if kind in {"clients", "accounts"}:
            lookups[kind.removesuffix("s")] = _lookup(kind.removesuffix("s"))
    for name in run.manifest.absent(arrival.taken.name for arrival in arrivals):
        if feed_batches.note_absent(run.batch, name, run.manifest.sha256.get(name)):
            run.progress(f"{name}：{feed_batches.ABSENT}")


def _land(run: Run, arrival: Arrival, lookups: dict[str, Lookup]) -> ImportFile:
    """Check one file and land it in one transaction together with its line in the book."""
    started = time.monotonic()
    taken, header = arrival.taken, arrival.header
    file = ImportFile(batch=run.batch, name=taken.name[:120], sha256=taken.sha256, state=ImportBatch.State.DONE)
    file.kind = header.layout.kind if header else kind_of_name(taken.name) if arrival.refusal else ""
    try:
        if arrival.refusal:
            raise arrival.refusal
        if header is None:
            file.notes = ["表头不认识，未导入"]
            return _write(file, run, [], {})
        context = Context(run.as_of, "", lookups, frozenset(branch.pk for branch in run.only))
        table = checking.check(taken, header, arrival.header_text, context)
        raw = checking.quoted(table, taken, header)
    except FileRefused as error:
        file.state, file.error = ImportBatch.State.FAILED, error.reason
        return _write(file, run, [], {})
    file.rows, file.refused, file.encoding = table.rows, table.refused, table.encoding
    file.notes = feed_batches.notes_of(table, run.manifest.sha256.get(taken.name), taken.sha256)
    days = feed_facts.days_of(table.columns["date"]) if "date" in table.columns else []
    file.first_day = days[0] if days else None
    if header.layout.kind == "rejected":
        file.refused = table.rows
        return _write(file, run, table.refusals + _rejected(table), _quoted_all(table, taken, header))
    with transaction.atomic():
        branches = feed_facts.branch_ids(table, lookups)
        feed_batches.lock_branches(branches)
        file = _write(file, run, table.refusals, raw)
        counts = _put(table, lookups, file, context.only)
        if counts.foreign:
            file.refused += counts.foreign
            file.notes = [*file.notes, f"{counts.foreign} 行的编号已属于其他营业部，未更改"]
        file.inserted, file.changed, file.unchanged = counts.inserted, counts.changed, counts.unchanged
        file.seconds = time.monotonic() - started
        file.save(update_fields=["inserted", "changed", "unchanged", "refused", "notes", "seconds"])
        run.batch.branches.add(*branches)
        codes = dict(Branch.objects.filter(pk__in=branches).values_list("pk", "code"))
        run.days.extend(days[-1:])
        feed_batches.add_totals(run.batch, manifest.totals_of(table, codes, lookups))
    refresh_statistics(table, file.inserted)
    return file


def _put(table: checking.Table, lookups: dict[str, Lookup], file: ImportFile, homes: frozenset[int]) -> Counts:
    if table.layout.kind == "clients":
        return feed_archive.land_clients(table, lookups, file)
    if table.layout.kind == "accounts":
        return feed_archive.land_accounts(table, lookups, file)
    return feed_facts.land_facts(table, lookups, file, homes)


@transaction.atomic
def _write(file: ImportFile, run: Run, refusals: list[Refusal], raw: dict[int, str]) -> ImportFile:
    """Write the file's line in the book, in place of the one of an attempt that broke off."""
    run.batch.files.filter(name=file.name).delete()
    file.save()
    feed_batches.quarantine(file, refusals, raw)
    return file


def _rejected(table: checking.Table) -> list[Refusal]:
    """Return one refusal per row that the source had refused before the feed was made."""
    columns = {"date_before_coverage": "date", "security_code": "sec_code", "price_missing": "price"}
    numbers = table.columns["client_id"].tolist()
    homes = dict(Client.objects.filter(client_no__in=numbers).values_list("client_no", "branch_id"))
    found = []
    for row, code in enumerate(table.columns["reason"].tolist()):
        column = columns.get(code, "reason")
        value = str(table.columns[column][row])
        known = code if code in columns and code in REASONS else "rejected_by_source"
        found.append(Refusal(int(table.lines[row]), known, column, value, reason(known), homes.get(numbers[row])))
    return found


def _quoted_all(table: checking.Table, taken: files.Taken, header: Header) -> dict[int, str]:
    found = files.lines_at(taken, set(table.lines.tolist()))
    return {line: raw.decode(table.encoding, "replace").strip() for line, raw in found.items()}


def _lookup(kind: str) -> Lookup:
    """Load the known numbers of one kind: branches by code, clients and accounts by number."""
    queries = {
        "branch": "SELECT id, 0, 0, code FROM office_branch ORDER BY id",
        "client": "SELECT id, id, branch_id, client_no FROM clients_client ORDER BY id",
        "account": "SELECT id, client_id, branch_id, account_no FROM clients_account ORDER BY id",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[kind])
        rows = cursor.fetchall()
    numbers = np.array([row[:3] for row in rows], np.int64).reshape(-1, 3)
    return Lookup([row[3].encode() for row in rows], numbers[:, 0], client=numbers[:, 1], branch=numbers[:, 2])


def _told(file: ImportFile) -> str:
    if file.error:
        return f"{file.name}：{file.error}"
    if not file.kind:
        return f"{file.name}：{file.notes[0]}"
    return (
        f"{file.name}：{file.rows} 行，新增 {file.inserted}，更正 {file.changed}，"
        f"未变 {file.unchanged}，隔离 {file.refused}"
    )


@transaction.atomic
def _finish(run: Run, by: Principal | None) -> None:
    feed_batches.close_batch(run.batch, run.manifest.totals, run.manifest.as_of or max(run.days, default=None))
    counts = {
        file.name: {"rows": file.rows, "inserted": file.inserted, "changed": file.changed, "refused": file.refused}
        for file in run.batch.files.order_by("pk")
        if file.kind
    }
    record("clients.feed_imported", run.batch, by=by, after=counts)
