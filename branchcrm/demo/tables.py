"""The rows of the feed: what a chunk of clients did, as columns of the counter's files."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from branchcrm.demo import lines
from branchcrm.demo.books import Books, inflows, outflows
from branchcrm.demo.events import KINDS, NOTES, Events
from branchcrm.demo.identities import sequence
from branchcrm.demo.lines import Cells
from branchcrm.demo.market import PRODUCTS, Market
from branchcrm.demo.people import People, Style
from branchcrm.demo.scale import Bools, Ints, Texts, Timeline
from branchcrm.demo.trading import Holdings, Purchases, Trades, fees

PERSON_COLUMNS = (
    "gender", "region", "occupation", "education_level", "risk_level", "id_type", "id_no", "phone", "email",
    "service_mode",
)  # fmt: skip
DATE_COLUMNS = ("risk_eval_date", "risk_valid_to", "id_valid_to", "first_market_entry_on")


@dataclass
class Rows:
    """The rows of one file of one chunk: named columns, and the sums that the manifest tells, in fen or rows."""

    columns: dict[str, Cells]
    totals: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


@dataclass(frozen=True)
class Chunk:
    """Some clients of one branch with everything they did."""

    code: str
    timeline: Timeline
    people: People
    books: Books
    client_no: Texts
    account_no: Texts

    @classmethod
    def of(cls, code: str, timeline: Timeline, people: People, books: Books) -> Chunk:
        """Number the accounts after their owners; credit accounts have a kind of their own."""
        client_no = sequence(code, people.numbers)
        numbers = people.numbers[books.owner]
        account_no = np.where(books.is_credit, sequence(code, numbers, "2"), sequence(code, numbers, "1"))
        return cls(code, timeline, people, books, client_no, account_no)

    def accounts(self, at: Ints) -> Cells:
        """Return the account numbers of these rows of the books."""
        return lines.texts(self.account_no)[at]

    def sessions(self, at: Ints) -> Cells:
        """Return the dates of these day indexes."""
        return lines.days(self.timeline.sessions)[at]


def client_rows(chunk: Chunk, day: int, chosen: Bools) -> Rows:
    """Return the archive of the chosen clients as the counter knows it at the close of `day`."""
    people = chunk.people
    count = len(people)
    status = np.where(people.style == Style.IDLE, 1, 0)
    status[(people.style == Style.IDLE) & (people.wealth < 500)] = 2
    status[people.left_at <= day] = 3
    columns = {
        "client_id": lines.texts(chunk.client_no),
        "branch_no": lines.constant(chunk.code, count),
        "client_name": lines.texts(people.texts["client_name"]),
        "client_type": lines.whole(people.kind),
        "birth_date": lines.days(people.births),
        "open_date": lines.days(people.opened),
        "status": lines.picked(("normal", "inactive", "zero", "closed"), status),
        **{name: lines.texts(people.texts[name]) for name in PERSON_COLUMNS},
        **{name: lines.days(people.dates[name]) for name in DATE_COLUMNS},
    }
    return Rows({name: cells[chosen] for name, cells in columns.items()}, {"clients": int(chosen.sum())})


def account_rows(chunk: Chunk, day: int, chosen: Bools) -> Rows:
    """Return the chosen accounts as the counter knows them at the close of `day`."""
    books, people = chunk.books, chunk.people
    closed = books.left_at <= day
    close_dates = np.full(len(books), np.datetime64("NaT"), "datetime64[D]")
    close_dates[closed] = chunk.timeline.sessions[books.left_at[closed]]
    columns = {
        "account_no": lines.texts(chunk.account_no),
        "client_id": lines.texts(chunk.client_no)[books.owner],
        "branch_no": lines.constant(chunk.code, len(books)),
        "account_type": lines.picked(("securities", "credit"), books.is_credit.astype(np.int64)),
        "open_date": lines.days(people.opened[books.owner]),
        "close_date": lines.days(close_dates),
        "status": lines.picked(("normal", "closed"), closed.astype(np.int64)),
    }
    return Rows({name: cells[chosen] for name, cells in columns.items()}, {"accounts": int(chosen.sum())})


@dataclass(frozen=True)
class DayFigures:
    """What every account did and had on every day (accounts × days), in fen."""

    commission: Ints
    turnover: Ints
    count: Ints
    money_in: Ints
    money_out: Ints
    invested: Ints
    told: Bools  # which days have a row

    @classmethod
    def of(cls, chunk: Chunk, trades: Trades, dense_days: int) -> DayFigures:
        """Sum up the trades and decide which days are told."""
        books, shape = chunk.books, chunk.books.total.shape
        count = trades.per_day(np.ones(len(trades), np.int64), shape)
        came, went = inflows(books), outflows(books)
        dense = np.arange(shape[1]) >= shape[1] - dense_days
        dense = dense | books.watched_days()
        told = books.open_days() & (dense | chunk.timeline.month_ends() | (count > 0) | (came > 0) | (went > 0))
        invested = (books.total * books.equity[:, None]).astype(np.int64)
        return cls(
            trades.per_day(trades.commission, shape), trades.per_day(trades.amount, shape), count,
            came, went, invested, told,
        )  # fmt: skip

    def set_invested(self, day: int, holdings: Holdings) -> None:
        """Make the invested money of a day what the positions say."""
        sums = np.bincount(holdings.account, holdings.value, len(self.invested))
        self.invested[:, day] = sums.astype(np.int64)


def metric_rows(chunk: Chunk, figures: DayFigures, first: int, end: int) -> Rows:
    """Return the account days from day index `first` to before `end`."""
    books = chunk.books
    account, day = np.nonzero(figures.told[:, first:end])
    day = day + first
    total, turnover = books.total[account, day], figures.turnover[account, day]
    commission, invested = figures.commission[account, day], figures.invested[account, day]
    last = np.append(account[1:] != account[:-1], True) if len(account) else np.empty(0, bool)
    columns = {
        "date": chunk.sessions(day),
        "account_no": chunk.accounts(account),
        "commission": lines.money(commission),
        "turnover": lines.money(turnover),
        "total_assets": lines.money(total),
        "available_cash": lines.money(total - invested),
        "market_value": lines.money(invested),
        "exchange_fees": lines.money(np.minimum(fees(turnover), commission)),
        "restricted_mv": lines.money((invested * books.restricted_share[account]).astype(np.int64)),
        "margin_debt": lines.money((total * books.debt_share[account]).astype(np.int64)),
        "trade_count": lines.whole(figures.count[account, day]),
        "inflow": lines.money(figures.money_in[account, day]),
        "outflow": lines.money(figures.money_out[account, day]),
    }
    totals = {
        "metric_rows": len(account), "commission": int(commission.sum()), "turnover": int(turnover.sum()),
        "latest_total_assets": int(total[last].sum()),
    }  # fmt: skip
    return Rows(columns, totals)


def trade_rows(chunk: Chunk, market: Market, trades: Trades, chosen: Bools, numbers: Ints) -> Rows:
    """Return the chosen trades; `numbers` are the running numbers of all of them."""
    at, day, security = trades.account[chosen], trades.day[chosen], trades.security[chosen]
    columns = {
        "trade_id": _numbered("T", chunk.code, numbers[chosen]),
        "date": chunk.sessions(day),
        "account_no": chunk.accounts(at),
        "sec_code": lines.texts(market.codes)[security],
        "sec_name": lines.texts(market.names)[security],
        "side": lines.picked(("S", "B"), trades.is_buy[chosen].astype(np.int64)),
        "quantity": lines.whole(trades.quantity[chosen]),
        "price": lines.money(market.prices[security, day]),
        "amount": lines.money(trades.amount[chosen]),
        "commission": lines.money(trades.commission[chosen]),
    }
    return Rows(columns, {"trades": int(chosen.sum()), "trade_amount": int(trades.amount[chosen].sum())})


def purchase_rows(chunk: Chunk, bought: Purchases, chosen: Bools, numbers: Ints) -> Rows:
    """Return the chosen purchases of products."""
    at, product = bought.account[chosen], bought.product[chosen]
    columns = {
        "purchase_id": _numbered("P", chunk.code, numbers[chosen]),
        "date": chunk.sessions(bought.day[chosen]),
        "account_no": chunk.accounts(at),
        "client_id": lines.texts(chunk.client_no)[chunk.books.owner[at]],
        "product_code": lines.picked([each.code for each in PRODUCTS], product),
        "product_name": lines.picked([each.name for each in PRODUCTS], product),
        "product_type": lines.picked([each.kind for each in PRODUCTS], product),
        "amount": lines.money(bought.amount[chosen]),
        "status": lines.constant("purchased", len(at)),
        "matures_on": lines.days(bought.matures_on[chosen]),
    }
    return Rows(columns, {"purchases": len(at), "purchase_amount": int(bought.amount[chosen].sum())})


def position_rows(chunk: Chunk, market: Market, holdings: Holdings, day: int) -> Rows:
    """Return what is held at the close of `day`."""
    there = chunk.books.open_days()[holdings.account, day]
    at, security = holdings.account[there], holdings.security[there]
    columns = {
        "date": chunk.sessions(np.full(len(at), day)),
        "account_no": chunk.accounts(at),
        "sec_code": lines.texts(market.codes)[security],
        "sec_name": lines.texts(market.names)[security],
        "quantity": lines.whole(holdings.quantity[there]),
        "cost_price": lines.money(holdings.cost[there]),
        "price": lines.money(holdings.price[there]),
        "market_value": lines.money(holdings.value[there]),
    }
    return Rows(columns)


def event_rows(chunk: Chunk, events: Events, chosen: Bools, numbers: Ints) -> Rows:
    """Return the chosen events."""
    at = events.account[chosen]
    amounts = lines.money(events.amount[chosen])
    amounts[events.amount[chosen] == 0] = 0
    columns = {
        "event_id": _numbered("E", chunk.code, numbers[chosen]),
        "date": chunk.sessions(events.day[chosen]),
        "account_no": chunk.accounts(at),
        "client_id": lines.texts(chunk.client_no)[chunk.books.owner[at]],
        "event_type": lines.picked(KINDS, events.kind[chosen]),
        "amount": amounts,
        "note": lines.picked(NOTES, events.kind[chosen]),
    }
    return Rows(columns)


def _numbered(letter: str, code: str, numbers: Ints) -> Cells:
    return np.hstack([lines.constant(letter + code, len(numbers)), lines.padded(numbers, 9)])
