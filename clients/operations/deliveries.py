"""Deliveries by hand: files are put where the counter puts its own, and a worker takes them in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max

from clients.feed.files import SUFFIXES, Taken, candidates
from clients.feed.manifest import NAME as MANIFEST
from clients.feed.manifest import manifest_file
from clients.models import ImportBatch
from clients.operations import feed_batches
from clients.operations.feed import content_hash_of, import_feed
from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee

State = ImportBatch.State


class AlreadyImported(DomainError):
    """The same files a second time change nothing; `extra` leads to the batch they made."""


class StillRunning(DomainError):
    """A batch is worked on by one worker at a time."""


class FilesGone(DomainError):
    """What is imported again must still lie where it was put."""


class NotAFeedFile(DomainError):
    """A delivery holds CSV files, packed or not, and at most a manifest."""


def is_feed_name(name: str) -> bool:
    """Whether a file of that name can belong to a delivery."""
    return name.lower() == MANIFEST or (name.lower().endswith(SUFFIXES) and not name.startswith("."))


@transaction.atomic
def receive_upload(uploads: Sequence[UploadedFile[Any]], now: datetime, *, by: Employee) -> ImportBatch:
    """Put uploaded files aside and open a batch for them; the caller sends it to a worker.

    Raises NotAFeedFile for names that are none, AlreadyImported if the same files were imported for
    this branch before.
    """
    wrong = [str(one.name) for one in uploads if not is_feed_name(str(one.name))]
    if wrong or all(str(one.name).lower() == MANIFEST for one in uploads):
        raise NotAFeedFile(f"{'、'.join(wrong) or MANIFEST} 不是柜台文件：文件名应以 .csv 或 .csv.gz 结尾")
    folder = Path(settings.CRM_FEED_DIR) / f"manual-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    folder.mkdir(parents=True)
    for one in uploads:
        _store(one.chunks(), folder / Path(str(one.name)).name)
    content_hash = fingerprint(folder, _home(by))
    before = feed_batches.finished_batch(content_hash)
    if before:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        raise AlreadyImported(f"同一批文件已于批次 {before.pk} 导入，数据没有变化", batch=before.pk)
    batch = _open(folder.name, content_hash, by)
    record("clients.feed_uploaded", batch, by=by, after={"files": sorted(str(one.name) for one in uploads)})
    return batch


@transaction.atomic
def run_again(batch: ImportBatch, *, by: Employee) -> ImportBatch:
    """Open the batch that checks the files of `batch` anew, or goes on with one that broke off.

    Raises StillRunning while it is worked on, FilesGone if its files are no longer there.
    """
    if batch.state in (State.RECEIVED, State.RUNNING):
        raise StillRunning("这个批次还在导入，请等它结束")
    folder = folder_of(batch)
    if folder is None:
        raise FilesGone("原始文件已不在收件目录，请重新上传")
    content_hash = fingerprint(folder, _home(by))
    if batch.state == State.FAILED and batch.content_hash == content_hash:
        ImportBatch.objects.filter(pk=batch.pk).update(state=State.RECEIVED, by=by)
    else:
        batch = _open(folder.name, content_hash, by)
    record("clients.feed_rerun", batch, by=by)
    return batch


def _open(label: str, content_hash: str, by: Employee) -> ImportBatch:
    batch = ImportBatch.objects.create(source=ImportBatch.Source.MANUAL, label=label, content_hash=content_hash, by=by)
    if by.branch:
        batch.branches.add(by.branch)
    return batch


def import_received(batch_id: int) -> None:
    """Take in the files of a batch that was opened by hand; one that is finished already is left alone."""
    batch = ImportBatch.objects.select_related("by__branch").get(pk=batch_id)
    if batch.state in feed_batches.FINISHED:
        return
    folder = folder_of(batch)
    if folder is None:
        ImportBatch.objects.filter(pk=batch_id).update(state=State.FAILED, error="原始文件已不在收件目录，请重新上传")
        return
    import_feed(folder, by=batch.by, again=True, only=_home(batch.by))


def import_waiting() -> list[ImportBatch]:
    """Take in every delivery of the counter that is complete and was not looked at since it last changed."""
    return [import_feed(folder) for folder in waiting_folders(Path(settings.CRM_FEED_DIR))]


def waiting_folders(inbox: Path) -> list[Path]:
    """Return the folders with a manifest that are newer than what was made of them, oldest name first.

    The sender writes the manifest last; a folder without one is not complete yet.
    """
    found = (
        sorted(path for path in inbox.iterdir() if path.is_dir() and manifest_file(path) and candidates(path))
        if inbox.is_dir()
        else []
    )
    finished = ImportBatch.objects.filter(label__in=[path.name for path in found], finished_at__isnull=False)
    looked_at = dict(finished.values_list("label").annotate(last=Max("finished_at")))
    return [path for path in found if path.name not in looked_at or _changed(path) > looked_at[path.name].timestamp()]


def _changed(folder: Path) -> float:
    return max(path.stat().st_mtime for path in [folder, *folder.rglob("*")])


def folder_of(batch: ImportBatch) -> Path | None:
    """Return where the files of a batch lie, None if they are gone."""
    folder = Path(settings.CRM_FEED_DIR) / Path(batch.label).name
    return folder if folder.is_dir() and candidates(folder) else None


def fingerprint(folder: Path, only: Sequence[Branch]) -> str:
    """Return the fingerprint that importing `folder` for the branches `only` will have."""
    taken = [Taken(str(path.relative_to(folder)), path, _digest(path)) for path in candidates(folder)]
    manifest = manifest_file(folder)
    return content_hash_of(taken, manifest.read_bytes() if manifest else b"", only)


def _home(by: Employee | None) -> list[Branch]:
    return [by.branch] if by and by.branch else []


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _store(chunks: Iterable[bytes], path: Path) -> None:
    with path.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
