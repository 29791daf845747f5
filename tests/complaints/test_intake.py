"""Taking a complaint in: what is written down, who gets it, and who it is from."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from clients.models import Client
from clients.operations.search import write_tokens
from complaints import operations
from complaints.errors import FactMissing, KnownTransfer, WrongStep
from complaints.models import BusinessClass, Category, Channel, Complaint, PersonsClass, Reasonableness, Urgency
from complaints.queries import lists
from complaints.queries.matching import client_of, clients_matching
from complaints.queries.staff import next_handler
from complaints.rules.classes import GROUP_FROM, persons_class, speaks_of_commission, tells_appeal
from complaints.rules.wording import APPEAL, CLOSING_WORDS, GUIDANCE, acknowledgement
from office.crypto import blind_index
from office.models import AuditEntry, Leave, Notice, Role
from tests.complaints.making import MORNING, at, complain, walked
from tests.conftest import TODAY, Cast, make_client, make_employee

pytestmark = pytest.mark.usefixtures("calendar")


@pytest.mark.req("CMP-09")
def test_all_points_of_the_record_are_kept_and_personal_ones_encrypted(cast: Cast) -> None:
    one = complain(
        cast, caller_name="吴越", account_no="A880100000001", phone="138 0000 1111", received_at=at("2026-08-24T09:30"),
        people_count=2, service_wanted="补打对账单", special_requests="下午联系", our_answers="一日内答复",
    )  # fmt: skip
    one = Complaint.objects.get(pk=one.pk)
    assert (one.account_no, one.account_masked) == ("A880100000001", "*********0001")
    assert (one.phone, one.phone_masked) == ("138 0000 1111", "138****1111")
    assert (one.people_count, one.service_wanted) == (2, "补打对账单")
    assert (one.special_requests, one.our_answers) == ("下午联系", "一日内答复")
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, account_no FROM complaints_complaint")
        assert not any(b"1111" in bytes(cell) or b"0000001" in bytes(cell) for cell in cursor.fetchone())


@pytest.mark.req("CMP-02")
@pytest.mark.parametrize("content", ["", "   ", "态度不好", " 太慢了太慢了 "])
def test_a_content_that_says_too_little_is_refused(cast: Cast, content: str) -> None:
    with pytest.raises(FactMissing, match="至少 10 个字"):
        complain(cast, content=content)


@pytest.mark.parametrize(
    "fields",
    [
        {"caller_name": " "},
        {"received_at": at("2026-08-24T10:01")},
        {"channel": "hotline_12386"},
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, fields: dict[str, Any]) -> None:
    with pytest.raises(FactMissing):
        complain(cast, **fields)


def test_a_client_of_another_branch_is_refused_and_a_misspelt_field_is_no_silence(cast: Cast) -> None:
    with pytest.raises(FactMissing):
        complain(cast, client=make_client(cast.other_branch, "880200000001"))
    with pytest.raises(TypeError):
        complain(cast, service_wnated="补打对账单")


@pytest.mark.req("CMP-06")
def test_every_channel_takes_complaints_in(cast: Cast) -> None:
    for channel in Channel.values:
        complain(cast, channel=channel, transfer_no="ZB-1" if channel == Channel.HOTLINE else "")
    assert Complaint.objects.count() == len(Channel.values) == 8


@pytest.mark.req("CMP-08")
def test_the_five_categories_of_the_branch_are_fixed() -> None:
    assert Category.labels == ["系统故障", "业务出错", "客户资料泄露", "撤销未及时办理", "服务态度", "其他"]


def test_a_case_of_12386_is_counted_once(cast: Cast) -> None:
    complain(cast, channel="hotline_12386", transfer_no="ZB-1")
    with pytest.raises(KnownTransfer):
        complain(cast, channel="hotline_12386", transfer_no=" ZB-1 ")


def test_numbers_run_on_within_a_month(cast: Cast) -> None:
    assert [complain(cast).no for _ in range(3)] == ["TS-2608-0001", "TS-2608-0002", "TS-2608-0003"]
    assert complain(cast, now=at("2026-09-01T09:00")).no == "TS-2609-0001"
    assert complain(cast, received_at=at("2026-07-31T23:59")).no == "TS-2607-0001"


def test_who_heard_it_first_handles_it_if_he_may(cast: Cast) -> None:
    assert complain(cast, by=cast.chen).handler == cast.chen
    assert complain(cast, by=cast.li).handler == cast.chen  # a manager passes it to his leader
    assert Notice.objects.filter(employee=cast.chen, key__endswith=":new").exists()
    assert complain(cast, by=cast.li, handler=cast.zhao).handler == cast.zhao
    desk = make_employee("1010", "何笑", cast.branch, Role.SERVICE_STAFF)
    assert complain(cast, by=None).handler == desk


def test_the_line_takes_who_is_there_and_has_least_to_do(cast: Cast) -> None:
    first, second = (make_employee(f"101{n}", f"客服{n}", cast.branch, Role.SERVICE_STAFF) for n in (1, 2))
    assert [complain(cast, by=None).handler for _ in range(3)] == [first, second, first]
    Leave.objects.create(employee=second, starts_on=TODAY, ends_on=TODAY)
    assert complain(cast, by=None).handler == first
    assert next_handler(cast.branch, TODAY, avoid=[first.pk, second.pk], manager_id=cast.li.pk) != second


def test_an_unknown_caller_is_taken_in_and_identified_later(cast: Cast) -> None:
    one = complain(cast, client=None)
    with pytest.raises(FactMissing):
        operations.identify(one, make_client(cast.other_branch, "880200000001"), by=cast.chen)
    one = operations.identify(one, cast.wu, by=cast.chen)
    assert one.client == cast.wu
    with pytest.raises(WrongStep):
        operations.identify(one, cast.wu, by=cast.chen)


def test_a_caller_is_found_by_account_phone_or_name_within_ones_sight(cast: Cast) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(phone_index=blind_index("13800001111"))
    write_tokens([cast.wu.pk])
    for said in (
        {"account_no": "A880100000001"},
        {"account_no": "880100000001"},
        {"phone": "138 0000 1111"},
        {"name": "吴"},
    ):
        assert list(clients_matching(cast.zhao, **said)) == [cast.wu]
        assert not clients_matching(cast.wang, **said)
    assert not clients_matching(cast.zhao)
    assert client_of(cast.branch, account_no="A880100000001", phone="13800001111") == cast.wu
    assert client_of(cast.branch, account_no="A880100000001", phone="13900001111") is None
    assert client_of(cast.branch) is None


def test_the_four_classes_are_those_of_the_standard(cast: Cast) -> None:
    one = complain(cast, people_count=GROUP_FROM, content="对佣金收取标准有疑问，要求说明。")
    assert (one.persons_class, one.is_commission) == (PersonsClass.GROUP, True)
    one = operations.classify(
        one, business_class="margin", urgency="hard", reasonableness="partly", people_count=1, category="other",
        by=cast.chen,
    )  # fmt: skip
    assert (one.business_class, one.urgency) == (BusinessClass.MARGIN, Urgency.HARD)
    assert (one.reasonableness, one.persons_class) == (Reasonableness.PARTLY, PersonsClass.SINGLE)
    for wrong in ({"urgency": "now"}, {"people_count": 0}):
        with pytest.raises(FactMissing):
            operations.classify(one, by=cast.chen, **wrong)


def test_rules_of_the_classes() -> None:
    assert [persons_class(n) for n in (1, 2, 4, 5, 500)] == ["single", "several", "several", "group", "group"]
    with pytest.raises(ValueError):
        persons_class(0)
    assert speaks_of_commission("手续费太高")
    assert speaks_of_commission("不满", "commission")
    assert not speaks_of_commission("交易软件打不开")
    assert not tells_appeal("请拨打 12386")


@pytest.mark.req("CMP-07")
@pytest.mark.req("CMP-11")
@pytest.mark.req("CMP-12")
def test_the_fixed_texts_say_what_they_must() -> None:
    assert tells_appeal(APPEAL)
    assert all(word in APPEAL for word in ("证监局", "12386", "调解", "诉讼"))
    assert any("不针对个人" in line for line in GUIDANCE)
    assert CLOSING_WORDS == ("请问您还需要其他服务吗？", "谢谢您，再见。")
    text = acknowledgement("TS-2608-0001", at("2026-09-14T17:00"), "陈立", "0571-8800")
    assert (
        text == "您的投诉已受理，编号 TS-2608-0001，由陈立负责，最迟于 2026年9月14日 前答复您，可拨打 0571-8800 查询。"
    )


@pytest.mark.req("CMP-10")
def test_departments_are_asked_and_the_tracker_shows_what_they_owe(cast: Cast) -> None:
    one = complain(cast)
    asked = operations.refer(one, cast.zhou, request="核对柜台流水", by=cast.chen, now=MORNING)
    assert asked.due_at == at("2026-08-26T17:00")
    assert list(lists.asked_of(cast.zhou)) == [asked]
    assert list(lists.open_referrals(cast.zhao)) == [asked]
    asked.complaint.refresh_from_db()
    with pytest.raises(Exception, match="被转交人"):
        operations.answer_referral(asked, answer="流水无误", by=cast.chen)
    asked = operations.answer_referral(asked, answer="流水无误", by=cast.zhou)
    assert not lists.open_referrals(cast.zhao)
    asked.complaint.refresh_from_db()
    with pytest.raises(WrongStep):
        operations.answer_referral(asked, answer="再答", by=cast.zhou)


def test_what_waits_for_approval_is_shown_to_who_may_give_it(cast: Cast) -> None:
    one = walked(cast, "handling")
    assert not lists.to_approve(cast.zhao)
    one = operations.propose_plan(one, plan="致歉", outcome="upheld", by=cast.chen)
    assert [list(lists.to_approve(who)) for who in (cast.zhao, cast.qian, cast.chen, cast.li)] == [[one], [one], [], []]


def test_the_public_form_is_written_down_as_such(cast: Cast) -> None:
    one = complain(cast, by=None, client=None, channel="online")
    assert AuditEntry.objects.get(subject_id=str(one.pk)).actor_name == "公开投诉表单"
    assert one.recorder is None
    assert one.handler == cast.chen
