"""The book of deliveries: uploads by hand, what is shown to whom, refused rows as a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from branchcrm.celery import app
from clients.models import AccountDay, ImportBatch, QuarantineRow, Trade
from clients.operations.deliveries import import_received, import_waiting, waiting_folders
from clients.operations.feed import import_feed
from clients.tasks import import_batch, import_deliveries
from office.models import AuditEntry
from tests.budgets import QueryBudget
from tests.clients.deliveries import deliver, refused, row, take_in, text
from tests.conftest import Cast, make_client

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
YESTERDAY = str(timezone.localdate() - timedelta(days=1))


@pytest.fixture(autouse=True)
def inbox(settings: Settings, tmp_path: Path) -> Path:
    settings.CRM_FEED_DIR = str(tmp_path / "inbox")
    return tmp_path / "inbox"


@pytest.fixture
def at_once() -> Iterator[None]:
    """Let tasks run where they are sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def csv(name: str, *rows: dict[str, str]) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text(list(rows)).encode())


def upload(browser: Browser, *files: SimpleUploadedFile) -> ImportBatch:
    response = browser.post("/clients/batches/upload/", {"sent": list(files)})
    assert response.status_code == 302
    return ImportBatch.objects.get(pk=int(response["Location"].split("/")[-2]))


def test_an_upload_is_imported_in_the_background_and_shown(
    browse: Browse, cast: Cast, at_once: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    browser = browse("shen")
    with django_capture_on_commit_callbacks(execute=True):
        batch = upload(browser, csv("trades.csv", row("trades"), row("trades", trade_id="T2", side="X")))
    batch.refresh_from_db()
    assert (batch.state, batch.source, batch.by) == ("partly", "manual", cast.shen)
    page = browser.get(f"/clients/batches/{batch.pk}/?tab=refused").content.decode()
    assert "买卖方向（side）" in page
    assert "取值不在允许范围内" in page
    actions = AuditEntry.objects.filter(actor=cast.shen).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["clients.feed_uploaded", "clients.feed_imported"]


def test_until_it_is_done_the_page_asks_again(browse: Browse, cast: Cast) -> None:
    browser = browse("shen")
    batch = upload(browser, csv("trades.csv", row("trades")))
    assert 'hx-trigger="every 2s"' in browser.get(f"/clients/batches/{batch.pk}/").content.decode()
    import_batch(batch.pk)
    import_batch(batch.pk)  # delivered twice by the broker
    assert (
        "every 2s" not in browser.get(f"/clients/batches/{batch.pk}/", headers={"HX-Request": "true"}).content.decode()
    )
    assert Trade.objects.count() == 1
    polled = browser.get(f"/clients/batches/{batch.pk}/", headers={"HX-Request": "true"})
    assert polled["HX-Refresh"] == "true"


def test_the_same_files_again_are_refused_with_the_batch_they_made(browse: Browse, cast: Cast, inbox: Path) -> None:
    first = upload(browse("shen"), csv("trades.csv", row("trades")))
    import_received(first.pk)
    again = browse("shen").post("/clients/batches/upload/", {"sent": [csv("trades.csv", row("trades"))]})
    assert again.status_code == 409
    assert f"已于批次 {first.pk} 导入" in again.content.decode()
    assert len(list(inbox.iterdir())) == 1


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "必填"),
        ([("notes.docx", b"x")], "不是柜台文件"),
        ([("manifest.json", b"{}")], "只有清单"),
        ([("a.csv", b"x"), ("a.csv", b"y")], "同名"),
        ([("a.csv", b"")], "空"),
    ],
)
def test_what_is_no_delivery_is_refused_on_the_form(
    browse: Browse, cast: Cast, files: list[tuple[str, bytes]], words: str
) -> None:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    page = browse("shen").post("/clients/batches/upload/", {"sent": sent, "x": "1"})
    assert page.status_code == 422
    assert words in page.content.decode()
    assert not ImportBatch.objects.exists()


def test_rows_of_other_branches_do_not_land_by_hand(browse: Browse, cast: Cast, inbox: Path) -> None:
    make_client(cast.other_branch, "880200000001", name="外客")
    foreign = row("daily_metrics", account_no="A880200000001", date=YESTERDAY)
    batch = upload(
        browse("shen"),
        csv("daily_metrics.csv", row("daily_metrics", date=YESTERDAY), foreign),
        csv("clients.csv", row("clients", branch_no="8802")),
        csv("accounts.csv", row("accounts", account_no="A880200000001")),
    )
    import_received(batch.pk)
    assert AccountDay.objects.get().branch == cast.branch
    assert sorted(code for _, _, _, code in refused(batch)) == ["foreign", "foreign", "other_client"]
    told = browse("shen").get(f"/clients/batches/{batch.pk}/?tab=refused").content.decode()
    assert "不属于本营业部：请由所属营业部导入" in told
    counter = import_feed(inbox / batch.label, today=timezone.localdate())  # what is meant for all is another delivery
    assert counter.pk != batch.pk
    assert AccountDay.objects.filter(branch=cast.other_branch).count() == 1


def test_a_batch_that_broke_off_goes_on_and_one_that_is_done_is_checked_anew(browse: Browse, cast: Cast) -> None:
    browser = browse("shen")
    batch = upload(browser, csv("trades.csv", row("trades")))
    assert browser.post(f"/clients/batches/{batch.pk}/rerun/").status_code == 409
    ImportBatch.objects.filter(pk=batch.pk).update(state=ImportBatch.State.FAILED)
    browser.post(f"/clients/batches/{batch.pk}/rerun/")
    import_received(batch.pk)
    assert ImportBatch.objects.get(pk=batch.pk).state == ImportBatch.State.DONE
    made = browser.post(f"/clients/batches/{batch.pk}/rerun/")["Location"]
    second = int(made.split("/")[-2])
    import_received(second)
    assert second != batch.pk
    assert ImportBatch.objects.get(pk=second).files.get().unchanged == 1


def test_files_that_are_gone_are_said_to_be_gone(browse: Browse, cast: Cast, tmp_path: Path) -> None:
    batch = take_in(tmp_path / "counter", {"trades.csv": [row("trades")]})
    page = browse("shen").post(f"/clients/batches/{batch.pk}/rerun/")
    assert page.status_code == 409
    assert "请重新上传" in page.content.decode()


def test_the_inbox_is_taken_in_once_and_again_when_it_changed(cast: Cast, inbox: Path) -> None:
    inbox.mkdir()
    folder = deliver(inbox / "20260821", {"trades.csv": [row("trades")]}, asof="2026-08-21")
    deliver(inbox / "20260824", {"trades.csv": [row("trades", trade_id="T9")]})  # no manifest: still arriving
    import_deliveries()
    assert waiting_folders(inbox) == []
    assert list(Trade.objects.values_list("trade_no", flat=True)) == ["T1"]
    deliver(folder, {"trades.csv": [row("trades", amount="1060.00")]}, asof="2026-08-21")
    later = timezone.now().timestamp() + 60
    os.utime(folder / "trades.csv", (later, later))
    [batch] = import_waiting()
    assert batch.files.get().changed == 1


def test_a_branch_sees_its_own_refused_rows_and_totals(browse: Browse, cast: Cast, tmp_path: Path) -> None:
    make_client(cast.other_branch, "880200000001", name="外客")
    bad = {"turnover": "-1.00"}
    batch = take_in(
        tmp_path / "in",
        {
            "daily_metrics.csv": [
                row("daily_metrics"),
                row("daily_metrics", date="2026-08-20", **bad),
                row("daily_metrics", account_no="A880200000001"),
                row("daily_metrics", account_no="A880200000001", date="2026-08-20", **bad),
                row("daily_metrics", account_no="nobody", date="2026-08-20"),
            ]
        },
    )
    url = f"/clients/batches/{batch.pk}/"
    ours = browse("zhao").get(f"{url}?tab=refused").context["page"]
    theirs = browse("sun").get(f"{url}?tab=refused").context["page"]
    assert [(row.line, row.code) for row in ours] == [(3, "negative"), (6, "unknown_account")]
    assert [(row.line, row.code) for row in theirs] == [(5, "negative"), (6, "unknown_account")]
    [rows, *_] = browse("sun").get(url).context["totals"]
    assert (rows.label, rows.counted) == ("账户日（行）", 1)
    narrowed = browse("zhao").get(f"{url}?tab=refused&reason=negative").context["page"]
    assert [row.line for row in narrowed] == [3]


def test_a_batch_of_another_branch_is_unknown(browse: Browse, cast: Cast, tmp_path: Path) -> None:
    batch = take_in(tmp_path / "in", {"trades.csv": [row("trades")]})
    assert browse("sun").get(f"/clients/batches/{batch.pk}/").status_code == 404
    assert browse("sun").get("/clients/batches/").context["page"].rows == []


def test_corrections_tell_before_and_after(browse: Browse, cast: Cast, tmp_path: Path) -> None:
    take_in(tmp_path / "one", {"trades.csv": [row("trades")]})
    batch = take_in(tmp_path / "two", {"trades.csv": [row("trades", amount="1060.00")]})
    page = browse("zhao").get(f"/clients/batches/{batch.pk}/?tab=corrections").content.decode()
    assert "1050" in page
    assert "1060" in page
    assert f"批次 {batch.supersedes_id}" in page


def test_refused_rows_are_taken_out_as_a_file_with_a_trace(browse: Browse, cast: Cast, tmp_path: Path) -> None:
    batch = take_in(
        tmp_path / "in", {"trades.csv": [row("trades", side="=X"), row("trades", trade_id="T2", amount="")]}
    )
    response = browse("zhao").post(f"/clients/batches/{batch.pk}/quarantine/")
    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]  # a streaming answer
    assert lines[0] == "\ufeff文件,行号,列,值,原因,原始行"
    assert lines[1].startswith("trades.csv,2,买卖方向（side）,'=X,")
    assert len(lines) == 3
    assert AuditEntry.objects.get(action="clients.quarantine_exported").after == {"rows": 2}


def test_batches_and_refused_rows_cost_the_same_for_few_and_many(
    browse: Browse, cast: Cast, tmp_path: Path, query_budget: QueryBudget
) -> None:
    rows = [row("trades", trade_id=f"T{number}", side="X") for number in range(120)]
    batch = take_in(tmp_path / "many", {"trades.csv": rows})
    for number in range(60):
        ImportBatch.objects.create(label=f"批次{number}", content_hash=str(number))
    browser = browse("zhao")
    with query_budget("clients:batch_list"):
        browser.get("/clients/batches/")
    for tab in ("overview", "refused", "corrections"):
        with query_budget("clients:batch_detail"):
            browser.get(f"/clients/batches/{batch.pk}/?tab={tab}")
    seen, url = [], "?tab=refused"
    while url:
        context = browser.get(f"/clients/batches/{batch.pk}/{url}").context
        seen += [one.pk for one in context["page"]]
        url = context["next_url"]
    assert len(seen) == len(set(seen)) == QuarantineRow.objects.count() == 120
