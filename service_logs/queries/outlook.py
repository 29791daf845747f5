"""What the statements of the signals need to know of one night, or of the day that still goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Max, Min

from clients.models import AccountEvent, ClientDay, ClientWindow, Tier
from office.dates import CalendarExhausted, TradingCalendar
from office.models import Branch
from service_logs.models import SignalMark
from service_logs.queries.catalogue import RuleInForce
from service_logs.rules.deadlines import horizon, serve_day
from service_logs.signals.compiling import bindings

FIRST_LOOK_BACK = 5  # trading days of facts that a branch's first night looks at
LONGEST_LOOK_BACK = 20  # trading days; older facts are no occasion to call
SURGE_DAYS = 60  # trading days that a surge of turnover is measured against, as the windows sum it
OLDEST_ANNIVERSARY = 70  # years
LEAP_DAY = (2, 29)


@dataclass(frozen=True)
class Outlook:
    """What the statement needs to know of one night."""

    branch: Branch
    day: date
    days: TradingCalendar

    @cached_property
    def until(self) -> date:
        """The last day of facts to look at: where the windows stand; a by-date night finds them unmoved."""
        stands_at = ClientWindow.objects.filter(branch=self.branch).aggregate(latest=Max("as_of"))["latest"]
        return min(stands_at or self.day - timedelta(days=1), self.day)

    @cached_property
    def since(self) -> date:
        """The last day of facts that was looked at before."""
        marks = SignalMark.objects.filter(branch=self.branch, day__lt=self.day)
        looked = marks.aggregate(latest=Max("facts_until"))["latest"]
        back = LONGEST_LOOK_BACK if looked else FIRST_LOOK_BACK
        return max(self._back(back), looked or date.min)

    @property
    def looked_until(self) -> date:
        """The last day of facts that has been looked at when this night is over."""
        return max(self.until, min(self.since, self.day))

    def _back(self, trading_days: int) -> date:
        try:
            return self.days.add_trading(self.day, -trading_days)
        except CalendarExhausted:
            return self.days.first

    def bindings(self, rules: list[RuleInForce]) -> dict[str, Any]:
        """Return every value the statement names."""
        serve, coming = serve_day(self.day, self.days), self._coming()
        facts = ClientDay.objects.filter(branch=self.branch).aggregate(first=Min("day"))["first"]
        found: dict[str, Any] = {
            "branch": self.branch.pk,
            "day": self.day,
            "serve": serve,
            "since": self.since,
            "until": self.until,
            "range_days": max(self.days.trading_days_between(self.since, self.until), 0),
            "facts_from": facts or date.max,
            "coming": [day for day, _, _ in coming],
            "coming_md": [month * 100 + day_ for _, month, day_ in coming],
            "anniversaries": [first for one in coming for first in _years_before(*one)],
            "labels": json.dumps(dict(Tier.choices) | dict(AccountEvent.Kind.choices), ensure_ascii=False),
        }
        for one in rules:
            found |= bindings(one.rule.number, one.params | self._derived(one))
        return found | self._rule_columns(rules)

    def _coming(self) -> list[tuple[date, int, int]]:
        """Return (day, month, day of month) of the days to come, with 29 February on 1 March of short years."""
        last = horizon(self.day, self.days)
        found = []
        for offset in range(1, (last - self.day).days + 1):
            day = self.day + timedelta(days=offset)
            found.append((day, day.month, day.day))
            if (day.month, day.day) == (3, 1) and (day - timedelta(days=1)).day == 28:
                found.append((day, *LEAP_DAY))
        return found

    def _derived(self, one: RuleInForce) -> dict[str, Any]:
        """Return parameters that are days counted back by the trading calendar."""
        if one.rule.code == "long_without_trade":
            return {"cuts": [self._back(stage) for stage in one.params["stages"]]}
        if one.rule.code == "reactivation":
            return {"quiet_since": self._back(one.params["quiet_days"])}
        if one.rule.code == "turnover_surge":
            return {"active_since": self._back(SURGE_DAYS)}
        return {}

    def _rule_columns(self, rules: list[RuleInForce]) -> dict[str, Any]:
        return {
            "r_number": [one.rule.number for one in rules],
            "r_id": [one.rule.pk for one in rules],
            "r_kind": [one.rule.kind for one in rules],
            "r_must": [",".join(tiers_from(one.rule.mandatory_from)) for one in rules],
            "r_cooldown": [self._back(one.cooldown_days) if one.cooldown_days else self.day for one in rules],
            "coolest": min((self._back(one.cooldown_days) for one in rules), default=self.day),
            "r_promo": [one.rule.is_promotional for one in rules],
        }


def tiers_from(tier: str) -> list[str]:
    """Return the tiers from `tier` upwards; none for ""."""
    ladder = [str(value) for value in Tier.values]
    return ladder[ladder.index(tier) :] if tier else []


def _years_before(day: date, month: int, day_of_month: int) -> list[date]:
    found = []
    for years in range(1, OLDEST_ANNIVERSARY + 1):
        year = day.year - years
        if (month, day_of_month) != LEAP_DAY or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
            found.append(date(year, month, day_of_month))
    return found


class Today(Outlook):
    """The day that still goes on: its own facts, as far as they came, and nothing before it."""

    @property
    def since(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @property
    def until(self) -> date:
        """The day itself."""
        return self.day
