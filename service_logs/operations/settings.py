"""What a branch sets for itself: its service policy and its part of the catalogue, versioned and audited."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from office.audit import record
from office.errors import Conflict
from office.models import Branch, Employee
from service_logs.errors import BadSetting, ForbiddenWords
from service_logs.models import MESSAGES, Channel, Contact, Content, Rule, RuleSetting, ServicePolicy, Way
from service_logs.rules.settings import MOST_FEEDBACK, fault_of_param
from service_logs.rules.words import forbidden_words

POLICY_FIELDS = (
    "channel", "fallback", "rhythm_days", "minutes", "core_minutes", "content", "focus", "qualifying", "is_active",
)  # fmt: skip
RULE_FIELDS = ("is_active", "params", "deadline", "cooldown_days", "script_hint", "feedback")
LONGEST_RHYTHM, LONGEST_TALK = 366, 480  # days, minutes


@transaction.atomic
def edit_policy(policy: ServicePolicy, changes: dict[str, Any], *, version: int, by: Employee) -> ServicePolicy:
    """Save what the branch of `by` owes to one group; the next night plans by it (SEG-05).

    The house's own row stays: the branch gets a row of its own in its place. Raises Conflict if
    somebody saved since `version`, BadSetting for values out of bounds.
    """
    branch = _home(by)
    house = {"grade": policy.grade, "tier": policy.tier, "value_type": policy.value_type, "way": policy.way}
    own = ServicePolicy.objects.select_for_update().filter(branch=branch, **house).first()
    held = own or ServicePolicy.objects.get(branch=None, **house)
    if held.version != version:
        raise Conflict("此项策略刚被他人修改，您的内容尚未保存", theirs=_plain(held, POLICY_FIELDS))
    before = _plain(held, POLICY_FIELDS)
    if own is None:
        held = ServicePolicy(branch=branch, version=held.version, **house, **_values(held, POLICY_FIELDS))
    for name in set(changes) & set(POLICY_FIELDS):
        setattr(held, name, changes[name])
    _check_policy(held)
    held.version += 1
    held.save()
    _record("service_logs.policy_edited", held, by, before, _plain(held, POLICY_FIELDS))
    return held


@transaction.atomic
def add_policy(
    by: Employee, *, grade: str, way: str, tier: str = "", value_type: str = "", **fields: Any
) -> ServicePolicy:
    """Owe something of its own to a narrower group of clients (VAL-08). Raises Conflict if such a row is there."""
    branch = _home(by)
    key = {"grade": grade, "tier": tier, "value_type": value_type, "way": way}
    if ServicePolicy.objects.filter(branch=branch, **key).exists():
        raise Conflict("此客户组已有策略")
    made = ServicePolicy(branch=branch, **key, **fields)
    _check_policy(made)
    made.save()
    _record("service_logs.policy_edited", made, by, None, _plain(made, POLICY_FIELDS))
    return made


def _check_policy(policy: ServicePolicy) -> None:
    written = policy.channel in MESSAGES
    if policy.channel not in Channel.values or written != (policy.way == Way.MESSAGE):
        raise BadSetting("方式与形式不符：通话用电话、企微或面谈，消息用短信、邮件或信函", field="channel")
    if policy.fallback and (policy.fallback not in Channel.values or policy.fallback == policy.channel):
        raise BadSetting("替代方式须与首选方式不同", field="fallback")
    if not 1 <= policy.rhythm_days <= LONGEST_RHYTHM:
        raise BadSetting(f"节奏须在 1 至 {LONGEST_RHYTHM} 天之间", field="rhythm_days")
    for name in ("minutes", "core_minutes"):
        value = getattr(policy, name)
        if value is not None and not 0 < value <= LONGEST_TALK:
            raise BadSetting(f"分钟须在 0 至 {LONGEST_TALK} 之间", field=name)
    if policy.content not in Content.values:
        raise BadSetting("未知的内容层次", field="content")
    if not policy.qualifying or not set(policy.qualifying) <= set(Contact.Result.values):
        raise BadSetting("至少选择一种算作联系的结果", field="qualifying")


@transaction.atomic
def edit_rule(rule: Rule, changes: dict[str, Any], *, version: int, by: Employee) -> RuleSetting:
    """Save what the branch of `by` sets differently for one MOT type; version 0 means nothing was set yet.

    Raises Conflict if somebody saved since, BadSetting for a value out of bounds or for switching on
    a type whose facts are not held.
    """
    branch = _home(by)
    setting = RuleSetting.objects.select_for_update().filter(branch=branch, rule=rule).first()
    if version != (setting.version if setting else 0):
        raise Conflict("此类 MOT 的设置刚被他人修改，您的内容尚未保存", theirs=_plain(setting, RULE_FIELDS))
    before = _plain(setting, RULE_FIELDS)
    held = setting or RuleSetting(branch=branch, rule=rule, version=0)
    for name in set(changes) & set(RULE_FIELDS):
        setattr(held, name, changes[name])
    _check_rule(rule, held, "is_active" in changes)
    held.version += 1
    held.save()
    _record("service_logs.rule_edited", held, by, before, _plain(held, RULE_FIELDS), label=rule.name)
    return held


def _check_rule(rule: Rule, setting: RuleSetting, is_switched: bool) -> None:
    if is_switched and setting.is_active and not rule.can_run:
        raise BadSetting(f"此类 MOT 等待数据：{rule.waits_for}", field="is_active")
    used = forbidden_words("；".join((setting.script_hint, *setting.feedback)))
    if used:
        raise ForbiddenWords(f"设置中有不得使用的用语：{'、'.join(used)}", words=used)
    if len(setting.feedback) > MOST_FEEDBACK:
        raise BadSetting(f"客户反馈最多 {MOST_FEEDBACK} 项", field="feedback")
    for name, value in setting.params.items():
        fault = fault_of_param(rule.params, name, value)
        if fault:
            raise BadSetting(fault, field=name)


def _home(by: Employee) -> Branch:
    """Return the branch of `by`, its settings held for this one transaction: two people save one after the other."""
    if by.branch_id is None:
        raise BadSetting("没有所属营业部")
    return Branch.objects.select_for_update(no_key=True).get(pk=by.branch_id)


def _values(row: ServicePolicy, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _plain(row: Any, names: tuple[str, ...]) -> dict[str, Any] | None:
    return {name: getattr(row, name) for name in names} if row is not None else None


def _record(action: str, row: Any, by: Employee, before: Any, after: Any, label: str = "") -> None:
    changed = [name for name in after if before is None or before[name] != after[name]]
    record(
        action, row, by=by, reason=label, after={name: after[name] for name in changed},
        before={name: before[name] for name in changed} if before else None,
    )  # fmt: skip
