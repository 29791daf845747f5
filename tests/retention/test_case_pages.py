"""Retention cases through the browser: opened, read, talked about once, let go in one press; no clock is touched."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pandas as pd
import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from office.models import AuditEntry
from retention.models import ClosureRequest, RetentionCase, RetentionSetting
from retention.operations.cases import close_case, record_talk
from retention.operations.opening import open_from_request, open_from_requests, open_from_signals
from tests.budgets import QueryBudget
from tests.complaints.making import complain
from tests.conftest import Cast, make_client
from tests.retention.making import CONCERN, NIGHT, ask, assessed, case, stand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
BOARD = "/retention/cases/"
SETTINGS = f"{BOARD}settings/"


def page_of(made: RetentionCase, act: str = "") -> str:
    return f"{BOARD}{made.pk}/{act}"


def at_now() -> str:
    return timezone.localtime().strftime("%Y-%m-%dT%H:%M")


@pytest.mark.req("RET-01")
def test_the_board_counts_its_parts_and_keeps_its_filters(cast: Cast, browse: Browse) -> None:
    made, other = case(cast), make_client(cast.branch, "880100000090", manager=cast.wang)
    open_from_request(ask(cast, other), by=cast.zhou)
    record_talk(made, minutes=5, summary="费率", by=cast.li)
    found = browse("zhao").get(f"{BOARD}?part=talked&trigger=hand&sort=-opened")
    assert {key: found.context["counts"][key] for key in ("open", "untouched", "talked", "requested")} == {
        "open": 2, "untouched": 1, "talked": 1, "requested": 1,
    }  # fmt: skip
    assert [row.pk for row in found.context["page"].rows] == [made.pk]
    words = found.content.decode()
    assert "由来" in words
    assert "part=talked&amp;trigger=hand" in words
    assert "没有符合条件的个案" in browse("zhao").get(f"{BOARD}?part=kept&trigger=hand").content.decode()


def test_a_phone_offers_what_the_wide_page_does(cast: Cast, browse: Browse) -> None:
    made = case(cast)

    def menu(address: str) -> str:
        shown = browse("zhao").get(address).content.decode().partition('<details class="me-menu show-s"')[2]
        return shown.partition("</details>")[0]

    assert "hand-over/" in menu(page_of(made))
    assert "export/" in menu(BOARD)
    assert "settings/" in menu(BOARD)


def test_an_export_asks_for_its_purpose_and_hides_names(cast: Cast, browse: Browse) -> None:
    case(cast)
    assert browse("zhao").post(f"{BOARD}export/", {}).status_code == 422
    got = browse("zhao").post(f"{BOARD}export/", {"reason": "例会"})
    sheet = pd.read_excel(BytesIO(got.content), engine="calamine")
    assert list(sheet["客户"]) == ["吴*"]
    assert len(sheet) == 1
    assert AuditEntry.objects.get(action="retention.exported").reason == "例会"


@pytest.mark.req("RET-04")
def test_a_case_shows_why_what_to_say_and_what_may_be_offered(cast: Cast, browse: Browse) -> None:
    assessed(cast.wu, "C2")
    stand(cast.wu, "commission_asked")
    words = browse("li").get(page_of(case(cast))).content.decode()
    for told in ("可能的原因", "佣金", "话术", "至多 15 分钟", "可提出至 R2 产品", "客户不愿谈", "放行"):
        assert told in words


def test_an_offer_beyond_the_client_or_in_forbidden_words_is_refused_in_words(cast: Cast, browse: Browse) -> None:
    assessed(cast.wu, "C2")
    made = case(cast)
    given = {"version": 1, "kind": "product", "product_risk": "4", "text": "股票型基金"}
    refused = browse("li").post(page_of(made, "offer/"), given)
    assert refused.status_code == 422
    assert "高于客户承受能力" in refused.content.decode()
    refused = browse("li").post(page_of(made, "offer/"), given | {"product_risk": "2", "text": "保本收益"})
    assert refused.status_code == 422
    assert "不得使用" in refused.content.decode()
    assert browse("li").post(page_of(made, "offer/"), given | {"product_risk": "2"}).status_code == 302
    answer = page_of(made, f"offers/{made.offers.get().pk}/answer/")
    assert browse("li").post(answer, {"answer": "taken"}).status_code == 302
    assert browse("li").post(answer, {"answer": "declined"}).status_code == 409


@pytest.mark.req("DNI-07")
def test_a_case_lived_through_by_pages_leaves_the_request_as_it_was(cast: Cast, browse: Browse) -> None:
    request = ask(cast)
    before = ClosureRequest.objects.filter(pk=request.pk).values().get()
    assert browse("li").post(f"/retention/requests/{request.pk}/case/").status_code == 302
    made = RetentionCase.objects.get(request=request)
    said = {"version": 1, "at": at_now(), "minutes": "9", "summary": "说费率高", "reason": "commission"}
    assert browse("li").post(page_of(made, "talk/"), said | {"minutes": "60"}).status_code == 422
    assert browse("li").post(page_of(made, "talk/"), said).status_code == 302
    assert browse("li").post(page_of(made, "talk/"), said | {"version": 2}).status_code == 409  # once
    assert browse("zhao").post(page_of(made, "hand-over/"), {"version": 2, "owner": cast.wang.pk}).status_code == 302
    assert browse("zhao").post(page_of(made, "hand-over/"), {"version": 3, "owner": cast.zhou.pk}).status_code == 422
    closing = {"version": 3, "outcome": "partly", "reason": "commission", "learning": "早讲清费用"}
    assert browse("zhao").post(page_of(made, "close/"), closing | {"version": 1}).status_code == 409
    assert browse("zhao").post(page_of(made, "close/"), closing).status_code == 302
    learnt = {"version": 4, "reason": "commission", "learning": "每年复核费率"}
    assert browse("zhao").post(page_of(made, "learn/"), learnt).status_code == 302
    made.refresh_from_db()
    assert (made.outcome, made.owner, made.learning) == ("partly", cast.wang, "每年复核费率")
    assert ClosureRequest.objects.filter(pk=request.pk).values().get() == before


@pytest.mark.req("DNI-07")
@pytest.mark.parametrize(("act", "outcome"), [("let-go/", "left"), ("declined/", "refused_talk")])
def test_one_press_ends_it_on_the_version_seen(cast: Cast, browse: Browse, act: str, outcome: str) -> None:
    made = case(cast)
    assert browse("li").post(page_of(made, act)).status_code == 409
    assert browse("li").post(page_of(made, act), {"version": made.version}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.outcome) == ("closed", outcome)


@pytest.mark.req("RET-06")
def test_registering_at_the_desk_opens_the_case_at_once_for_a_marketing_post(cast: Cast, browse: Browse) -> None:
    found = browse("zhou").post(f"/retention/desk/{cast.wu.pk}/", {"kind": "close", "channel": "counter"}, follow=True)
    made = RetentionCase.objects.get(client=cast.wu)
    assert (made.trigger, made.owner, made.opened_by) == ("request", cast.li, cast.zhou)
    assert f"/retention/requests/{made.request_id}/case/" in found.content.decode()
    words = browse("zhou").get(page_of(made)).content.decode()
    assert "吴*" in words
    assert "吴越" not in words
    assert "转交" not in words
    assert "提出方案" not in words


def test_registering_goes_on_where_no_case_can_be(cast: Cast, browse: Browse) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(is_deceased=True)
    browse("zhou").post(f"/retention/desk/{cast.wu.pk}/", {"kind": "close", "channel": "counter"})
    assert ClosureRequest.objects.filter(client=cast.wu).exists()
    assert not RetentionCase.objects.exists()


def test_the_night_opens_cases_of_requests_once(cast: Cast) -> None:
    ask(cast)
    first, again = open_from_requests(cast.branch, NIGHT), open_from_requests(cast.branch, NIGHT)
    assert (first.seen, first.changed, again.seen) == (1, 1, 0)
    assert RetentionCase.objects.get().opened_by is None


def test_the_list_and_the_client_page_open_a_case_and_then_lead_to_it(cast: Cast, browse: Browse) -> None:
    stand(cast.wu, "outflow")
    opening = f"/retention/clients/{cast.wu.pk}/case/"
    assert opening in browse("li").get("/retention/").content.decode()
    assert opening in browse("li").get(f"/retention/clients/{cast.wu.pk}/panel/").content.decode()
    browse("li").post(opening, {"concern": CONCERN})
    made = RetentionCase.objects.get()
    for place in ("/retention/", f"/retention/clients/{cast.wu.pk}/panel/"):
        assert page_of(made) in browse("li").get(place).content.decode()
    assert browse("li").get(opening).url == page_of(made)  # type: ignore[attr-defined]  # a redirect


def test_whom_a_complaint_of_the_client_names_meets_nothing_of_his_case(cast: Cast, browse: Browse) -> None:
    complain(cast, client=cast.wu, parties=[cast.li])
    made = case(cast, Client.objects.get(pk=cast.wu.pk))
    assert browse("li").get(page_of(made)).status_code == 404
    assert made.case_no not in browse("li").get(BOARD).content.decode()
    assert made.case_no not in browse("li").get(f"/retention/clients/{cast.wu.pk}/panel/").content.decode()
    assert browse("chen").get(page_of(made)).status_code == 200


def test_a_branch_says_from_which_band_the_night_opens_and_of_two_only_one_does(cast: Cast, browse: Browse) -> None:
    stand(cast.wu, "outflow", "moved_out", band=2)
    assert open_from_signals(cast.branch, NIGHT).seen == 0
    said = {"talk_minutes": 10, "opens_from": 2, "drills_per_quarter": 1}
    seen = {"seen_talk_minutes": 15, "seen_opens_from": 3, "seen_drills_per_quarter": 1}
    assert browse("zhao").post(SETTINGS, said | seen).status_code == 302
    assert browse("zhao").post(SETTINGS, said | seen).status_code == 409
    assert browse("zhao").post(SETTINGS, said | seen | {"talk_minutes": 45}).status_code == 422
    assert RetentionSetting.objects.get().opens_from == 2
    assert open_from_signals(cast.branch, NIGHT).seen == 1


def test_the_pages_cost_the_same_for_any_number_of_cases(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    browser = browse("zhao")
    for number in range(3):
        made = case(cast, make_client(cast.branch, f"88010000007{number}", manager=cast.li))
    close_case(made, outcome="kept", by=cast.li)
    with query_budget("retention:case_board"):
        browser.get(BOARD)
    with query_budget("retention:case_detail"):
        browser.get(page_of(RetentionCase.objects.filter(state="open").latest("pk")))


def test_who_opens_a_case_by_hand_says_why_and_its_readers_see_it(cast: Cast, browse: Browse) -> None:
    address = reverse("retention:case_open_client", args=[cast.wu.pk])
    assert "开案缘由" in browse("li").get(address).content.decode()
    for wrong in ("", "  ", "承诺保本"):
        assert browse("li").post(address, {"concern": wrong}).status_code == 422
    assert not RetentionCase.objects.exists()
    assert browse("li").post(address, {"concern": "两周内转出一半资金"}).status_code == 302
    made = RetentionCase.objects.get()
    assert "两周内转出一半资金" in browse("zhao").get(page_of(made)).content.decode()
    assert AuditEntry.objects.get(action="retention.case_opened").reason == "两周内转出一半资金"
