"""Deliveries by REST: opened, filled part by part, closed, and then taken in through the door of all deliveries."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from clients.feed import parts
from clients.feed.manifest import NAME as MANIFEST
from clients.feed.refusal import FileRefused
from clients.models import FeedPart, ImportBatch, RestFeed
from clients.operations.feed import NothingToImport, import_feed
from clients.operations.feed_batches import delivery_lock
from office.audit import record
from office.errors import DomainError
from office.models import Employee
from office.rights import Principal, branch_ids

PIECE = 1 << 20  # bytes copied at a time
LEFT_OPEN = timedelta(days=7)  # whoever has not closed a delivery by then will not
MOST_TRIES = 10  # of a delivery that breaks its worker, beside all others
Totals = dict[str, dict[str, str]]
State = RestFeed.State


class FeedClosed(DomainError):
    """What was closed takes no more parts and is closed once."""


class PartMissing(DomainError):
    """A delivery is closed when it is whole: parts from 1 without gaps, of one form and with the same columns."""


class TotalsDiffer(DomainError):
    """The control totals told at the end are those promised at the beginning."""


class PartRefused(DomainError):
    """A part that cannot be what its address says; nothing of it is kept."""

    status = 422


class SenderClosed(DomainError):
    """The key was revoked or ran out while a part was on its way; nothing of it is kept."""

    status = 401


class PartTooLarge(DomainError):
    """A part that outgrows CRM_API_PART_BYTES."""

    status = 413


@transaction.atomic
def open_feed(as_of: date, control_totals: Totals, *, by: Principal) -> RestFeed:
    """Begin a delivery of a business date for the branches of `by`."""
    person = by if isinstance(by, Employee) else None
    key = None if isinstance(by, Employee) else by
    feed = RestFeed.objects.create(as_of=as_of, control_totals=control_totals, by=person, key=key)
    feed.branches.set(branch_ids(by))
    record("clients.rest_feed_opened", feed, by=by, after={"as_of": as_of.isoformat()})
    return feed


def put_part(feed: RestFeed, kind: str, number: int, form: str, body: IO[bytes], told_sha: str = "") -> FeedPart:
    """Keep one part of an open delivery; the same part again changes nothing, another one replaces it.

    Raises FeedClosed, SenderClosed, PartTooLarge, or PartRefused if it is damaged or no file of that kind.
    """
    folder = _folder(feed)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as arriving:
        path = Path(arriving.name)
    try:
        sha, size = _copy(body, path)
        if told_sha and told_sha.lower() != sha:
            raise PartRefused("指纹不符：传送中有损坏，请重新送这一块", sha256=sha)
        values = {"form": form, "sha256": sha, "size": size, "columns": _columns(path, kind, form)}
        with transaction.atomic():
            held = RestFeed.objects.select_for_update(of=("self",)).select_related("key").get(pk=feed.pk)
            if held.state != State.OPEN:
                raise FeedClosed("这批数据已经送完，请另开一批")
            if held.key is not None and not held.key.is_active:
                raise SenderClosed("密钥在传送中被停用或已过期，这一块没有收下")
            before = held.parts.filter(kind=kind, number=number).first()
            part, _ = FeedPart.objects.update_or_create(feed=feed, kind=kind, number=number, defaults=values)
            path.replace(_path(part))
        if before is not None and _path(before) != _path(part):
            _path(before).unlink(missing_ok=True)
        return part
    finally:
        path.unlink(missing_ok=True)


@transaction.atomic
def close_feed(feed: RestFeed, control_totals: Totals, now: datetime, *, by: Principal) -> RestFeed:
    """End a delivery; the caller sends it to a worker. Raises FeedClosed, PartMissing or TotalsDiffer."""
    held = RestFeed.objects.select_for_update().get(pk=feed.pk)
    if held.state != State.OPEN:
        raise FeedClosed("这批数据已经送完，请另开一批")
    found = list(held.parts.order_by("kind", "number"))
    if not found:
        raise PartMissing("还没有送入任何文件")
    for kind in sorted({part.kind for part in found}):
        _check_whole([part for part in found if part.kind == kind])
    if held.control_totals and control_totals and held.control_totals != control_totals:
        raise TotalsDiffer("控制总数与开始时说的不同，请核对后另开一批")
    held.control_totals = control_totals or held.control_totals
    held.state, held.closed_at = State.CLOSED, now
    held.save(update_fields=["control_totals", "state", "closed_at"])
    record("clients.rest_feed_closed", held, by=by, after={"parts": len(found)})
    return held


def import_closed(feed_id: int) -> None:
    """Take in a closed delivery as `manage.py feed import` would; one that is finished is left alone.

    One that broke its worker MOST_TRIES times is ended, and says so.
    """
    with delivery_lock(f"rest feed {feed_id}"):
        feed = RestFeed.objects.select_related("by", "key").get(pk=feed_id)
        if feed.state != State.CLOSED:
            return
        if feed.tries >= MOST_TRIES:
            error = f"导入 {feed.tries} 次都中途出错，已作废：请核对文件后另开一批重送，并告知管理员"
            _end(feed, State.FAILED, error=error)
            return
        RestFeed.objects.filter(pk=feed.pk).update(tries=F("tries") + 1)
        _take_in(feed)


def closed_feeds() -> list[int]:
    """Return the deliveries that were closed and are not taken in yet, such as those whose message got lost."""
    return list(RestFeed.objects.filter(state=State.CLOSED).order_by("pk").values_list("pk", flat=True))


def give_up_abandoned(now: datetime) -> int:
    """End deliveries that were opened and never closed, with all they left in folders; return how many."""
    ended = 0
    for feed in RestFeed.objects.filter(state=State.OPEN, opened_at__lt=now - LEFT_OPEN).order_by("pk"):
        still_open = RestFeed.objects.filter(pk=feed.pk, state=State.OPEN)
        if still_open.update(state=State.FAILED, error=f"开始后 {LEFT_OPEN.days} 天没有送完，已作废"):
            shutil.rmtree(_folder(feed), ignore_errors=True)
            ended += 1
    return ended


def _take_in(feed: RestFeed) -> None:
    whole = _folder(feed) / f"api-{feed.pk}"
    shutil.rmtree(whole, ignore_errors=True)  # of a worker that was stopped
    whole.mkdir(parents=True)
    try:
        _assemble(feed, whole)
        batch = import_feed(whole, by=feed.by or feed.key, only=list(feed.branches.order_by("pk")))
    except (FileRefused, NothingToImport) as error:
        _end(feed, State.FAILED, error=str(error)[:200])
        return
    if not batch.repeated:
        ImportBatch.objects.filter(pk=batch.pk).update(source=ImportBatch.Source.API)
    _end(feed, State.DONE, batch=batch)


def _end(feed: RestFeed, state: str, **values: Any) -> None:
    RestFeed.objects.filter(pk=feed.pk, state=State.CLOSED).update(state=state, **values)
    shutil.rmtree(_folder(feed), ignore_errors=True)  # personal values lie in tables, not in folders


def _copy(body: IO[bytes], path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        while piece := body.read(PIECE):
            size += len(piece)
            if size > settings.CRM_API_PART_BYTES:
                raise PartTooLarge(f"一块不得超过 {settings.CRM_API_PART_BYTES >> 20} MB，请分成几块")
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest(), size


def _columns(path: Path, kind: str, form: str) -> list[str]:
    try:
        return parts.columns_of(path, kind, form)
    except FileRefused as error:
        raise PartRefused(error.reason) from error


def _check_whole(found: Sequence[FeedPart]) -> None:
    kind = parts.KINDS[found[0].kind].title
    if [part.number for part in found] != list(range(1, len(found) + 1)):
        raise PartMissing(f"{kind}的块号不连续，请补齐", kind=found[0].kind, numbers=[part.number for part in found])
    if len({part.form for part in found}) > 1:
        raise PartMissing(f"{kind}的各块格式不同，请统一为 CSV 或 NDJSON", kind=found[0].kind)
    if found[0].form == FeedPart.Form.CSV and any(part.columns != found[0].columns for part in found):
        raise PartMissing(f"{kind}的各块表头不同，请统一", kind=found[0].kind)


def _assemble(feed: RestFeed, whole: Path) -> None:
    """Put together the folder that the counter would have dropped: a file a kind, and the manifest."""
    found = list(feed.parts.order_by("kind", "number"))
    for kind in sorted({part.kind for part in found}):
        mine = [part for part in found if part.kind == kind]
        columns = list(dict.fromkeys(name for part in mine for name in part.columns))
        parts.join([_path(part) for part in mine], columns, mine[0].form, whole / f"{kind}.csv")
    said = {"asof": feed.as_of.isoformat(), "control_totals": feed.control_totals}
    (whole / MANIFEST).write_text(json.dumps(said, ensure_ascii=False), "utf-8")


def _folder(feed: RestFeed) -> Path:
    """Return where its parts lie: below the counter's folder, where no look for deliveries reaches."""
    return Path(settings.CRM_FEED_DIR) / "rest" / str(feed.pk)


def _path(part: FeedPart) -> Path:
    """Return where its bytes lie, by their fingerprint: a row of the book never names other bytes."""
    return _folder(part.feed) / f"{part.kind}-{part.number}-{part.sha256}.part"
