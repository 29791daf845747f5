"""What was talked about with the clients of a demonstration branch in the past months."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from branchcrm.demo.scale import LARGE, Bools, Ints, Scale, Timeline
from clients.models import Client
from office.dates import SHANGHAI, TradingCalendar
from office.models import Branch, Employee, Role
from service_logs.models import Contact
from service_logs.operations.contacts import log_contact
from service_logs.operations.history import PastContact, take_over

VIP_YUAN, VIP_COMMISSION_YUAN, SILVER_YUAN = 1_000_000, 5_000, 300_000
ACTIVE_DAYS = 5  # with trades, of the last 20
WEEKS, MONTHS = 9, 3  # of calls and of messages
DILIGENCE = {7: 0.5, 10: 0.55, 9: 0.6, 8: 0.7}  # numbers of who calls less often than the others, and how often
USUAL_DILIGENCE, REACHED = 0.88, 0.76
SILENT_SHARE = 0.06  # of those who are called every week: nobody called in the last month
PROMISES = 12
CALLS = (
    ("market_info", "通报本周市场变化与持仓情况，客户表示了解"),
    ("care", "例行关怀，客户近期较忙，约定有事再联系"),
    ("market_info", "回顾上月账户收益，提示仓位与集中度风险"),
    ("product", "介绍在售固收产品要素与风险等级，客户再考虑"),
    ("education", "讲解反诈与账户安全，提醒勿向他人透露密码"),
    ("care", "问候近况，核对联系方式无误"),
    ("market_info", "客户询问交易规则，已按规定解释"),
    ("return_visit", "回访服务满意度，客户表示满意"),
)
ASKING, REFUSING = 0.2, 0.2  # of those who are restless
DOUBTS = ("客户表示不愿多谈", "客户问起佣金，正在与别家比较")  # who refuses, who asks
MESSAGES = ("月度资讯：市场概况与投资者教育", "月度资讯：账户安全与防骗提示", "月度资讯：交易日历与业务提醒")
NEEDS = ("想了解固收类产品", "希望讲解账户分析功能", "咨询两融开通条件", "需要对账单")
FIGURES = """
SELECT c.id, s.manager_id, coalesce(sum(d.net_commission_fen), 0) / 100,
       coalesce(sum(d.total_assets_fen) FILTER (WHERE d.day = %(last)s), 0) / 100,
       count(*) FILTER (WHERE d.day >= %(month)s AND d.trade_count > 0)
FROM clients_client c JOIN clients_clientstanding s ON s.client_id = c.id
LEFT JOIN clients_accountday d ON d.client_id = c.id AND d.day BETWEEN %(first)s AND %(last)s
WHERE c.branch_id = %(branch)s AND c.status <> 'closed' AND s.manager_id IS NOT NULL
GROUP BY c.id, s.manager_id, c.client_no ORDER BY c.client_no
"""


class Talks:
    """Writes the contact history of one branch."""

    def __init__(
        self, branch: Branch, scale: Scale, timeline: Timeline, calendar: TradingCalendar, restless: list[str]
    ) -> None:
        self.restless = restless
        self.branch, self.scale, self.timeline, self.calendar = branch, scale, timeline, calendar
        self.random = scale.random("talks", int(branch.code))
        scope: dict[str, Any] = {
            "branch": branch.pk, "first": timeline.day(0), "last": timeline.day(-1), "month": timeline.day(-20),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(FIGURES, scope)
            rows = np.array(cursor.fetchall(), np.int64).reshape(-1, 5)
        self.clients, self.managers, commission, assets, traded = rows.T
        self.often = (assets >= VIP_YUAN) | (commission >= VIP_COMMISSION_YUAN) | (traded >= ACTIVE_DAYS)
        self.silver = (assets >= SILVER_YUAN) & ~self.often
        staff = list(Employee.objects.filter(branch=branch, is_active=True).order_by("staff_no"))
        self.people = {person.pk: person for person in staff}
        self.desk = next(person for person in staff if person.has_role(Role.SERVICE_STAFF))

    def write(self) -> int:
        """Write the past, then the promises that are still open; return how many contacts there are."""
        if Contact.objects.filter(branch=self.branch).exists():
            return 0
        past = [*self._weekly(), *self._half_yearly(), *self._messages(), *self._doubts()]
        written = take_over(self.branch, past, now=timezone.now(), by=self.desk)
        return written + self._promises()

    def _diligence(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        numbers = {pk: int(person.staff_no[-2:]) for pk, person in self.people.items()}
        each = {pk: DILIGENCE.get(number, USUAL_DILIGENCE) for pk, number in numbers.items()}
        return np.array([each[manager] for manager in self.managers.tolist()])

    def _weekly(self) -> list[PastContact]:
        """Return the calls to those who are called every week; some of them were forgotten lately."""
        weeks = 3 if self.scale.clients >= LARGE else WEEKS
        silent = self.random.random(len(self.clients)) < SILENT_SHARE
        found: list[PastContact] = []
        for week in range(weeks):
            called = self.often & (self.random.random(len(self.clients)) < self._diligence())
            called &= ~(silent & (week < 5))
            days = week * 7 + self.random.integers(0, 7, len(self.clients))
            found += self._calls(called, days)
        return found

    def _half_yearly(self) -> list[PastContact]:
        called = self.silver & (self.random.random(len(self.clients)) < 0.8)
        return self._calls(called, self.random.integers(0, 200, len(self.clients)))

    def _calls(self, chosen: Bools, days_ago: Ints) -> list[PastContact]:
        rows = np.flatnonzero(chosen)
        results = self.random.random(len(rows))
        texts = self.random.integers(0, len(CALLS), len(rows))
        minutes = self.random.integers(2, 18, len(rows))
        needs = self.random.integers(0, 30 * len(NEEDS), len(rows))
        found = []
        for row, drawn, text, spent, need in zip(
            rows.tolist(), results.tolist(), texts.tolist(), minutes.tolist(), needs.tolist(), strict=True
        ):
            reached = drawn < REACHED
            purpose, summary = CALLS[text] if reached else ("care", "未接通，稍后再联系")
            found.append(
                PastContact(
                    int(self.clients[row]), int(self.managers[row]), self._moment(int(days_ago[row]), spent),
                    "wecom" if drawn < 0.12 else "phone",
                    "reached" if reached else "refused" if drawn > 0.985 else "not_reached", summary, purpose,
                    duration_min=spent if reached else 1,
                    need=NEEDS[need] if reached and need < len(NEEDS) else "",
                )
            )  # fmt: skip
        return found

    def _doubts(self) -> list[PastContact]:
        """Return the talks in which some of those who are restless ask about commission or want no talk."""
        theirs = Client.objects.filter(branch=self.branch, client_no__in=self.restless).values_list("pk", flat=True)
        rows = np.flatnonzero(np.isin(self.clients, list(theirs)))
        found = []
        for row, drawn, days_ago in zip(
            rows.tolist(), self.random.random(len(rows)).tolist(), self.random.integers(1, 45, len(rows)).tolist(),
            strict=True,
        ):  # fmt: skip
            if drawn < ASKING + REFUSING:
                asks = drawn < ASKING
                found.append(
                    PastContact(
                        int(self.clients[row]), int(self.managers[row]), self._moment(days_ago, 7), "phone",
                        "reached" if asks else "refused", DOUBTS[asks], "care", duration_min=7 if asks else 1,
                        need="希望调整佣金" if asks else "",
                    )
                )  # fmt: skip
        return found

    def _messages(self) -> list[PastContact]:
        """Return the monthly messages to everybody else."""
        months = 1 if self.scale.clients >= LARGE else MONTHS
        others = np.flatnonzero(~self.often)
        found = []
        for month in range(months):
            at = self._moment(month * 30 + 6, 5)
            arrived = self.random.random(len(others)) < 0.97
            found += [
                PastContact(client, self.desk.pk, at, "sms", "sms_delivered" if came else "sms_failed",
                            MESSAGES[month], "education")
                for client, came in zip(self.clients[others].tolist(), arrived.tolist(), strict=True)
            ]  # fmt: skip
        return found

    def _moment(self, days_ago: int, minute: int) -> datetime:
        """Return a moment of work at most so many days before the last day's close."""
        day = self.scale.as_of - timedelta(days=days_ago)
        while not self.calendar.is_working(day):
            day -= timedelta(days=1)
        hour = (9, 10, 13, 14, 15)[(minute + days_ago) % 5]
        return datetime.combine(day, time(hour, minute * 3 % 60), SHANGHAI)

    def _promises(self) -> int:
        """Log a few calls of the last days that ended in a promise, which is a task until it is kept."""
        rows = np.flatnonzero(self.often)[:: max(int(self.often.sum()) // PROMISES, 1)][:PROMISES]
        for place, row in enumerate(rows.tolist()):
            client = Client.objects.select_related("branch", "standing").get(pk=int(self.clients[row]))
            log_contact(
                client, by=self.people[int(self.managers[row])], result="reached", at=self._moment(place % 4, 8),
                summary="客户希望进一步了解，已答应整理资料后回复", promise="整理持仓与费用说明并回复",
                promise_due_on=self._due(place), purpose="market_info", duration_min=9,
            )  # fmt: skip
        return len(rows)

    def _due(self, place: int) -> date:
        return self.calendar.add_working(self.scale.as_of, 1 + place % 3)
