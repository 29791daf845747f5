"""The counter files of one branch: the history until the day before the last, and the last day by itself."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from branchcrm.demo import scenes, tables, trading
from branchcrm.demo.books import Books, open_books, settle
from branchcrm.demo.events import make_events
from branchcrm.demo.market import Market
from branchcrm.demo.parcel import Parcel
from branchcrm.demo.people import People, make_people
from branchcrm.demo.quotas import entitlement_rows
from branchcrm.demo.scale import CHUNK, NOT_YET, Bools, Days, Floats, Ints, Scale, Timeline
from branchcrm.demo.tables import Chunk, DayFigures
from branchcrm.demo.winding import Restless, wind_down

RECENT = 40  # trading days


class Maker:
    """Makes the deliveries of one branch, some thousand clients at a time."""

    def __init__(self, scale: Scale, timeline: Timeline, sessions: Days, code: str, folder: Path) -> None:
        self.scale, self.timeline, self.sessions, self.code = scale, timeline, sessions, code
        self.market = Market.of(scale, timeline)
        days = timeline.sessions.tolist()
        self.history = Parcel(folder / f"{code}-{days[-2]}", code, days[-2])
        self.today = Parcel(folder / f"{code}-{days[-1]}", code, days[-1])
        self.restless: list[str] = []  # client numbers
        self.given: Counter[str] = Counter()  # kind → running numbers in use

    def make(self) -> list[Path]:
        """Write both deliveries; return their folders, the older first."""
        for first in range(0, self.scale.clients, CHUNK):
            self._chunk(np.arange(first + 1, min(first + CHUNK, self.scale.clients) + 1))
        for parcel in (self.history, self.today):
            parcel.close()
        return [self.history.folder, self.today.folder]

    def _random(self, part: str, numbers: Ints) -> np.random.Generator:
        return self.scale.random(part, int(self.code), int(numbers[0]))

    def _chunk(self, numbers: Ints) -> None:
        people = make_people(self._random("people", numbers), numbers, self.timeline, self.sessions)
        scenes.set_newcomers(people, self.timeline)
        books = open_books(self._random("books", numbers), people, self.timeline)
        planned = scenes.set_first_steps(people, books, self.timeline)
        restless = wind_down(self._random("winding", numbers), people, books, self.timeline)
        scenes.set_flows(people, books, self.market)
        settle(books, self.market)
        scenes.set_calm(people, books, planned)
        concentrated = scenes.set_excitement(people, books, planned)
        chunk = Chunk.of(self.code, self.timeline, people, books)
        self._note(chunk, restless)
        self._archive(chunk)
        liked = trading.favourites(self._random("liked", numbers), len(books), len(self.market.codes))
        self._facts(chunk, liked, planned, concentrated)

    def _note(self, chunk: Chunk, restless: Restless) -> None:
        """Remember who is restless at the end of the history: what is said to people has to fit."""
        there = (restless.begins_at < len(self.timeline)) & (chunk.people.left_at == NOT_YET)
        recent = np.flatnonzero(there & (restless.begins_at > len(self.timeline) - RECENT))
        self.restless += [str(number) for number in chunk.client_no[recent].tolist()]

    def _archive(self, chunk: Chunk) -> None:
        last = len(self.timeline) - 1
        people, books = chunk.people, chunk.books
        self.history.add("clients", tables.client_rows(chunk, last - 1, people.opened_at < last))
        self.today.add("clients", tables.client_rows(chunk, last, _news(people, last)))
        self.history.add("accounts", tables.account_rows(chunk, last - 1, books.opened_at < last))
        self.today.add("accounts", tables.account_rows(chunk, last, _news(books, last)))

    def _facts(self, chunk: Chunk, liked: Ints, planned: Floats, concentrated: Bools) -> None:
        books, people, numbers = chunk.books, chunk.people, chunk.people.numbers
        random = self._random("trades", numbers)
        trades = trading.make_trades(random, people, books, self.market, liked, planned)
        figures = DayFigures.of(chunk, trades, self.scale.dense_days)
        last = len(self.timeline) - 1
        for parcel, day in ((self.history, last - 1), (self.today, last)):
            held = self._random("held", numbers)  # the same on both days: only prices and money move
            holdings = trading.make_holdings(held, books, self.market, liked, day, concentrated)
            figures.set_invested(day, holdings)
            parcel.add("positions", tables.position_rows(chunk, self.market, holdings, day))
            parcel.add("entitlements", entitlement_rows(chunk, self.market, holdings, day))
        self.history.add("daily_metrics", tables.metric_rows(chunk, figures, 0, last))
        self.today.add("daily_metrics", tables.metric_rows(chunk, figures, last, last + 1))
        running = self._numbers("trades", len(trades))
        for parcel, chosen in self._split(trades.day):
            parcel.add("trades", tables.trade_rows(chunk, self.market, trades, chosen, running))
        bought = trading.make_purchases(self._random("bought", numbers), people, books, self.timeline)
        running = self._numbers("purchases", len(bought.day))
        for parcel, chosen in self._split(bought.day, every_day=True):
            parcel.add("product_purchases", tables.purchase_rows(chunk, bought, chosen, running))
        events = make_events(books, people, figures.money_in, figures.money_out)
        running = self._numbers("events", len(events))
        for parcel, chosen in self._split(events.day):
            parcel.add("account_events", tables.event_rows(chunk, events, chosen, running))

    def _numbers(self, kind: str, count: int) -> Ints:
        first = self.given[kind] + 1
        self.given[kind] += count
        return np.arange(first, first + count)

    def _split(self, day: Ints, *, every_day: bool = False) -> list[tuple[Parcel, Bools]]:
        """Return which rows belong to which delivery; days long past are told only if `every_day`."""
        last = len(self.timeline) - 1
        told = np.ones(len(day), bool) if every_day else day > last - self.scale.told_days
        return [(self.history, told & (day < last)), (self.today, day == last)]


def _news(rows: People | Books, last: int) -> Bools:
    """Return what was opened or closed on the last day."""
    return np.asarray((rows.opened_at == last) | (rows.left_at == last))
