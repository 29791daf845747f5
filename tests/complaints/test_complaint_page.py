"""The pages of complaints: lists, intake, acts, papers and print; every rule says why, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from complaints import operations
from complaints.models import Complaint
from office.models import AuditEntry, Role
from tests.budgets import QueryBudget
from tests.complaints.making import MORNING, answered, complain, walked
from tests.conftest import Cast, make_employee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
LIST = "/complaints/"
SAID = {
    "caller_name": "钱多", "account_no": "", "phone": "13900002222", "channel": "phone", "people_count": 3,
    "received_at": "2026-08-24T10:00", "content": "客户反映撤单未及时办理，要求说明。", "service_wanted": "尽快撤单",
    "special_requests": "下午联系", "our_answers": "已说明答复时限", "category": "cancel_not_done",
    "business_class": "account", "urgency": "normal",
}  # fmt: skip


def numbers(response: Any) -> list[str]:
    return [one.no for one in response.context["page"]]


def act(browser: Browser, one: Complaint, name: str, **facts: Any) -> Any:
    version = facts.pop("version", Complaint.objects.get(pk=one.pk).version)
    return browser.post(reverse(f"complaints:{name}", args=[one.pk]), {"version": version, **facts})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [0]), ("state=all", [1, 0]), ("state=closed", [1]), ("state=all&category=data_leak", [1]),
        ("state=all&channel=counter", [1]), ("state=all&urgency=hard", [1]), ("state=all&persons_class=several", [1]),
        ("state=all&since=2026-08-25", [1]), ("state=all&until=2026-08-24", [0]), ("state=all&q=单立人", [1]),
        ("overdue=on", [0]), ("handler=0", [0]), ("state=all&sort=received", [0, 1]), ("since=never", [0]),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_by_what_the_address_says(
    cast: Cast, browse: Browse, query: str, found: list[int]
) -> None:
    first = complain(cast)
    later = MORNING.replace(day=25)
    second = complain(
        cast, category="data_leak", channel="counter", urgency="hard", people_count=2, caller_name="单立人", now=later
    )
    walked(cast, "closed", complaint=second, now=later)
    both = [first.no, second.no]
    assert numbers(browse("zhao").get(f"{LIST}?{query}")) == [both[place] for place in found]


def test_the_list_costs_the_same_for_few_and_many(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    browser = browse("zhao")
    for _ in range(2):
        complain(cast)
    with query_budget("complaints:list"):
        browser.get(LIST)
    for _ in range(55):
        complain(cast)
    with query_budget("complaints:list"):
        page = browser.get(LIST)
    with query_budget("complaints:board"):
        browser.get("/complaints/board/")
    handler = browse("chen")
    with query_budget("complaints:queue"):
        assert len(handler.get("/complaints/queue/").context["mine"]) == 50
    with query_budget("complaints:register"):
        browser.get("/complaints/register/?since=2026-08-01&until=2026-08-31")
    assert len(page.context["page"]) == 50
    rest = browser.get(f"{LIST}{page.context['next_url']}")
    assert len({*numbers(page), *numbers(rest)}) == 57


@pytest.mark.req("CMP-09")
def test_the_record_holds_the_eight_points_and_is_printed(cast: Cast, browse: Browse) -> None:
    browser = browse("chen")
    answer = browser.post(reverse("complaints:create"), {**SAID, "closing": ["0", "1"]})
    one = Complaint.objects.get()
    assert answer["Location"] == reverse("complaints:acknowledged", args=[one.pk])
    record = browser.get(reverse("complaints:record", args=[one.pk])).content.decode()
    for words in (
        "钱多",
        "139****2222",
        "2026-08-24",
        "撤单未及时办理",
        "尽快撤单",
        "下午联系",
        "已说明答复时限",
        ">3<",
    ):
        assert words in record
    assert "客户账号" in record


@pytest.mark.req("CMP-11", "CMP-12", "SKL-01")
def test_guidance_and_closing_words_stand_beside_the_form(cast: Cast, browse: Browse) -> None:
    page = browse("chen").get(reverse("complaints:create")).content.decode()
    for words in ("不打断", "针对岗位，不针对个人", "请问您还需要其他服务吗", "谢谢您，再见"):
        assert words in page


def test_a_log_entry_becomes_a_complaint_in_one_step(cast: Cast, browse: Browse) -> None:
    browser = browse("li")
    page = browser.get(f"{reverse('complaints:create')}?client={cast.wu.pk}&contact=9")
    assert page.context["chosen"] == cast.wu
    browser.post(reverse("complaints:create"), {**SAID, "client": cast.wu.pk, "contact": 9, "caller_name": ""})
    one = Complaint.objects.get()
    assert (one.client, one.contact_id, one.caller_name) == (cast.wu, 9, "吴越")


@pytest.mark.parametrize(
    ("at", "minute"), [("2026-08-20T09:05", "2026-08-20T09:05"), ("gestern", ""), ("2026-13-40T1:1", "")]
)
def test_the_clock_of_a_complaint_from_the_log_starts_with_the_talk(
    at: str, minute: str, cast: Cast, browse: Browse
) -> None:
    page = browse("li").get(f"{reverse('complaints:create')}?client={cast.wu.pk}&contact=9&channel=phone&at={at}")
    shown = page.context["form"]["received_at"].value()
    now = timezone.localtime().strftime("%Y-%m-%dT%H")
    assert f"{shown:%Y-%m-%dT%H:%M}" == minute if minute else f"{shown:%Y-%m-%dT%H}" == now


def test_the_picker_finds_clients_within_reach_alone(cast: Cast, browse: Browse) -> None:
    find = f"{reverse('complaints:pick')}?find={cast.wu.client_no}"
    assert cast.wu.name in browse("li").get(find).content.decode()
    assert cast.wu.name not in browse("wang").get(find).content.decode()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"content": "太短"}, "投诉内容"), ({"channel": "hotline_12386"}, "转办编号"), ({"caller_name": ""}, "匿名"),
        ({"category": ""}, "类别"), ({"content": "太短", "category": ""}, "有 2 处"),
    ],
)  # fmt: skip
def test_a_record_with_a_gap_comes_back_with_what_was_typed(
    cast: Cast, browse: Browse, wrong: dict[str, Any], says: str
) -> None:
    answer = browse("chen").post(reverse("complaints:create"), {**SAID, **wrong})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "下午联系" in answer.content.decode()


def test_an_act_without_its_facts_is_refused_with_the_form(cast: Cast, browse: Browse) -> None:
    one = walked(cast, "handling")
    answer = act(browse("chen"), one, "propose", outcome="refused", plan="不予支持")
    assert answer.status_code == 422
    assert "理由" in answer.content.decode()
    assert "不予支持" in answer.content.decode()


def test_who_comes_second_keeps_what_he_typed(cast: Cast, browse: Browse) -> None:
    one = complain(cast)
    operations.start_investigation(one, by=cast.chen)
    answer = act(browse("zhao"), one, "classify", version=one.version, category="other", business_class="other",
                 people_count=7, urgency="hard", reasonableness="pending")  # fmt: skip
    assert answer.status_code == 409
    assert 'value="7"' in answer.content.decode()
    assert answer.context["form"]["version"].value() == str(Complaint.objects.get().version)


def test_a_step_is_neither_skipped_nor_taken_twice(cast: Cast, browse: Browse) -> None:
    one = complain(cast)
    assert act(browse("chen"), one, "close", note="").status_code == 409
    assert Complaint.objects.get().state == "accepted"


@pytest.mark.req("CMP-07")
def test_the_letter_tells_the_ways_to_appeal(cast: Cast, browse: Browse) -> None:
    one = walked(cast, "handling")
    assert browse("chen").get(reverse("complaints:letter", args=[one.pk])).status_code == 422
    other = answered(cast)
    letter = browse("chen").get(reverse("complaints:letter", args=[other.pk])).content.decode()
    assert "12386" in letter
    assert "调解" in letter
    assert other.no in letter


def test_looking_at_the_phone_is_written_down_without_it(cast: Cast, browse: Browse) -> None:
    one = complain(cast, phone="13800001111")
    answer = browse("chen").post(reverse("complaints:show", args=[one.pk, "phone"]))
    assert "13800001111" in answer.content.decode()
    entry = AuditEntry.objects.get(action="complaints.revealed")
    assert (entry.actor, entry.after) == (cast.chen, {"field": "phone"})


def test_a_paper_is_checked_when_it_comes_and_guarded_when_it_goes(
    cast: Cast, browse: Browse, settings: Any, tmp_path: Any
) -> None:
    settings.CRM_FILES_DIR = str(tmp_path)
    one = complain(cast)
    bad = act(browse("chen"), one, "attach", file=SimpleUploadedFile("a.exe", b"MZ"))
    assert bad.status_code == 422
    assert act(browse("chen"), one, "attach", file=SimpleUploadedFile("话.txt", "原话".encode())).status_code == 302
    paper = one.attachments.get()
    got = browse("chen").get(reverse("complaints:attachment", args=[paper.pk]))
    assert b"".join(got.streaming_content).decode() == "原话"  # type: ignore[attr-defined]  # it streams
    assert "attachment" in got["Content-Disposition"]
    assert browse("li").get(reverse("complaints:attachment", args=[paper.pk])).status_code == 404


def test_an_export_takes_nothing_out_where_a_condition_cannot_be_read(cast: Cast, browse: Browse) -> None:
    refused = browse("zhao").post(reverse("complaints:export") + "?since=nonsense", {"reason": "季度报送"})
    assert refused.status_code == 422
    assert "条件有误" in refused.content.decode()


def test_the_analysis_leads_from_a_person_to_the_complaints_that_name_him_alone(cast: Cast, browse: Browse) -> None:
    other = make_employee("880177", cast.li.name, cast.branch, Role.CLIENT_MANAGER)
    his, others = complain(cast, parties=[cast.li]), complain(cast, parties=[other])
    page = browse("zhao").get(reverse("complaints:analysis")).content.decode()
    assert "880177" in page  # of two who bear one name
    address = f"{reverse('complaints:list')}?state=all&amp;once=on&amp;about={cast.li.pk}&amp;"
    assert address in page
    told = browse("zhao").get(address.replace("&amp;", "&")).content.decode()
    assert his.no in told
    assert others.no not in told
    assert f"{cast.li.name}（{cast.li.staff_no}）" in told


def test_who_knows_outlines_cannot_ask_whom_a_complaint_names(cast: Cast, browse: Browse) -> None:
    complain(cast, parties=[cast.wang])
    page = browse("li").get(reverse("complaints:list"), {"state": "all", "about": str(cast.wang.pk)})
    assert "about" not in page.context["form"].fields


def test_an_export_needs_a_purpose_and_is_written_down(cast: Cast, browse: Browse) -> None:
    complain(cast)
    assert browse("zhao").post(reverse("complaints:export")).status_code == 200
    browse("zhao").post(reverse("complaints:export"), {"reason": "年度报送"})
    entry = AuditEntry.objects.get(action="complaints.exported")
    assert entry.reason == "年度报送"
    assert entry.after is not None
    assert entry.after["rows"] == 1


def test_a_whole_life_through_the_pages(cast: Cast, browse: Browse) -> None:
    chen, zhao = browse("chen"), browse("zhao")
    chen.post(reverse("complaints:create"), {**SAID, "client": cast.wu.pk})
    one = Complaint.objects.get()
    for browser, name, facts in [
        (chen, "investigate", {}),
        (chen, "cause", {"cause_code": "process", "cause_note": "柜台漏办", "reasonableness": "reasonable"}),
        (chen, "propose", {"outcome": "upheld", "plan": "致歉并补办"}),
        (zhao, "approve", {}),
        (chen, "feedback", {"channel": "phone", "text": "已致歉", "satisfaction": "4"}),
        (chen, "close", {}),
    ]:
        assert act(browser, one, name, **facts).status_code == 302, name
    one.refresh_from_db()
    assert (one.state, one.approver, one.satisfaction) == ("closed", cast.zhao, 4)
    page = chen.get(one.get_absolute_url()).content.decode()
    assert all(
        words in page for words in ("受理登记", "开始调查", "查明原因", "提出处理方案", "批准方案", "反馈客户", "结案")
    )


def test_a_plan_that_waits_says_so_and_its_author_has_nothing_to_press(cast: Cast, browse: Browse) -> None:
    one = operations.propose_plan(walked(cast, "handling"), plan="致歉", outcome="upheld", by=cast.chen, now=MORNING)
    author, approver = browse("chen").get(one.get_absolute_url()), browse("zhao").get(one.get_absolute_url())
    assert "方案待批准" in author.content.decode()
    assert author.context["lead_act"] is None
    assert approver.context["lead_act"].key == "approve"
