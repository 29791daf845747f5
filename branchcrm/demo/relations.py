"""Who won, serves and may call each client of a demonstration branch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from branchcrm.demo.roster import ROSTER
from branchcrm.demo.scale import Bools, Ints, Scale, Timeline
from clients.models import Client, ServiceAssignment
from clients.operations.assignments import assign_clients
from clients.operations.preferences import Wish, note_preferences
from clients.operations.relations import Entry, enter_relations
from office.dates import TradingCalendar
from office.models import SERVING_ROLES, Branch, Employee, Role

ORPHAN_SHARE = 0.006  # of the clients have no manager
MOVED_SHARE, MOVED_TODAY = 0.03, 0.002  # changed their manager within the year, on the last day
RICH_SHARES = {4: 2.0, 6: 3.0, 11: 5.0}  # numbers of who rather serves the rich, and how much rather
REACHABLE = {"phone": 0.94, "sms": 0.9, "wecom": 0.55}  # share of the clients who allow to be served on a channel
CARE_SHARE, MARKETING_SHARE = 0.8, 0.35


class Ties:
    """Ties the clients of one branch who are not tied yet to its people."""

    def __init__(self, branch: Branch, scale: Scale, timeline: Timeline, calendar: TradingCalendar) -> None:
        self.branch, self.scale, self.timeline, self.calendar = branch, scale, timeline, calendar
        self.random = scale.random("ties", int(branch.code))
        staff = Employee.objects.filter(branch=branch, is_active=True).order_by("staff_no")
        self.serving = [person for person in staff if person.has_role(*SERVING_ROLES)]
        self.director = next(person for person in staff if person.has_role(Role.MARKET_DIRECTOR))
        free = Client.objects.filter(branch=branch, assignments=None).exclude(status=Client.Status.CLOSED)
        rows = list(free.order_by("client_no").values_list("pk", "opened_on", "service_mode"))
        self.ids = np.array([row[0] for row in rows], np.int64)
        self.opened = np.array([row[1] for row in rows], "datetime64[D]")
        self.rich = np.array([row[2] == Client.ServiceMode.HIGH_END for row in rows], bool)

    def tie(self) -> int:
        """Give managers, development relations and preferences; return how many clients were tied."""
        if not len(self.ids) or ServiceAssignment.objects.filter(client__branch=self.branch).exists():
            return 0
        manager = self._managers()
        self._assign(manager)
        self._develop(manager)
        self._ask()
        return len(self.ids)

    def _managers(self) -> Ints:
        """Return the place in `serving` of each client's manager, −1 for nobody."""
        posts = {f"{self.branch.code}{post.number:02d}": post for post in ROSTER}
        numbers = [int(person.staff_no[-2:]) for person in self.serving]
        share = np.array([posts[p.staff_no].share if p.staff_no in posts else 1.0 for p in self.serving])
        richer = share * np.array([RICH_SHARES.get(number, 0.5) for number in numbers])
        drawn = [self.random.choice(len(share), len(self.ids), p=each / each.sum()) for each in (share, richer)]
        nobody = self.random.random(len(self.ids)) < ORPHAN_SHARE
        return np.where(nobody, -1, np.where(self.rich, drawn[1], drawn[0]))

    def _assign(self, manager: Ints) -> None:
        """Write the history: who was there at the start, who came with a new account, who changed hands since."""
        first = self.timeline.sessions[0]
        since = np.maximum(self.opened, first)
        moved = (self.random.random(len(self.ids)) < MOVED_SHARE) & (manager >= 0) & (since == first)
        moved_today = (self.random.random(len(self.ids)) < MOVED_TODAY) & (manager >= 0) & (since == first) & ~moved
        before = np.where(moved | moved_today, (manager + 1) % len(self.serving), manager)
        for day in np.unique(since):
            on: date = day.item()
            reason = "存量客户分配" if day == first else "新开户分配"
            self._hand_over((since == day) & (before >= 0), before, on, reason)
        places = self.random.integers(len(self.timeline) // 2, len(self.timeline) - 5, len(self.ids))
        for place in np.unique(places[moved]):
            chosen = moved & (places == place)
            self._hand_over(chosen, manager, self.timeline.day(place), "团队调整")
        self._hand_over(moved_today, manager, self.timeline.day(-1), "客户申请更换")

    def _hand_over(self, chosen: Bools, manager: Ints, on: date, reason: str) -> None:
        pairs: list[tuple[int, int | None]] = [
            (int(self.ids[row]), self.serving[manager[row]].pk) for row in np.flatnonzero(chosen)
        ]
        if pairs:
            assign_clients(pairs, on=on, reason=reason)

    def _develop(self, manager: Ints) -> None:
        """Enter who won the clients: a third were won by somebody; the newest wait for the return visit."""
        won = (manager >= 0) & (self.random.random(len(self.ids)) < 0.35)
        entries: list[Entry] = []
        for row in np.flatnonzero(won):
            opened = self.opened[row].item()
            entered = self.calendar.next_trading(max(opened, self.calendar.first))
            if entered <= self.scale.as_of:
                recent = opened > self.scale.as_of - timedelta(days=25)
                entries.append(
                    (
                        int(self.ids[row]),
                        self.serving[manager[row]].pk,
                        "pending_visit" if recent else "confirmed",
                        entered,
                    )
                )
        enter_relations(self.branch, entries, by=self.director)

    def _ask(self) -> None:
        """Note what the clients allowed when they opened their accounts."""
        wishes: list[Wish] = []
        for channel, share in REACHABLE.items():
            wishes += self._wishes(channel, "service", share)
        for channel in ("phone", "sms"):
            wishes += self._wishes(channel, "care", CARE_SHARE)
        wishes += self._wishes("sms", "marketing", MARKETING_SHARE)
        note_preferences(self.branch, wishes, source="开户协议", on=self.scale.as_of, by=self.director)

    def _wishes(self, channel: str, purpose: str, share: float) -> Sequence[Wish]:
        """Return the answers of all: granted, denied by a few, unknown for the rest."""
        drawn = self.random.random(len(self.ids))
        denied = share + (1 - share) * 0.5
        return [
            (client, channel, purpose, "granted" if each < share else "denied" if each < denied else "unknown")
            for client, each in zip(self.ids.tolist(), drawn.tolist(), strict=True)
        ]
