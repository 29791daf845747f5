"""Who may touch the archive of a client, and what happens to edits that were overtaken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from clients.models import ChannelPreference, Client, ClientStanding, ImportBatch
from clients.operations.archive import mark_importance
from office.models import AuditEntry
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
EDIT = {"importance": "important", "service_mode": "onsite", "occupation": "教师", "version": "1"}
CONSENT = {"phone-care": "granted", "source": "本人来电", "version": "1"}


@pytest.mark.parametrize("name", ["wang", "sun"])  # a colleague whose client wu is not, and another branch's director
@pytest.mark.parametrize(("page", "data"), [("edit", EDIT), ("preferences", CONSENT), ("unmask", {"field": "phone"})])
def test_nobody_reaches_the_archive_of_a_client_out_of_sight(
    browse: Browse, cast: Cast, name: str, page: str, data: dict[str, str]
) -> None:
    url = f"/clients/{cast.wu.pk}/{page}/"
    before = Client.objects.filter(pk=cast.wu.pk).values().get()
    assert browse(name).post(url, data).status_code == 404
    assert browse(name).get(url).status_code in (404, 405)
    assert Client.objects.filter(pk=cast.wu.pk).values().get() == before
    assert not ChannelPreference.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="clients.").exists()


def test_a_page_that_is_refused_shows_what_was_typed_and_saves_nothing(browse: Browse, cast: Cast) -> None:
    response = browse("li").post(f"/clients/{cast.wu.pk}/edit/", EDIT | {"importance": "royal"})
    assert response.status_code == 422
    assert "教师" in response.content.decode()
    cast.wu.refresh_from_db()
    assert (cast.wu.occupation, cast.wu.version) == ("", 1)


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999"])
def test_a_version_that_never_was_saves_nothing(browse: Browse, cast: Cast, version: str) -> None:
    response = browse("li").post(f"/clients/{cast.wu.pk}/edit/", EDIT | {"version": version})
    assert response.status_code in (409, 422)
    cast.wu.refresh_from_db()
    assert cast.wu.version == 1


@pytest.mark.req("SEG-14")
def test_a_class_marked_meanwhile_is_not_overwritten_by_an_open_page(browse: Browse, cast: Cast) -> None:
    assert mark_importance(ClientStanding.objects.filter(pk=cast.wu.pk), "important", by=cast.zhao) == 1
    response = browse("li").post(f"/clients/{cast.wu.pk}/edit/", EDIT | {"importance": "basic"})
    assert response.status_code == 409
    cast.wu.refresh_from_db()
    assert (cast.wu.importance, cast.wu.version) == ("important", 2)


@pytest.mark.req("SEG-14")
def test_marking_what_is_marked_changes_nothing(cast: Cast) -> None:
    rows = ClientStanding.objects.filter(pk=cast.wu.pk)
    assert (mark_importance(rows, "important", by=cast.zhao), mark_importance(rows, "important", by=cast.zhao)) == (
        1,
        0,
    )
    assert AuditEntry.objects.filter(action="clients.importance_marked").count() == 1
    assert Client.objects.get(pk=cast.wu.pk).version == 2


@pytest.mark.parametrize(
    ("query", "export"),
    [
        ("reason=%00", 200),
        ("file=²", 422),  # what cannot be read is never taken for everything
        ("file=" + "9" * 5_000, 422),
        ("file=x&reason=never", 422),
        ("after=x&tab=?", 200),
    ],
)
def test_no_address_breaks_a_delivery(browse: Browse, cast: Cast, query: str, export: int) -> None:
    batch = ImportBatch.objects.create(label="20260821", content_hash="x", state=ImportBatch.State.DONE)
    batch.branches.add(cast.branch)
    for tab in ("refused", "corrections", "overview"):
        assert browse("zhao").get(f"/clients/batches/{batch.pk}/?tab={tab}&{query}").status_code == 200
    assert browse("zhao").post(f"/clients/batches/{batch.pk}/quarantine/?{query}").status_code == export
    assert browse("zhao").get(f"/clients/batches/?state=%00&{query}").status_code == 200
