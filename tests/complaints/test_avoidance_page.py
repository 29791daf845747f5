"""The hard rule through the pages: whoever a complaint names finds no trace of it on any of them, whatever his post."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import ClientStanding
from complaints import operations
from complaints.models import Attachment, Complaint
from complaints.views.complaint_acts import ACTS
from office.models import Employee, Role
from tests.complaints.making import complain, walked
from tests.conftest import Cast, make_employee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
LISTS = ("list", "board", "queue", "register", "analysis", "yearly", "export")
SPAN = {"state": "all", "since": "2026-01-01", "until": "2026-12-31", "year": "2026"}
OF_ONE = ("detail", "letter", "record", "acknowledged")


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.CRM_FILES_DIR = str(tmp_path)


def signed_in(who: Employee) -> Browser:
    browser = Browser()
    browser.force_login(who, backend="office.rights.RoleBackend")
    return browser


def told_of(cast: Cast, who: Employee) -> Complaint:
    """A complaint about the client `who` serves: he was asked about it, so he knows of it; papers lie with it."""
    ClientStanding.objects.filter(client=cast.wu).update(manager=who)
    one = complain(cast, phone="13800001111", caller_name="贾投诉")
    operations.attach(one, name="录音.txt", data="原话".encode(), by=cast.chen)
    one.refresh_from_db()
    operations.refer(one, who, request="请说明经过", by=cast.chen)
    one.refresh_from_db()
    return walked(cast, "feedback", complaint=one)


def everything(browser: Browser, one: Complaint) -> str:
    """All that the pages across complaints say, whatever status they answer with."""
    said = [browser.get(reverse(f"complaints:{name}"), SPAN).content.decode() for name in LISTS]
    said += [
        browser.get(reverse("complaints:list"), {**SPAN, "q": q}).content.decode() for q in ("13800001111", "贾投诉")
    ]
    said.append(browser.get(reverse("office:notice_list")).content.decode())
    panel = reverse("complaints:client_panel", args=[one.client_id])
    said.append(browser.get(panel, headers={"HX-Request": "true"}).content.decode())
    return "".join(said)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM_ADMIN], ids=str)
def test_who_is_named_finds_nothing_on_any_page(cast: Cast, role: Role) -> None:
    who = make_employee("3001", "何名", cast.branch, role, team=cast.team)
    one, browser = told_of(cast, who), signed_in(who)
    paper = Attachment.objects.get()
    operations.add_party(one, who, by=cast.chen)
    said = everything(browser, one)
    assert one.no not in said
    assert "贾投诉</" not in said  # but for the box that repeats what was looked for
    for name in OF_ONE:
        assert browser.get(reverse(f"complaints:{name}", args=[one.pk])).status_code in (403, 404), name
    assert browser.get(reverse("complaints:attachment", args=[paper.pk])).status_code in (403, 404)
    for key in ACTS:
        for ask in (browser.get, browser.post):
            assert ask(reverse(f"complaints:{key}", args=[one.pk])).status_code in (403, 404), key
    assert browser.post(reverse("complaints:show", args=[one.pk, "phone"])).status_code in (403, 404)


def test_who_is_named_is_in_no_count_and_in_no_workbook(cast: Cast) -> None:
    one, browser = complain(cast), signed_in(cast.zhao)
    assert exported(browser) == [one.no]
    assert browser.get(reverse("complaints:analysis"), SPAN).context["table"].most == 1
    operations.add_party(one, cast.zhao, by=cast.chen)
    assert exported(browser) == []
    page = browser.get(reverse("complaints:analysis"), SPAN).context
    assert (page["table"].most, page["people"], page["months"], page["leaving"].complainants) == (0, [], [], 0)
    assert browser.get(reverse("complaints:yearly"), SPAN).context["found"]["received"] == 0
    assert browser.get(reverse("complaints:list")).context["counts"].open == 0


def test_the_panel_of_a_named_manager_has_not_even_a_heading(cast: Cast) -> None:
    one, browser = complain(cast), signed_in(cast.li)
    address = reverse("complaints:client_panel", args=[cast.wu.pk])
    assert "投诉" in browser.get(address, headers={"HX-Request": "true"}).content.decode()
    operations.add_party(one, cast.li, by=cast.chen)
    assert browser.get(address, headers={"HX-Request": "true"}).content == b""


def test_who_names_himself_learns_the_number_alone(cast: Cast) -> None:
    browser = signed_in(cast.li)
    answer = browser.post(
        reverse("complaints:create"),
        {
            "client": cast.wu.pk, "channel": "phone", "received_at": "2026-08-24T10:00", "people_count": 1,
            "content": "客户反映客户经理答复拖延", "category": "staff_attitude", "business_class": "other",
            "urgency": "normal", "parties": [cast.li.pk],
        },
    )  # fmt: skip
    one = Complaint.objects.get()
    assert answer["Location"] == reverse("complaints:list")
    assert one.handler_id != cast.li.pk
    assert browser.get(one.get_absolute_url()).status_code == 404


def test_a_manager_who_is_not_named_reads_the_outline_without_the_words(cast: Cast) -> None:
    one = complain(cast, content="客户说了一句只有处理人能看的话。")
    said = signed_in(cast.li).get(one.get_absolute_url()).content.decode()
    assert one.no in said
    assert "只有处理人能看" not in said
    assert "经过" not in said


def exported(browser: Browser) -> list[str]:
    answer = browser.post(f"{reverse('complaints:export')}?state=all", {"reason": "年度报送"})
    return list(pd.read_excel(BytesIO(answer.content), engine="calamine")["编号"])
