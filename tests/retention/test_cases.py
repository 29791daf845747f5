"""Retention cases: opened from signs or requests, one talk, lawful offers, let go in one press, clock untouched."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Client, ClientStanding
from complaints.models import ComplaintParty
from office.errors import DomainError
from office.models import AuditEntry, Role
from retention.errors import CaseOpen, NoTarget, NotAtThisPoint, TalkedAlready, UnlawfulOffer
from retention.models import ClosureRequest, Reason, RetentionCase, Talk
from retention.operations.case_settings import set_retention
from retention.operations.cases import (
    answer_offer,
    close_case,
    decline_talk,
    hand_over,
    let_go,
    note_learning,
    offer,
    record_talk,
)
from retention.operations.closures import complete
from retention.operations.opening import open_by_hand, open_from_request, open_from_signals
from retention.queries.cases import script_of, told_reasons
from retention.rules.likely import likely_reasons
from retention.rules.offers import Suitability, bears, unlawful
from tests.complaints.making import complain
from tests.conftest import Cast, make_client, make_employee
from tests.retention.making import CONCERN, NIGHT, ask, assessed, case, stand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
ON = date(2026, 8, 24)
KNOWN = Suitability("C3", False, date(2027, 1, 1))


@given(
    signals=st.dictionaries(st.sampled_from(["outflow", "complaint", "software", "nonsense"]), st.floats(0, 60)),
    history=st.dictionaries(st.sampled_from(Reason.values), st.integers(0, 500)),
    said=st.sampled_from(["", *Reason.values]),
)
def test_probabilities_add_up_and_what_was_said_comes_first(
    signals: dict[str, float], history: dict[str, int], said: str
) -> None:
    found = likely_reasons(Reason.values, signals, history, said)
    assert {one.code for one in found} == set(Reason.values)
    assert sum(one.probability for one in found) == pytest.approx(1, abs=0.001)
    if said and sum(signals.values()) < 150:
        assert found[0].code == said


def test_signs_and_earlier_years_both_speak() -> None:
    by_signs = likely_reasons(Reason.values, {"commission_asked": 10.0}, {})
    assert (by_signs[0].code, by_signs[0].signs) == ("commission", ("commission_asked",))
    by_years = likely_reasons(Reason.values, {}, {"relocation": 40})
    assert (by_years[0].code, by_years[0].times) == ("relocation", 40)


@pytest.mark.parametrize(
    ("kind", "text", "risk", "known", "why"),
    [
        ("service", "指定专人服务", None, KNOWN, ""),
        ("fee_review", "按权限流程复核费率", None, KNOWN, ""),
        ("product", "短债基金", 2, KNOWN, ""),
        ("product", "股票基金", 4, KNOWN, "高于"),
        ("product", "基金", None, KNOWN, "风险等级"),
        ("service", "保证收益", None, KNOWN, "保证收益"),
        ("fee_review", "给您低佣", None, KNOWN, "低佣"),
        ("service", "指定专人服务", None, Suitability("", False, None), "测评"),
        ("fee_review", "复核费率", None, Suitability("C3", True, date(2027, 1, 1)), "测评"),
        ("service", "指定专人服务", None, Suitability("C3", False, date(2026, 8, 23)), "过期"),
        ("service", "指定专人服务", None, Suitability("C3", False, None), "有效期"),
    ],
)
def test_only_what_is_lawful_is_offered(kind: str, text: str, risk: int | None, known: Suitability, why: str) -> None:
    refused = unlawful(kind, text, risk, known, ON)
    assert (why in refused) if why else refused == ""


@pytest.mark.parametrize(("level", "risk"), [("C1-最低", 1), ("C1", 1), ("C5", 5), ("", 0), ("R3", 0)])
def test_a_level_bears_its_risk(level: str, risk: int) -> None:
    assert bears(level) == risk


@pytest.mark.req("RET-01")
def test_a_case_belongs_to_the_manager_and_tells_why(cast: Cast) -> None:
    stand(cast.wu, "moved_out", "commission_asked")
    made = case(cast)
    assert (made.owner, made.band, made.value_at_risk_fen) == (cast.li, 3, 8_000_00)
    assert made.reasons[0]["code"] == "outside_broker"
    assert "转托管或撤指定已办" in told_reasons(made, cast.li)[0]["because"]
    with pytest.raises(CaseOpen):
        case(cast)


@pytest.mark.req("RET-04")
def test_the_script_follows_the_reason(cast: Cast) -> None:
    request = ask(cast, reason="commission")
    made = open_from_request(request, by=cast.zhou)
    assert made.reasons[0]["is_said"]
    script = script_of(made, cast.li)
    assert script is not None
    assert script.key == "retention.commission"


@pytest.mark.req("DNI-06")
def test_no_case_belongs_to_a_post_outside_marketing(cast: Cast) -> None:
    made = case(cast)
    for person in (cast.qian, cast.zhou, cast.shen):
        with pytest.raises(NoTarget):
            hand_over(made, person, by=cast.zhao)
    both = make_employee("1010", "兼岗", cast.branch, Role.MARKET_DIRECTOR, Role.COMPLIANCE)
    with pytest.raises(NoTarget):
        hand_over(made, both, by=cast.zhao)
    with pytest.raises(NoTarget):
        hand_over(made, cast.sun, by=cast.zhao)
    hand_over(made, cast.wang, by=cast.zhao)
    assert made.owner == cast.wang


def test_who_opens_at_the_counter_does_not_own(cast: Cast) -> None:
    unserved = make_client(cast.branch, "880100000077")
    made = open_from_request(ask(cast, unserved), by=cast.zhou)
    assert made.owner == cast.zhao


def test_nobody_named_in_a_complaint_owns_the_case_or_reads_of_it(cast: Cast) -> None:
    made = complain(cast, client=cast.wu, parties=[cast.li])
    assert ComplaintParty.objects.filter(complaint=made, employee=cast.li).exists()
    stand(cast.wu, "outflow", "complaint")
    opened = open_by_hand(Client.objects.get(pk=cast.wu.pk), CONCERN, by=cast.zhao)
    assert opened.owner == cast.chen
    assert not RetentionCase.objects.visible_to(cast.li).exists()
    assert "complaint" not in str(opened.signals) + str(opened.reasons)
    assert opened.band < 2  # as it stands without the complaint
    assert not any("投诉" in one["because"] for one in told_reasons(opened, cast.li))
    assert any("投诉" in one["because"] for one in told_reasons(opened, cast.qian))


@pytest.mark.req("RET-02")
def test_a_night_opens_cases_of_the_alarmed_once(cast: Cast) -> None:
    stand(cast.wu, "moved_out", "outflow")
    quiet = make_client(cast.branch, "880100000078", manager=cast.wang)
    stand(quiet, "outflow", band=1)
    assert open_from_signals(cast.branch, NIGHT).changed == 1
    again = open_from_signals(cast.branch, NIGHT)
    assert (again.seen, again.changed) == (1, 0)
    made = RetentionCase.objects.get()
    assert (made.client, made.owner, made.opened_by) == (cast.wu, cast.li, None)
    assert AuditEntry.objects.filter(action="retention.cases_opened").count() == 1


def test_a_night_opens_nothing_on_account_of_complaints_alone(cast: Cast) -> None:
    stand(cast.wu, "complaint")
    ledger = open_from_signals(cast.branch, NIGHT)
    assert ledger.skipped == {"仅因投诉，由投诉处理": 1}


def test_a_request_takes_the_open_case_over_and_opens_one_else(cast: Cast) -> None:
    made = case(cast)
    request = ask(cast)
    assert open_from_request(request, by=cast.zhou) == made
    assert open_from_request(request, by=cast.zhou) == made
    made.refresh_from_db()
    assert (made.trigger, made.request) == ("hand", request)
    other = ask(cast, make_client(cast.branch, "880100000079", manager=cast.wang))
    assert open_from_request(other, by=cast.zhou).trigger == "request"


def test_a_request_that_is_done_opens_no_case(cast: Cast) -> None:
    request = ask(cast)
    complete(request, by=cast.zhou)
    with pytest.raises(DomainError):
        open_from_request(request, by=cast.zhou)


@pytest.mark.req("DNI-07")
def test_a_client_is_talked_to_once_per_request(cast: Cast) -> None:
    made = case(cast)
    record_talk(made, minutes=10, summary="问起原因", by=cast.li)
    with pytest.raises(TalkedAlready):
        record_talk(made, minutes=5, summary="再谈", by=cast.li)
    request = ask(cast)
    record_talk(made, minutes=15, summary="申请后谈", by=cast.li, reason="commission")
    assert made.reason == "commission"
    with pytest.raises(TalkedAlready):
        record_talk(made, minutes=5, summary="又谈", by=cast.li)
    assert list(Talk.objects.filter(request=request).values_list("minutes", flat=True)) == [15]


@pytest.mark.req("DNI-07")
def test_who_declines_is_never_asked_again(cast: Cast) -> None:
    request = ask(cast)
    made = open_from_request(request, by=cast.zhou)
    decline_talk(made, by=cast.zhou)
    assert (made.state, made.outcome) == ("closed", "refused_talk")
    later = open_by_hand(cast.wu, CONCERN, by=cast.li)
    with pytest.raises(TalkedAlready, match="不愿谈"):
        record_talk(later, minutes=5, summary="再试", by=cast.li)


@pytest.mark.parametrize("minutes", [0, 16, 60])
def test_a_talk_is_short(cast: Cast, minutes: int) -> None:
    with pytest.raises(DomainError, match="15 分钟"):
        record_talk(case(cast), minutes=minutes, summary="谈", by=cast.li)


def test_a_branch_may_want_shorter_talks_but_not_long_ones(cast: Cast) -> None:
    set_retention(cast.branch, talk_minutes=10, drills_per_quarter=1, by=cast.zhao)
    with pytest.raises(DomainError, match="10 分钟"):
        record_talk(case(cast), minutes=11, summary="谈", by=cast.li)
    with pytest.raises(DomainError):
        set_retention(cast.branch, talk_minutes=45, drills_per_quarter=1, by=cast.zhao)


def test_an_offer_keeps_the_suitability_it_was_made_under(cast: Cast) -> None:
    made = case(cast)
    with pytest.raises(UnlawfulOffer, match="测评"):
        offer(made, kind="service", text="指定专人", by=cast.li)
    assessed(cast.wu, "C2")
    made.client.refresh_from_db()
    said = offer(made, kind="product", text="短债基金", product_risk=2, by=cast.li)
    assert (said.client_risk, said.risk_valid_to) == ("C2", date(2099, 1, 1))
    answer_offer(said, "taken", by=cast.li)
    with pytest.raises(NotAtThisPoint):
        answer_offer(said, "declined", by=cast.li)


@pytest.mark.req("DNI-07")
def test_one_press_lets_the_client_go(cast: Cast) -> None:
    made = open_from_request(ask(cast), by=cast.zhou)
    let_go(made, by=cast.li)
    assert (made.state, made.outcome, made.is_let_go) == ("closed", "left", True)
    with pytest.raises(NotAtThisPoint):
        let_go(made, by=cast.li)


def test_of_two_people_only_one_closes(cast: Cast) -> None:
    made = case(cast)
    close_case(made, outcome="kept", reason="commission", learning="费率说明要主动", by=cast.li, version=1)
    with pytest.raises(NotAtThisPoint):
        close_case(made, outcome="left", by=cast.chen, version=1)
    note_learning(made, learning="费率每年复核一次", reason="commission", version=made.version, by=cast.chen)
    assert made.learning == "费率每年复核一次"
    with pytest.raises(DomainError, match="保本"):
        note_learning(made, learning="说了保本", reason="", version=made.version, by=cast.chen)


@pytest.mark.req("DNI-07")
def test_no_operation_of_a_case_moves_the_clock(cast: Cast) -> None:
    """Every operation in a case's life, in turn; the request's row stays what it was to the last column."""
    assessed(cast.wu)
    request = ask(cast)
    before = ClosureRequest.objects.filter(pk=request.pk).values().get()

    def untouched() -> None:
        assert ClosureRequest.objects.filter(pk=request.pk).values().get() == before

    made = open_from_request(request, by=cast.zhou)
    steps: list[Any] = [
        lambda: hand_over(made, cast.chen, by=cast.zhao),
        lambda: record_talk(made, minutes=15, summary="谈", by=cast.li, reason="commission"),
        lambda: answer_offer(offer(made, kind="service", text="专人服务", by=cast.li), "taken", by=cast.li),
        lambda: close_case(made, outcome="kept", by=cast.li),
        lambda: note_learning(made, learning="早联系", reason="", version=made.version, by=cast.li),
        lambda: open_from_signals(cast.branch, NIGHT),
        lambda: let_go(open_by_hand(cast.wu, CONCERN, by=cast.li), by=cast.li),
        lambda: set_retention(cast.branch, talk_minutes=20, drills_per_quarter=2, by=cast.zhao),
    ]
    untouched()
    for step in steps:
        step()
        untouched()
    other = open_by_hand(cast.wu, CONCERN, by=cast.li)
    with pytest.raises(TalkedAlready):
        decline_talk(other, by=cast.li)
    untouched()


def test_the_desk_sees_cases_about_requests_alone(cast: Cast) -> None:
    by_sign = case(cast)
    about = open_from_request(ask(cast, make_client(cast.branch, "880100000080", manager=cast.wang)), by=cast.zhou)
    assert list(RetentionCase.objects.visible_to(cast.zhou)) == [about]
    assert list(RetentionCase.objects.visible_to(cast.li)) == [by_sign]
    assert not RetentionCase.objects.visible_to(cast.sun).exists()
    assert RetentionCase.objects.visible_to(cast.qian).count() == 2


def test_a_client_who_left_gets_no_case(cast: Cast) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(status="closed")
    ClientStanding.objects.filter(pk=cast.wu.pk).update(is_closed=True)
    cast.wu.refresh_from_db()
    with pytest.raises(DomainError):
        open_by_hand(cast.wu, CONCERN, by=cast.li)
