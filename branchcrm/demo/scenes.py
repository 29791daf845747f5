"""What must have happened by the last day, so that the morning after it shows every kind of event."""

from __future__ import annotations

import numpy as np

from branchcrm.demo.books import FEN, Books, settle
from branchcrm.demo.market import Market
from branchcrm.demo.people import People, Style
from branchcrm.demo.scale import NOT_YET, Bools, Floats, Ints, Timeline

CALM = (60, 120, 250)  # trading days after which somebody who trades no more is asked why
LADDER = (300_000, 1_000_000, 3_000_000, 10_000_000)  # yuan: where a tier begins
TRIAL_DAYS = 30  # calendar days after which somebody who never traded is asked


def set_newcomers(people: People, timeline: Timeline) -> None:
    """Let some accounts be opened in the last days."""
    last = len(timeline) - 1
    month_ago = int(np.searchsorted(timeline.sessions, timeline.last - np.timedelta64(TRIAL_DAYS, "D")))
    wanted = [last, last, last - 1, last - 3, last - 4, last - 6, last - 6, month_ago, month_ago + 1, month_ago - 1]
    new = np.flatnonzero((people.opened_at >= 0) & (people.left_at == NOT_YET))[: len(wanted)]
    people.opened_at[new] = np.maximum(wanted[: len(new)], 0)
    people.opened[new] = timeline.sessions[people.opened_at[new]]
    people.wealth[new] = np.maximum(people.wealth[new], 40_000)
    for name in ("risk_eval_date", "first_market_entry_on"):
        people.dates[name][new] = np.where(
            np.isnat(people.dates[name][new]), people.dates[name][new], people.opened[new]
        )


def set_first_steps(people: People, books: Books, timeline: Timeline) -> Floats:
    """Let the newcomers bring their first money and trade for the first time; return planned purchases.

    The purchases are shares of the assets (accounts × days), 0 where none is planned.
    """
    last = len(timeline) - 1
    planned = np.zeros((len(books), len(timeline)))
    new = np.flatnonzero((people.opened_at >= 0) & (people.left_at == NOT_YET))[:10]
    funded = [last + 9, last + 9, last + 9, last, last, last - 5, last - 5, *people.opened_at[new[7:]]]
    books.funded_at[new] = funded[: len(new)]
    books.first_trade_at[new] = last + 9
    planned[new[5:7], last] = 0.3
    return planned


def set_flows(people: People, books: Books, market: Market) -> None:
    """Let large sums come and go on the last day, some of which lift a client over a line."""
    settle(books, market)
    total, last = books.total, books.noise.shape[1] - 1
    steady = books.funded_days()[:, last] & (books.opened_at < 0) & ~books.is_credit
    size = total[:, last] / FEN
    rich, middle = np.flatnonzero(steady & (size > 1.2e6)), np.flatnonzero(steady & (size > 2e5) & (size < 8e5))
    few = max(2, len(books) // 900)
    books.money_in[rich[2 : 2 + few], last] = 0.35
    books.money_in[middle[2 : 2 + few], last] = 0.9
    books.money_out[rich[20 : 20 + few], last] = 0.4
    books.money_out[middle[20 : 20 + few], last] = 0.55
    sleepers = np.flatnonzero(steady & (people.style[books.owner] == Style.IDLE) & (size > 500) & (size < 30_000))[:few]
    books.money_in[sleepers, last] = 30.0
    _lift(books, total, last)


def _lift(books: Books, total: Ints, last: int) -> None:
    """Let money come to those who stood just below a line all month, so that their average passes it today."""
    month = total[:, max(last - 19, 0) : last] / FEN
    for line in LADDER:
        mean = month.mean(axis=1)
        below = np.flatnonzero((month.min(axis=1) > 0.9 * line) & (mean < 0.985 * line) & ~books.is_credit)
        chosen = below[np.argsort(-mean[below], kind="stable")][:3]  # whom the least is missing
        need = 20 * 1.01 * line - month[chosen].sum(axis=1)
        books.money_in[chosen, last] = need / (total[chosen, last] / FEN)
        books.money_out[chosen, last] = 0.0
    near = np.flatnonzero((total[:, last] > 7e6 * FEN) & (total.max(axis=1) < 9.9e6 * FEN))[:2]
    books.money_in[near, last] = 10.6e6 * FEN / total[near, last] - 1


def set_calm(people: People, books: Books, planned: Floats) -> None:
    """Let some have traded for the last time long ago."""
    last = books.noise.shape[1] - 1
    steady = books.funded_days()[:, last] & (books.opened_at < 0) & ~books.is_credit
    holders = np.flatnonzero(steady & (people.style[books.owner] == Style.HOLDER) & (books.total[:, 0] > 20_000 * FEN))
    for place, days in enumerate(CALM):
        for offset in (0, 1):
            chosen = holders[30 + 6 * place + 3 * offset :][:3]
            day = last - days + offset
            if day >= 0 and len(chosen):
                planned[chosen, day] = 0.05
                books.silent_at[chosen] = day + 1


def set_excitement(people: People, books: Books, planned: Floats) -> Bools:
    """Plan large purchases and surges of trading on the last day; return who holds nearly one security."""
    last = books.noise.shape[1] - 1
    steady = books.funded_days()[:, last] & (books.opened_at < 0) & ~books.is_credit & (books.total[:, last] > 3e6)
    holders = np.flatnonzero(steady & (people.style[books.owner] == Style.HOLDER))
    traders = np.flatnonzero(steady & (people.style[books.owner] == Style.TRADER))
    few = max(2, len(books) // 1_200)
    planned[holders[5 : 5 + few], last] = 0.65
    planned[traders[3 : 3 + few], last] = 1.4
    concentrated = np.zeros(len(books), bool)
    concentrated[holders[::9]] = True
    concentrated[holders[5 : 5 + few]] = True
    return concentrated
