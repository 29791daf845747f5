"""Papers and recordings of a complaint: checked when they come, kept for twenty years, never lost under a hold."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from functools import partial
from pathlib import PurePosixPath

import puremagic
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from complaints.errors import BadFile, MayNotApprove, NotTheHandler
from complaints.models import Attachment, Complaint
from complaints.operations.desk import land, require, taken_up
from complaints.queries.scope import leads, may_read_words
from complaints.rules.files import KINDS, LARGEST, LONGEST_NAME, kept_until
from complaints.rules.states import Act
from office.audit import record
from office.dates import SHANGHAI
from office.jobs import Ledger
from office.models import Branch, Employee

UNSAFE = re.compile(r"[\x00-\x1f\x7f\"<>|:*?\\/\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


@transaction.atomic
def attach(
    complaint: Complaint,
    *,
    name: str,
    data: bytes,
    by: Employee | None,
    version: int | None = None,
    now: datetime | None = None,
) -> Attachment:
    """Keep one file with the complaint until its own twenty years are over.

    `by` is None for the public form. Raises BadFile for an unknown kind, a false name or too large a
    file, and NotTheHandler for who only knows the outline.
    """
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.ATTACH, by=by, version=version)
    if by is not None and not (may_read_words(fresh, by) or leads(fresh, by, at.astimezone(SHANGHAI).date())):
        raise NotTheHandler("由办理此投诉的人添加附件")
    said, mime = checked(name, data)
    digest = hashlib.sha256(data).hexdigest()
    if fresh.attachments.filter(sha256=digest).exists():
        raise BadFile("此文件已添加")
    file = Attachment(
        complaint=fresh, name=said, mime=mime, size=len(data), sha256=digest, added_at=at, added_by=by,
        kept_until=max(fresh.kept_until, kept_until(at.astimezone(SHANGHAI).date())),
    )  # fmt: skip
    file.file.save(f"{get_random_string(24)}{PurePosixPath(said).suffix.lower()}", ContentFile(data), save=False)
    file.save()
    fresh.kept_until = file.kept_until
    facts = {"attachment": file.pk, "size": file.size}
    land(fresh, Act.ATTACH, by=by, now=at, note=said, facts=facts, fields=["kept_until"])
    return file


def checked(name: str, data: bytes) -> tuple[str, str]:
    """Return the name and kind of a file fit to be kept. Raises BadFile."""
    said = UNSAFE.sub("_", PurePosixPath(name.replace("\\", "/")).name).strip(". ")
    suffix = PurePosixPath(said).suffix.lower()
    if not said or len(said) > LONGEST_NAME:
        raise BadFile(f"文件名不能为空，且不超过 {LONGEST_NAME} 个字符")
    if suffix not in KINDS:
        raise BadFile(f"不接受 {suffix or '没有扩展名'} 的文件；可用：{'、'.join(sorted(KINDS))}")
    if not data or len(data) > LARGEST:
        raise BadFile(f"文件不能为空，且不超过 {LARGEST // (1 << 20)} MB")
    if not _is_kind(suffix, data):
        raise BadFile("文件内容与扩展名不符")
    return said, KINDS[suffix].mime


def _is_kind(suffix: str, data: bytes) -> bool:
    """Whether the content is of the kind its name says; text has no signature but is text."""
    if KINDS[suffix].is_text:
        try:
            return "\x00" not in data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return False
    try:
        found = {one.extension for one in puremagic.magic_string(data)}
    except puremagic.PureError:
        return False
    return not found.isdisjoint(KINDS[suffix].signatures)


@transaction.atomic
def set_hold(
    complaint: Complaint,
    *,
    held: bool,
    reason: str,
    by: Employee,
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Put the complaint and its papers under a legal hold, or lift it. Raises MayNotApprove but for compliance."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.HOLD, by=by, version=version)
    if not by.has_perm("complaints.hold_complaint"):
        raise MayNotApprove("只有合规可以设立或解除法律保全")
    require("请写明保全或解除的理由", reason)
    fresh.is_held, fresh.hold_reason = held, reason.strip()[:200] if held else ""
    facts = {"held": held}
    return land(fresh, Act.HOLD, by=by, now=at, note=reason.strip(), facts=facts, fields=["is_held", "hold_reason"])


def remove_expired(branch: Branch, today: date) -> Ledger:
    """Delete the papers whose time of keeping is over and that no hold keeps; the database checks both again."""
    over = Attachment.objects.filter(complaint__branch=branch, kept_until__lt=today)
    ledger = Ledger(seen=over.count())
    for file in over.filter(complaint__is_held=False).order_by("pk").iterator(chunk_size=200):
        with transaction.atomic():
            storage, path = file.file.storage, str(file.file.name)
            record("complaints.expired_removed", file, by=None, branch_id=branch.pk, after={"removed": file.sha256})
            file.delete()
            transaction.on_commit(partial(storage.delete, path))
        ledger.changed += 1
    if ledger.seen > ledger.changed:
        ledger.skipped["法律保全"] = ledger.seen - ledger.changed
    return ledger
