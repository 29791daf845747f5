"""What the client list makes of whatever stands in its address: every filter, and plain words for nonsense."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.filters import LAST_CONTACT, ClientFilter
from clients.models import Client
from clients.operations.search import write_tokens
from clients.queries.listing import COLUMNS, ORDERS
from clients.queries.search import WORDS
from clients.rules import coming_days
from office.models import AuditEntry
from tests.conftest import Cast, make_client, make_employee

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
LIST = "/clients/"


def names(browser: Browser, query: str) -> list[str]:
    return sorted(row.client__name for row in browser.get(f"{LIST}?{query}").context["page"])


@pytest.fixture
def many(cast: Cast) -> None:
    """Ten clients, each with one mark; all are seen by zhao. wu is the eleventh and has none."""
    today = timezone.localdate()

    def make(name: str, standing: dict[str, object], **archive: object) -> None:
        number = f"8802{Client.objects.count():08d}"
        base = {"last_contact_on": today - timedelta(days=20), "value": 50.0, "assets_fen": 5_000_000}
        make_client(cast.branch, number, manager=cast.wang, name=name, standing=base | standing, **archive)

    make("金", {"tier": "gold"})
    make("钻", {"tier": "diamond", "is_core": True})
    make("产品", {"value_type": "product", "is_provisional": True})
    make("贵宾", {"grade": "vip", "is_stale": True})
    make("稳", {"last_contact_on": today}, risk_level="C1-最低")
    make("进", {"rank": 2, "previous_rank": 9}, risk_level="C5", importance="important")
    make("退", {"rank": 9, "previous_rank": 2}, service_mode="onsite")
    make("富", {"assets_fen": 9_000_000_000, "value": 99.0}, risk_valid_to=today + timedelta(days=9))
    make("久", {"last_contact_on": today - timedelta(days=95)}, id_valid_to=today + timedelta(days=60))
    make("寿", {"next_contact_on": today}, birth_md=today.month * 100 + today.day, risk_level="C5")
    make("销", {"is_closed": True})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tier=gold", "金"),
        ("tier=gold&tier=diamond", "金 钻"),
        ("value_type=product", "产品"),
        ("grade=vip", "贵宾"),
        ("manager={li}", "吴越"),
        ("risk=C5", "寿 进"),
        ("risk=C1-最低&risk=C5", "寿 稳 进"),
        ("risk=C5&importance=important", "进"),
        ("importance=important", "进"),
        ("mode=onsite", "退"),
        ("mode=high_end", ""),
        ("value_min=99", "富"),
        ("value_max=1.5", "吴越"),
        ("assets_min=9000", "富"),
        ("assets_max=0", "吴越"),
        ("contact=7", "稳"),
        ("contact=over90", "久"),
        ("contact=never", "吴越"),
        ("contact=due", "寿"),
        ("flag=core", "钻"),
        ("flag=provisional", "产品"),
        ("flag=stale", "贵宾"),
        ("flag=up", "进"),
        ("flag=down", "退"),
        ("flag=risk_due", "富"),
        ("flag=id_due", "久"),
        ("flag=birthday", "寿"),
        ("flag=birthday&risk=C5", "寿"),
        ("flag=unassigned", ""),
        ("flag=closed", "销"),
        ("flag=core&flag=stale", ""),
    ],
)
def test_every_filter_narrows_the_list(browse: Browse, cast: Cast, many: None, query: str, found: str) -> None:
    assert names(browse("zhao"), query.format(li=cast.li.pk)) == sorted(found.split())


def test_contact_filters_that_overlap_hold_each_other(browse: Browse, cast: Cast, many: None) -> None:
    old = set(names(browse("zhao"), "contact=over30"))
    assert set(names(browse("zhao"), "contact=over90")) <= old <= set(names(browse("zhao"), "contact=over7"))


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("tier=gilded", "等级"),
        ("value_min=much", "价值不低于"),
        ("value_max=NaN", "价值不高于"),
        ("assets_min=1e99", "资产不低于（万元）"),
        ("contact=often", "上次联系"),
        ("manager=abc", "客户经理"),
        ("manager=" + "9" * 5_000, "客户经理"),
        ("manager={sun}", "客户经理"),  # of another branch
        ("q=%00", "查找"),
    ],
)
def test_a_condition_nobody_understands_is_named_and_lists_nobody(
    browse: Browse, cast: Cast, query: str, label: str
) -> None:
    query = query.format(sun=cast.sun.pk)
    response = browse("zhao").get(f"{LIST}?{query}")
    assert (response.status_code, len(response.context["page"])) == (422, 0)
    assert label in response.content.decode()
    assert [said for said, _ in response.context["wrong"]] == [label]


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/clients/export/", {"reason": "座谈"}),
        ("/clients/importance/", {"everything": "1", "importance": "important"}),
    ],
)
def test_nothing_is_done_with_a_list_nobody_understands(
    browse: Browse, cast: Cast, url: str, data: dict[str, str]
) -> None:
    response = browse("zhao").post(f"{url}?tier=gilded", data)
    assert response.status_code == 422
    assert "等级" in response.content.decode()
    assert not Client.objects.filter(importance="important").exists()
    assert not AuditEntry.objects.filter(action__in=["clients.exported", "clients.importance_marked"]).exists()


def test_a_marking_without_a_class_changes_nothing_and_says_so(browse: Browse, cast: Cast) -> None:
    response = browse("li").post("/clients/importance/", {"ids": ["²", cast.wu.pk], "importance": "x"}, follow=True)
    assert "没有改动" in response.content.decode()


def test_whom_a_saved_view_names_may_have_left_his_clients(browse: Browse, cast: Cast) -> None:
    gone = make_employee("1090", "昔日", cast.branch)
    response = browse("zhao").get(f"{LIST}?manager={gone.pk}&manager={cast.li.pk}")
    assert [row.client__name for row in response.context["page"]] == ["吴越"]
    assert "昔日" in response.content.decode()


@pytest.fixture
def found(cast: Cast) -> Client:
    """郑云舟 as the feed would enter him, known to li."""
    archive = {"phone_tail": "6021", "phone": "13800006021", "id_no": "110101199001011237"}
    made = make_client(cast.branch, "880100000002", manager=cast.li, name="郑云舟", **archive)
    make_client(cast.branch, "880100000003", manager=cast.wang, name="郑 Smith", phone_tail="6021")
    write_tokens(Client.objects.values_list("pk", flat=True))
    return made


@pytest.mark.parametrize(
    "text",
    [
        *("郑云舟", "云舟", "舟", "zhengyunzhou", "ZhengYun", "zyz", "ZY", "880100000002", "8801000000", "6021"),
        *("郑 6021", "6021 郑云", "  云舟  ", "舟\u3000zyz"),
    ],
)
def test_a_client_is_found_by_each_thing_one_remembers(browse: Browse, found: Client, text: str) -> None:
    assert names(browse("li"), urlencode({"q": text})) in (["郑云舟"], ["吴越", "郑云舟"])
    assert found.get_absolute_url() in browse("li").get("/clients/suggest/", {"q": text}).content.decode()
    assert names(browse("wang"), urlencode({"q": text})) in ([], ["郑 Smith"])
    assert names(browse("sun"), urlencode({"q": text})) == []


@pytest.mark.parametrize(
    "text", ["云郑", "6022", "%", "_", "郑_舟", "郑%", "\\", "'", "郑 王", "郑云舟 zyz 6021 8801 x"]
)
def test_nobody_is_found_by_what_fits_nobody(browse: Browse, found: Client, text: str) -> None:
    assert names(browse("zhao"), urlencode({"q": text})) == []


def test_a_search_of_many_words_stays_one_statement(browse: Browse, found: Client) -> None:
    response = browse("zhao").get(LIST, {"q": "郑 " * 400 + "x"})
    assert response.status_code == 200
    assert names(browse("zhao"), urlencode({"q": "云舟 " * WORDS + "beyond"})) == ["郑云舟"]


@pytest.mark.parametrize("text", ["\x00", "郑\x00云", "x" * 5_000, "²" * 11, "１" * 11])
def test_the_search_field_proposes_nothing_for_nonsense(browse: Browse, found: Client, text: str) -> None:
    response = browse("li").get("/clients/suggest/", {"q": text})
    assert response.status_code == 200


WORDS_OF_ADDRESSES = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        ["", "gold", "C5", "due", "core", "up", "closed", "important", "name", *(c for c, _ in LAST_CONTACT)]
    ),
    st.sampled_from([sign + key for key in ORDERS for sign in ("", "-", "--")]),
    st.sampled_from(list(COLUMNS)),
)
NAMES_OF_ADDRESSES = st.sampled_from([*ClientFilter.base_filters, "sort", "after", "cols", "page", "\x00"])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(NAMES_OF_ADDRESSES, WORDS_OF_ADDRESSES), max_size=6))
def test_no_address_breaks_the_list(browse: Browse, found: Client, asked: list[tuple[str, str]]) -> None:
    query = urlencode(asked, errors="replace")
    for person in ("zhao", "li"):
        assert browse(person).get(f"{LIST}?{query}").status_code in (200, 422)
    headers = {"hx-request": "true"}
    assert browse("li").get(f"{LIST}?{query}", headers=headers).status_code in (200, 422)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(NAMES_OF_ADDRESSES, WORDS_OF_ADDRESSES), max_size=4))
def test_no_address_breaks_what_is_done_with_the_list(
    browse: Browse, found: Client, asked: list[tuple[str, str]]
) -> None:
    query = urlencode(asked, errors="replace")
    browser = browse("zhao")
    assert browser.post(f"/clients/export/?{query}", {"reason": "座谈"}).status_code in (200, 422)
    marked = {"everything": "1", "importance": "important"}
    assert browser.post(f"/clients/importance/?{query}", marked).status_code in (302, 422)


@pytest.mark.parametrize(
    ("start", "leap_day"), [(date(2026, 2, 25), True), (date(2028, 2, 25), True), (date(2026, 3, 1), False)]
)
def test_february_in_a_short_year_brings_the_leap_birthdays(start: date, leap_day: bool) -> None:
    assert (229 in coming_days(start, 7)) == leap_day
