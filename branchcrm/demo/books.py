"""What lies in the accounts, day by day: prices move it, money comes and goes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from branchcrm.demo.market import Market
from branchcrm.demo.people import People, Style
from branchcrm.demo.scale import NOT_YET, Bools, Floats, Ints, Timeline

MARGIN_SHARE = 0.06  # of the clients have a credit account beside the other
DEBT_SHARES = (0.15, 0.5)  # of the credit account's total assets
RESTRICTED_SHARE = 0.008  # of the accounts hold locked shares
CREDIT_PART = (0.25, 0.8)  # assets of the credit account, as a part of the other one
FEN = 100
WATCHED = 60  # trading days before and after somebody becomes restless
SLACK = 0.12  # part of his usual trading that is left while a client is restless


@dataclass
class Books:
    """One row per account, one column per session where two-dimensional; money is whole fen."""

    owner: Ints  # row of the client
    is_credit: Bools
    opened_at: Ints  # day index, −1 before the history
    funded_at: Ints  # day index of the first money, −1 before the history
    left_at: Ints
    wealth: Floats  # yuan at the start
    equity: Floats  # share held in securities, 0 to 1
    noise: Floats
    money_in: Floats  # share of the assets that comes in on a day
    money_out: Floats
    debt_share: Floats
    restricted_share: Floats
    first_trade_at: Ints  # day index before which nobody trades of himself
    silent_at: Ints  # day index from which nobody does
    restless_at: Ints  # day index from which he may wind down, NOT_YET for never
    slack_from: Ints  # day indexes between which he trades less, NOT_YET for never
    slack_until: Ints
    moved: Bools  # on which days what goes out goes as securities (two-dimensional)
    total: Ints = field(default_factory=lambda: np.empty((0, 0), np.int64))

    def __len__(self) -> int:
        return len(self.owner)

    def days(self, at: Ints) -> Bools:
        """Return for each account which days lie at or after its day index `at`."""
        return np.asarray(np.arange(self.noise.shape[1]) >= at[:, None])

    def slack_days(self) -> Bools:
        """Return on which days each account trades less than usual."""
        return np.asarray(self.days(self.slack_from) & ~self.days(self.slack_until))

    def watched_days(self) -> Bools:
        """Return the days around a winding down, on which every account is told: what fell is seen from an average."""
        return np.asarray(
            self.days(self.restless_at - WATCHED)
            & ~self.days(np.minimum(self.restless_at, NOT_YET - WATCHED) + WATCHED)
        )

    def open_days(self) -> Bools:
        """Return on which days each account is open."""
        return np.asarray(self.days(self.opened_at) & ~self.days(self.left_at))

    def funded_days(self) -> Bools:
        """Return on which days there is money in each account."""
        return np.asarray(self.days(self.funded_at) & ~self.days(self.left_at))


def open_books(random: np.random.Generator, people: People, timeline: Timeline) -> Books:
    """Open the accounts of these clients, a credit account beside some of them, and plan their money."""
    credit = (random.random(len(people)) < MARGIN_SHARE) & (people.wealth > 200_000) & (people.opened_at < 0)
    owner = np.concatenate([np.arange(len(people)), np.flatnonzero(credit)])
    is_credit = np.arange(len(owner)) >= len(people)
    count, days = len(owner), len(timeline)
    part = np.where(is_credit, random.uniform(*CREDIT_PART, count), 1.0)
    opened_at = people.opened_at[owner]
    style = people.style[owner]
    waits = np.where(random.random(count) < 0.25, random.integers(3, 200, count), random.integers(0, 4, count))
    equity = np.clip(random.beta(2.2, 1.4, count) * np.array([1.0, 1.0, 0.55, 0.7])[style], 0.02, 0.97)
    activity = np.array([0.018, 0.007, 0.009, 0.0012])[style][:, None]
    chance = random.random((count, days))
    size = np.exp(random.normal(-2.6, 0.9, (count, days)))
    money_out = np.where(chance > 1 - activity, np.minimum(size, 0.45), 0.0)
    return Books(
        owner=owner,
        is_credit=is_credit,
        opened_at=opened_at,
        funded_at=np.where(opened_at < 0, -1, opened_at + waits),
        left_at=people.left_at[owner],
        wealth=people.wealth[owner] * part,
        equity=equity,
        noise=random.normal(0, 0.011, (count, days)),
        money_in=np.where(chance < activity, np.minimum(size, 1.5), 0.0),
        money_out=money_out,
        debt_share=np.where(is_credit, random.uniform(*DEBT_SHARES, count), 0.0),
        restricted_share=np.where(random.random(count) < RESTRICTED_SHARE, random.uniform(0.3, 0.8, count), 0.0),
        first_trade_at=np.zeros(count, np.int64),
        silent_at=np.full(count, NOT_YET),
        restless_at=np.full(count, NOT_YET),
        slack_from=np.full(count, NOT_YET),
        slack_until=np.full(count, NOT_YET),
        moved=np.zeros((count, days), bool),
    )


def settle(books: Books, market: Market) -> None:
    """Compute what is in every account at the close of every day, in fen."""
    moved = books.equity[:, None] * (market.returns + books.noise)
    moved += np.log1p(books.money_in) + np.log1p(-books.money_out)
    moved[~books.days(books.funded_at + 1)] = 0.0
    path = np.cumsum(moved, axis=1)
    yuan = books.wealth[:, None] * np.exp(path)
    books.total = np.where(books.funded_days(), np.rint(yuan * FEN), 0).astype(np.int64)


def inflows(books: Books) -> Ints:
    """Return what came in on each day in fen, whole hundreds of yuan; the first money comes in whole."""
    share = books.money_in / (1 + books.money_in)
    flows = _round(books.total * share) * books.days(books.funded_at + 1)
    new = np.flatnonzero((books.funded_at >= 0) & (books.funded_at < books.noise.shape[1]))
    flows[new, books.funded_at[new]] = books.total[new, books.funded_at[new]]
    return np.asarray(flows)


def outflows(books: Books) -> Ints:
    """Return what went out on each day in fen; who leaves takes everything along on the last day."""
    share = books.money_out / (1 - books.money_out)
    flows = _round(books.total * share) * books.days(books.funded_at + 1)
    gone = np.flatnonzero((books.left_at != NOT_YET) & (books.left_at > 0))
    flows[gone, books.left_at[gone] - 1] = books.total[gone, books.left_at[gone] - 1]
    return np.asarray(flows)


def _round(fen: Floats) -> Ints:
    return np.asarray((np.rint(fen / 10_000) * 10_000).astype(np.int64))


def trading_chance(random: np.random.Generator, people: People, books: Books, market: Market) -> Floats:
    """Return how likely each account trades on each day."""
    style = people.style[books.owner]
    middle = np.array([0.20, 0.05, 0.03, 0.0012])[style]
    keenness = np.minimum(middle * np.exp(random.normal(0, 0.8, len(books))), 0.9)
    keenness[people.kind[books.owner] > 0] *= 0.6
    chance = np.minimum(keenness[:, None] * market.mood, 0.97) * np.where(books.slack_days(), SLACK, 1.0)
    floor = np.where(style == Style.IDLE, 1_000, 100) * FEN
    may = books.days(books.first_trade_at) & ~books.days(books.silent_at)
    return np.asarray(chance * ((books.total > floor[:, None]) & may))
