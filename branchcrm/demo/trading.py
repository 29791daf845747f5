"""What was bought and sold: single trades, and the products the branch sold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchcrm.demo.books import FEN, Books, trading_chance
from branchcrm.demo.market import PRODUCTS, Market
from branchcrm.demo.people import People, Style
from branchcrm.demo.scale import Bools, Days, Floats, Ints, Timeline

FAVOURITES = 8  # securities an account turns to
LEAST_COMMISSION_FEN = 500  # per trade
FEES_PER_MILLION = 54.1  # of the amount: 经手费 34.1, 证管费 20
LOT = 100  # shares
RESTLESS_BUYS = 0.15  # of the trades of those who wind down; else one in two


@dataclass
class Trades:
    """One value per trade, ordered by account and day; money is whole fen."""

    account: Ints
    day: Ints
    security: Ints  # row of the market
    is_buy: Bools
    quantity: Ints
    amount: Ints
    commission: Ints

    def __len__(self) -> int:
        return len(self.account)

    def per_day(self, values: Ints, shape: tuple[int, ...]) -> Ints:
        """Return the sums of `values` by account (row) and day (column)."""
        place = self.account * shape[1] + self.day
        return np.bincount(place, values, shape[0] * shape[1]).astype(np.int64).reshape(shape)


def favourites(random: np.random.Generator, count: int, securities: int) -> Ints:
    """Return the securities each account turns to (accounts × FAVOURITES); the first is the dearest to it."""
    return np.asarray(random.random((count, securities)).argpartition(FAVOURITES, axis=1)[:, :FAVOURITES])


def make_trades(
    random: np.random.Generator, people: People, books: Books, market: Market, liked: Ints, planned: Floats
) -> Trades:
    """Make the trades of these accounts.

    `planned` (accounts × days) forces one purchase of a share of the assets; 0 forces none.
    """
    chance = trading_chance(random, people, books, market)
    trades = (random.random(chance.shape) < chance) | (planned > 0)
    account, day = np.nonzero(trades)
    size = _day_size(random, people, books)[account] * np.exp(random.normal(0, 0.7, len(account)))
    wanted = books.total[account, day] / FEN * np.minimum(size, 0.8)
    forced = planned[account, day]
    wanted = np.where(forced > 0, books.total[account, day] / FEN * forced, wanted)
    times = np.where(forced > 0, 1, 1 + random.poisson(0.5, len(account)))
    account, day = np.repeat(account, times), np.repeat(day, times)
    wanted = np.repeat(wanted / times, times) * np.exp(random.normal(0, 0.25, len(account)))
    lean = np.where(books.slack_days()[account, day], RESTLESS_BUYS, 0.5)
    is_buy = (random.random(len(account)) < lean) | (np.repeat(forced, times) > 0)
    favourite = np.minimum(random.geometric(0.35, len(account)) - 1, FAVOURITES - 1)
    security = liked[account, favourite]
    price = market.prices[security, day]
    quantity = np.maximum(np.rint(wanted * FEN / price / LOT), 1).astype(np.int64) * LOT
    amount = quantity * price
    rate = _rates(random, people, books)[account]
    commission = np.maximum(np.rint(amount * rate).astype(np.int64), LEAST_COMMISSION_FEN)
    return Trades(account, day, security, is_buy, quantity, amount, commission)


def _day_size(random: np.random.Generator, people: People, books: Books) -> Floats:
    """Return what part of the assets an account turns over on a day of trading: the richer, the smaller."""
    middle = np.array([0.22, 0.09, 0.06, 0.12])[people.style[books.owner]]
    wealth = np.maximum(books.wealth, 5_000)
    return np.asarray(middle * (wealth / 120_000) ** -0.3 * np.exp(random.normal(0, 0.3, len(books))))


def _rates(random: np.random.Generator, people: People, books: Books) -> Floats:
    """Return the commission rate of each account, a fraction: 万1.5 for the rich, up to 万8 for old small ones."""
    rich = np.log10(np.maximum(books.wealth, 1_000)) - 5  # 0 at 100,000 yuan
    rate = 0.0003 * np.exp(-0.25 * rich + random.normal(0, 0.3, len(books)))
    return np.asarray(np.round(np.clip(rate, 0.00012, 0.0008), 6))


def fees(amount: Ints) -> Ints:
    """Return what of a turnover goes to the exchange and the regulator, in fen."""
    return np.asarray(np.rint(amount * (FEES_PER_MILLION / 1e6)).astype(np.int64))


@dataclass
class Purchases:
    """One value per purchase of a product."""

    account: Ints
    day: Ints
    product: Ints  # place in PRODUCTS
    amount: Ints  # fen
    matures_on: Days  # NaT for open-ended ones


def make_purchases(random: np.random.Generator, people: People, books: Books, timeline: Timeline) -> Purchases:
    """Make the product purchases of these accounts, some maturing in the next two weeks."""
    style = people.style[books.owner]
    often = np.array([0.0008, 0.0018, 0.0085, 0.0])[style] * ~books.is_credit
    rich = books.total > 3_000 * FEN
    account, day = np.nonzero((random.random(books.total.shape) < often[:, None]) & rich)
    product = random.integers(0, len(PRODUCTS), len(account))
    account, day, product = _soon_maturing(people, books, timeline, account, day, product)
    least = np.array([each.least_yuan for each in PRODUCTS], np.int64)[product]
    wealth = np.maximum(books.wealth[account], 5_000)
    share = (wealth / 120_000) ** -0.3 * np.exp(random.normal(-1.9, 0.5, len(account)))
    wanted = np.rint(books.total[account, day] / FEN * np.minimum(share, 0.6) / 1_000).astype(np.int64) * 1_000
    kept = wanted >= least
    account, day, product, wanted = account[kept], day[kept], product[kept], wanted[kept]
    term = np.array([each.days for each in PRODUCTS], np.int64)[product]
    matures = timeline.sessions[day] + term.astype("timedelta64[D]")
    matures[term == 0] = np.datetime64("NaT")
    return Purchases(account, day, product, wanted * FEN, matures)


def _soon_maturing(
    people: People, books: Books, timeline: Timeline, account: Ints, day: Ints, product: Ints
) -> tuple[Ints, Ints, Ints]:
    """Add a purchase to a few buyers, made just so long ago that its term ends in the coming days."""
    buyers = np.flatnonzero((people.style[books.owner] == Style.BUYER) & (books.total[:, 0] > 200_000 * FEN))[:14]
    place = np.arange(len(buyers))
    which = place % 4  # the four with the shortest terms
    term = np.array([PRODUCTS[each].days for each in which], "timedelta64[D]")
    bought = np.searchsorted(timeline.sessions, timeline.last + (place + 1).astype("timedelta64[D]") - term)
    keep = (bought >= 0) & (bought < len(timeline))
    return (
        np.concatenate([account, buyers[keep]]),
        np.concatenate([day, bought[keep]]),
        np.concatenate([product, which[keep]]),
    )


@dataclass
class Holdings:
    """What each account holds at the close of one day; one value per position."""

    account: Ints
    security: Ints
    quantity: Ints
    cost: Ints  # fen per share
    price: Ints
    value: Ints  # fen


def make_holdings(
    random: np.random.Generator, books: Books, market: Market, liked: Ints, day: int, concentrated: Bools
) -> Holdings:
    """Split what an account has in securities over its favourites; `concentrated` ones hold nearly one alone."""
    wanted = (books.total[:, day] * books.equity).astype(np.int64)
    held = random.integers(1, FAVOURITES + 1, len(books))
    weight = random.gamma(1.1, 1.0, (len(books), FAVOURITES)) * (np.arange(FAVOURITES) < held[:, None])
    weight[:, 0] += 0.2 + 12.0 * concentrated
    weight /= weight.sum(axis=1, keepdims=True)
    price = market.prices[liked, day]
    lots = np.floor(wanted[:, None] * weight / price / LOT).astype(np.int64)
    account, place = np.nonzero(lots)
    price = price[account, place]
    bought = np.maximum(np.rint(price * np.exp(random.normal(0.03, 0.22, len(account)))), 1).astype(np.int64)
    quantity = lots[account, place] * LOT
    return Holdings(account, liked[account, place], quantity, bought, price, quantity * price)
