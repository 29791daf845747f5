"""What is owed to whom: the narrowest row holds, a branch's own in the place of the house's."""

from __future__ import annotations

from typing import Any

import pytest

from clients.models import Client
from office.errors import Conflict
from office.models import AuditEntry
from service_logs.errors import BadSetting
from service_logs.models import Rule, ServicePolicy
from service_logs.operations.settings import add_policy, edit_policy, edit_rule
from service_logs.queries.catalogue import catalogue, rule_in_force
from service_logs.queries.policies import owed_to, policies
from service_logs.rules.policy import HOUSE, narrowest, title
from service_logs.rules.settings import fault_of_param
from tests.conftest import Cast
from tests.service_logs import facts


@pytest.mark.parametrize(
    ("grade", "tier", "value_type", "way", "rhythm", "channel", "focus"),
    [
        ("vip", "gold", "unclassified", "talk", 7, "phone", ""),
        ("vip", "diamond", "product", "talk", 7, "phone", "产品持有与到期"),
        ("active", "general", "commission", "talk", 7, "phone", "交易与费率说明"),
        ("ordinary", "general", "asset", "message", 30, "sms", "市场资讯"),
        ("ordinary", "silver", "asset", "talk", 182, "phone", "账户回顾"),
        ("potential", "general", "unclassified", "message", 30, "sms", "投教与市场概况"),
    ],
)
def test_the_house_owes_what_the_papers_say(
    grade: str, tier: str, value_type: str, way: str, rhythm: int, channel: str, focus: str
) -> None:
    held = narrowest(HOUSE, grade, tier, value_type, way)
    assert held is not None
    assert (held.rhythm_days, held.channel, held.focus) == (rhythm, channel, focus)


@pytest.mark.parametrize(
    ("grade", "tier", "way"),
    [("vip", "gold", "message"), ("ordinary", "general", "talk"), ("potential", "gold", "talk")],
)
def test_nothing_more_is_owed(grade: str, tier: str, way: str) -> None:
    assert narrowest(HOUSE, grade, tier, "asset", way) is None


@pytest.mark.parametrize(
    ("days", "channel", "way", "focus", "said"),
    [
        (7, "电话", "talk", "资产配置回顾", "周联系·资产配置回顾"),
        (30, "短信", "message", "", "月度短信"),
        (182, "电话", "talk", "账户回顾", "半年联系·账户回顾"),
        (500, "邮件", "message", "", "定期邮件"),
    ],
)
def test_a_contact_is_called_by_its_rhythm(days: int, channel: str, way: str, focus: str, said: str) -> None:
    assert title(days, channel, way, focus) == said


def weekly(grade: str = "vip") -> ServicePolicy:
    return ServicePolicy.objects.get(branch=None, grade=grade, tier="", value_type="", way="talk")


def test_a_branch_gets_a_row_of_its_own_and_others_keep_the_houses(cast: Cast) -> None:
    own = edit_policy(weekly(), {"rhythm_days": 14}, version=1, by=cast.zhao)
    assert (own.branch, own.version) == (cast.branch, 2)
    held = {row.key: row.rhythm_days for row in policies(cast.branch)}
    assert held["vip", "", "", "talk"] == 14
    assert {row.key: row.rhythm_days for row in policies(cast.other_branch)}["vip", "", "", "talk"] == 7
    assert len(held) == len(HOUSE)


def test_an_edit_of_the_policy_stands_in_the_audit_book(cast: Cast) -> None:
    edit_policy(weekly(), {"rhythm_days": 14}, version=1, by=cast.zhao)
    entry = AuditEntry.objects.get(action="service_logs.policy_edited")
    assert (entry.actor, entry.before, entry.after) == (cast.zhao, {"rhythm_days": 7}, {"rhythm_days": 14})


def test_who_saves_second_is_shown_what_was_saved_first(cast: Cast) -> None:
    own = edit_policy(weekly(), {"rhythm_days": 14}, version=1, by=cast.zhao)
    with pytest.raises(Conflict) as refused:
        edit_policy(own, {"rhythm_days": 21}, version=1, by=cast.zhao)
    assert refused.value.extra["theirs"]["rhythm_days"] == 14


@pytest.mark.parametrize(
    "changes",
    [
        {"rhythm_days": 0}, {"rhythm_days": 367}, {"minutes": 0}, {"channel": "sms"}, {"channel": "pigeon"},
        {"fallback": "phone"}, {"qualifying": []}, {"qualifying": ["maybe"]}, {"content": "x"}, {"core_minutes": 481},
    ],
    ids=str,
)  # fmt: skip
def test_a_policy_out_of_bounds_is_refused(changes: dict[str, Any], cast: Cast) -> None:
    with pytest.raises(BadSetting):
        edit_policy(weekly(), changes, version=1, by=cast.zhao)


@pytest.mark.req("VAL-08")
def test_a_branch_may_owe_more_to_one_value_type(cast: Cast) -> None:
    facts.have(cast.wu, grade="vip", tier="platinum", value_type="asset")
    add_policy(
        cast.zhao, grade="vip", way="talk", tier="platinum", channel="visit", rhythm_days=5, minutes=30,
        content="deep", qualifying=["reached"],
    )  # fmt: skip
    held = owed_to(Client.objects.get(pk=cast.wu.pk)).talk
    assert held is not None
    assert (held.channel, held.rhythm_days) == ("visit", 5)
    with pytest.raises(Conflict):
        add_policy(cast.zhao, grade="vip", way="talk", tier="platinum", channel="visit", rhythm_days=5, minutes=1,
                   content="deep", qualifying=["reached"])  # fmt: skip


def test_a_rule_is_set_for_one_branch(cast: Cast) -> None:
    rule = Rule.objects.get(code="large_outflow")
    edit_rule(rule, {"params": {"min_yuan": 50_000}, "deadline": 2}, version=0, by=cast.zhao)
    held = rule_in_force(cast.branch, 7)
    assert held is not None
    assert (held.params, held.deadline, held.version) == ({"min_yuan": 50_000, "min_share": 0.2}, 2, 1)
    other = rule_in_force(cast.other_branch, 7)
    assert other is not None
    assert other.params["min_yuan"] == 100_000
    with pytest.raises(Conflict):
        edit_rule(rule, {"deadline": 3}, version=0, by=cast.zhao)


def test_what_waits_for_facts_cannot_be_switched_on(cast: Cast) -> None:
    rule = Rule.objects.get(code="suspicious")
    with pytest.raises(BadSetting, match="反洗钱"):
        edit_rule(rule, {"is_active": True}, version=0, by=cast.zhao)
    assert [one.is_active for one in catalogue(cast.branch) if one.rule.code == "suspicious"] == [False]


@pytest.mark.parametrize(
    ("known", "name", "value", "is_good"),
    [
        ({"min_yuan": 1}, "min_yuan", 5, True),
        ({"min_yuan": 1}, "min_yuan", 0, False),
        ({"min_yuan": 1}, "min_yuan", "5", False),
        ({"min_yuan": 1}, "min_yuan", True, False),
        ({"min_yuan": 1}, "other", 5, False),
        ({"min_share": 0.2}, "min_share", 1.0, True),
        ({"min_share": 0.2}, "min_share", 1.01, False),
        ({"within_days": 10}, "within_days", 10.5, False),
        ({"stages": [60]}, "stages", [60, 30, -5], True),
        ({"stages": [60]}, "stages", [60, 60], False),
        ({"stages": [60]}, "stages", [], False),
        ({"stages": [60]}, "stages", [1.5], False),
        ({"stages": [60]}, "stages", 60, False),
    ],
)
def test_a_parameter_keeps_its_shape(known: dict[str, Any], name: str, value: Any, is_good: bool) -> None:
    assert (fault_of_param(known, name, value) == "") is is_good
