"""The catalogue as it holds at one branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from office.models import Branch
from service_logs.models import Kind, Rule, RuleSetting


@dataclass(frozen=True)
class RuleInForce:
    """One rule with what the branch set differently; `setting` is None where it set nothing."""

    rule: Rule
    setting: RuleSetting | None

    @property
    def is_active(self) -> bool:
        """Whether it can run and the branch did not switch it off."""
        return self.rule.can_run and (self.setting is None or self.setting.is_active)

    @property
    def params(self) -> dict[str, Any]:
        """Parameter → value, the branch's own in the place of the catalogue's."""
        own = self.setting.params if self.setting else {}
        return {**self.rule.params, **{name: value for name, value in own.items() if name in self.rule.params}}

    @property
    def deadline(self) -> int:
        """How many of the rule's measure until it is due."""
        own = self.setting.deadline if self.setting else None
        return self.rule.deadline if own is None else own

    @property
    def cooldown_days(self) -> int:
        """Trading days between two of the kind for one client."""
        own = self.setting.cooldown_days if self.setting else None
        return self.rule.cooldown_days if own is None else own

    @property
    def script_hint(self) -> str:
        """What to say."""
        return (self.setting.script_hint if self.setting else "") or self.rule.script_hint

    @property
    def feedback(self) -> list[str]:
        """What the client may answer, four choices at most."""
        return (self.setting.feedback if self.setting else []) or self.rule.feedback

    @property
    def kind_label(self) -> str:
        """必做, 选做, or from which tier on it is 必做."""
        if self.rule.mandatory_from:
            return f"{self.rule.get_mandatory_from_display()}以上必做，其余选做"
        return str(Kind(self.rule.kind).label)

    @property
    def version(self) -> int:
        """The version of the branch's setting, 0 while it has none."""
        return self.setting.version if self.setting else 0


def catalogue(branch: Branch) -> list[RuleInForce]:
    """Return all types in order, with the settings of the branch."""
    settings = {setting.rule_id: setting for setting in RuleSetting.objects.filter(branch=branch)}
    return [RuleInForce(rule, settings.get(rule.pk)) for rule in Rule.objects.order_by("number")]


def rule_in_force(branch: Branch, number: int) -> RuleInForce | None:
    """Return one type with the setting of the branch, None if there is no such number."""
    rule = Rule.objects.filter(number=number).first()
    return RuleInForce(rule, RuleSetting.objects.filter(branch=branch, rule=rule).first()) if rule else None
