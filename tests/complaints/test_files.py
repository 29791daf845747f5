"""Papers of a complaint: checked, kept for twenty years, never lost under a hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import InternalError, transaction

from complaints import operations
from complaints.errors import BadFile, MayNotApprove, NotTheHandler
from complaints.models import Attachment, Complaint
from complaints.operations.files import checked
from complaints.rules.files import LARGEST, kept_until
from tests.complaints.making import MORNING, complain, walked
from tests.complaints.test_avoidance import PNG
from tests.conftest import Cast

pytestmark = pytest.mark.usefixtures("calendar")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.CRM_FILES_DIR = str(tmp_path)
    return tmp_path


def paper(cast: Cast, complaint: Complaint | None = None) -> Attachment:
    return operations.attach(
        complaint or complain(cast), name="来信.txt", data="客户来信".encode(), by=cast.chen, now=MORNING
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("照片.png", b"MZ\x90\x00" + b"\x00" * 60),  # a program that calls itself a picture
        ("脚本.svg", b"<svg onload=alert(1)>"),
        ("页面.html", b"<html>"),
        ("无扩展名", b"text"),
        ("文本.txt", b"\xff\xfe\x00\x01"),
        ("空.txt", b""),
        ("x" * 120 + ".txt", b"text"),
        (".txt", b"text"),
        ("大.txt", b"a" * (LARGEST + 1)),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(BadFile):
        checked(name, data)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("录音截图.PNG", PNG, ("录音截图.PNG", "image/png")),
        ("..\\..\\etc\\说明.txt", b"text", ("说明.txt", "text/plain")),
        ("../../说明\u202e.txt", b"text", ("说明_.txt", "text/plain")),
        ("信.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n%%EOF", ("信.pdf", "application/pdf")),
    ],
)
def test_a_known_file_keeps_its_name_without_paths(name: str, data: bytes, expected: tuple[str, str]) -> None:
    assert checked(name, data) == expected


def test_a_file_lies_in_the_private_folder_under_a_name_nobody_guesses(cast: Cast, folder: Path) -> None:
    file = paper(cast)
    stored = folder / str(file.file.name)
    assert stored.read_bytes() == "客户来信".encode()
    assert "来信" not in str(stored)
    assert file.kept_until == date(2046, 8, 24)
    with pytest.raises(ValueError, match="accessible via a URL"):
        _ = file.file.url
    with pytest.raises(BadFile):
        paper(cast, Complaint.objects.get(pk=file.complaint_id))


def test_who_knows_the_outline_only_adds_nothing(cast: Cast) -> None:
    with pytest.raises(NotTheHandler):
        operations.attach(complain(cast), name="a.txt", data=b"x", by=cast.li)


def test_papers_are_deleted_by_nobody_before_their_time(cast: Cast) -> None:
    file = paper(cast)
    for change in (
        lambda: file.delete(),
        lambda: Attachment.objects.all().delete(),
        lambda: Attachment.objects.update(kept_until=date(2020, 1, 1)),
        lambda: Complaint.objects.filter(pk=walked(cast, "withdrawn").pk)._raw_delete("default"),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change()
    assert operations.remove_expired(cast.branch, date(2046, 8, 24)).seen == 0


def expired(cast: Cast) -> Attachment:
    """Return a paper of more than twenty years ago."""
    one = complain(cast)
    return Attachment.objects.create(
        complaint=one, name="旧.txt", file="old", mime="text/plain", size=1, sha256="0" * 64, added_at=MORNING,
        kept_until=date(2020, 1, 1),
    )  # fmt: skip


def test_a_legal_hold_keeps_what_is_past_its_time(cast: Cast) -> None:
    file = expired(cast)
    one = Complaint.objects.get(pk=file.complaint_id)
    with pytest.raises(MayNotApprove):
        operations.set_hold(one, held=True, reason="诉讼", by=cast.zhao)
    one = operations.set_hold(one, held=True, reason="诉讼", by=cast.qian)
    with pytest.raises(InternalError, match="under hold"), transaction.atomic():
        file.delete()
    ledger = operations.remove_expired(cast.branch, date(2026, 8, 24))
    assert (ledger.seen, ledger.changed, ledger.skipped["法律保全"]) == (1, 0, 1)
    operations.set_hold(one, held=False, reason="诉讼终结", by=cast.qian)
    assert operations.remove_expired(cast.branch, date(2026, 8, 24)).changed == 1
    assert not Attachment.objects.exists()


def test_twenty_years_from_the_29th_of_february_end_on_the_28th_if_need_be() -> None:
    assert kept_until(date(2024, 2, 29)) == date(2044, 2, 29)
    assert kept_until(date(2080, 2, 29)) == date(2100, 2, 28)
