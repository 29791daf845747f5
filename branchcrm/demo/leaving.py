"""Who wanted to leave in the past months, and how the desk served him; who asked for another manager."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from branchcrm.demo.scale import Scale
from clients.models import Client
from office.dates import SHANGHAI, TradingCalendar
from office.models import Branch, Employee, Role
from retention.models import Block, ClosureRequest
from retention.operations.closures import complete, free, hold_up, register_request, withdraw
from segmentation.models import ManagerChangeRequest
from segmentation.operations.changes import ask_for_change, refuse_change
from service_logs.models import Task
from service_logs.operations.tasks import expire_tasks

DONE = 30  # served requests
DAYS_BACK = 120  # over which they spread
REASONS = ("commission", "other_branch_better", "relocation", "outside_broker", "", "poor_market", "family", "")
PARTS = {"transfer_sz": "000001 等 3 只证券", "transfer_sh": "600000 等 2 只证券", "account_move": "信用账户"}


@dataclass
class Leaving:
    """Writes the requests of one branch, each through the doors of the house, at its own moment."""

    branch: Branch
    scale: Scale
    calendar: TradingCalendar
    clerk: Employee = field(init=False)

    def write(self) -> int:
        """Write what was served, what is late, held up or still open; return how many requests there are."""
        if ClosureRequest.objects.filter(branch=self.branch).exists():
            return 0
        people = Employee.objects.filter(branch=self.branch, is_active=True).order_by("staff_no")
        self.clerk = next(person for person in people if person.has_role(Role.COUNTER))
        clients = self._clients()
        for place in range(DONE):
            self._served(next(clients), place)
        self._withdrawn(next(clients))
        self._held(next(clients))
        for place in range(2):
            self._open(next(clients), place)
        self._changes(clients, next(person for person in people if person.has_role(Role.MARKET_DIRECTOR)))
        expire_tasks(self.branch, self.scale.as_of)
        return ClosureRequest.objects.filter(branch=self.branch).count()

    def _clients(self) -> Iterator[Client]:
        rows = Client.objects.filter(branch=self.branch, standing__manager__isnull=False, is_deceased=False)
        served = rows.exclude(status=Client.Status.CLOSED).select_related("branch", "standing__manager")
        chosen = list(served.order_by("client_no"))
        order = self.scale.random("leaving", int(self.branch.code)).permutation(len(chosen))
        return iter([chosen[place] for place in order.tolist()])

    def _moment(self, days_ago: int, hour: int, minute: int) -> datetime:
        return self._at(self.calendar.last_trading(self.scale.as_of - timedelta(days=days_ago)), hour, minute)

    def _at(self, day: date, hour: int, minute: int) -> datetime:
        return datetime.combine(day, time(hour, minute), SHANGHAI)

    def _ask(self, client: Client, at: datetime, kind: str, **fields: Any) -> ClosureRequest:
        arrived_at = at - timedelta(minutes=2 + client.pk % 17)
        return register_request(
            client, kind=kind, channel=fields.pop("channel", "counter"), by=self.clerk, now=at,
            arrived_at=arrived_at, requested_at=at, **fields,
        )  # fmt: skip

    def _served(self, client: Client, place: int) -> None:
        """Serve a part of what the client had; two of all requests a day too late."""
        kind = ("transfer_sz", "transfer_sh", "account_move")[place % 3]
        at = self._moment(8 + place * (DAYS_BACK - 8) // DONE, 9 + place % 6, place * 7 % 60)
        request = self._ask(
            client, at, kind, is_partial=True, part=PARTS[kind], reason=REASONS[place % len(REASONS)],
            channel=("counter", "counter", "online", "phone")[place % 4],
        )  # fmt: skip
        due_on = request.due_at.astimezone(SHANGHAI).date()
        days_after = 1 if place in (4, 17) else -(place % 3 % 2)
        done_on = self.calendar.add_trading(due_on, days_after) if days_after else due_on
        complete(request, by=self.clerk, now=self._at(done_on, 10 + place % 6, place * 11 % 60))
        self._talked(request)

    def _withdrawn(self, client: Client) -> None:
        request = self._ask(client, self._moment(20, 10, 12), "close", reason="commission")
        withdraw(request, by=self.clerk, note="客户与客户经理通话后当日来电撤回", now=self._moment(20, 15, 40))
        self._talked(request)

    def _held(self, client: Client) -> None:
        request = self._ask(client, self._moment(6, 9, 35), "close", reason="other")
        hold_up(request, Block.MARGIN_DEBT, "融资合约 R-2107 未了结", by=self.clerk, now=self._moment(6, 9, 50))
        free(request, by=self.clerk, now=self._moment(5, 11, 5))
        hold_up(request, Block.JUDICIAL, "法院协助冻结通知书第 12 号", by=self.clerk, now=self._moment(5, 14, 20))

    def _open(self, client: Client, place: int) -> None:
        self._ask(
            client, self._moment(0, 14, 10 + place * 25), ("close", "transfer_sh")[place], reason=("", "family")[place]
        )

    def _talked(self, request: ClosureRequest) -> None:
        """Take what the manager was told at the time off his present list."""
        told = Task.objects.filter(signal__occurrence=f"request:{request.request_no}", branch=self.branch)
        told.update(state=Task.State.CANCELLED, result="申请已办结")

    def _changes(self, clients: Iterator[Client], director: Employee) -> None:
        """Let two clients ask for another manager; the second waits for the director."""
        ago = self._moment(15, 10, 0)
        past = ask_for_change(next(clients), channel="counter", by=self.clerk, reason="contact", now=ago)
        refuse_change(past, note="客户经理上周才交接，已约定下月回访后再议", by=director, version=past.version, now=ago)
        ask_for_change(
            next(clients), channel=ManagerChangeRequest.Channel.COUNTER, by=self.clerk, reason="expertise",
            words="希望有人讲讲可转债", now=self._moment(0, 10, 30),
        )  # fmt: skip
