"""The MOT catalogue with what came of each type lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q

from office.models import Branch
from service_logs.models import Rule, Signal, Task
from service_logs.queries.catalogue import RuleInForce, catalogue
from service_logs.rules.releases import COMPLIANCE_FIRST

RECENT_DAYS = 30


@dataclass(frozen=True)
class RuleLine:
    """One type as the branch runs it, with the counts of the last 30 days."""

    held: RuleInForce
    signals: int
    tasks: int
    done: int

    @property
    def rule(self) -> Rule:
        """The catalogue's row."""
        return self.held.rule

    @property
    def owner_words(self) -> str:
        """Who does it; what compliance looks at first goes on to the client's manager."""
        role = str(Rule.OwnerRole(self.rule.owner_role).label)
        return f"{role}先审" if self.rule.code in COMPLIANCE_FIRST else role

    @property
    def deadline_words(self) -> str:
        """The deadline as people say it: 2 个交易日, 当日 16:00, 当月."""
        measure = Rule.Measure(self.rule.measure)
        if measure == Rule.Measure.SAME_DAY:
            return f"当日 {self.rule.deadline_at:%H:%M}"
        return str(measure.label) if measure == Rule.Measure.MONTH else f"{self.held.deadline} {measure.label}"


def rule_lines(branch: Branch, today: date) -> list[RuleLine]:
    """Return the whole catalogue in its order, as `branch` runs it."""
    since = today - timedelta(days=RECENT_DAYS)
    signals = dict(
        Signal.objects.filter(branch=branch, day__gte=since).order_by().values_list("rule_id").annotate(Count("pk"))
    )
    made = Task.objects.filter(branch=branch, made_on__gte=since).exclude(rule=None).order_by()
    tasks = {
        rule: (count, done)
        for rule, count, done in made.values_list("rule_id").annotate(
            count=Count("pk"), done=Count("pk", filter=Q(state=Task.State.DONE))
        )
    }
    return [
        RuleLine(held, signals.get(held.rule.pk, 0), *tasks.get(held.rule.pk, (0, 0))) for held in catalogue(branch)
    ]
