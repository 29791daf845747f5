"""How clients wind down for weeks before they leave, how some leave without a sign, and who only looks like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchcrm.demo.books import Books
from branchcrm.demo.people import People
from branchcrm.demo.scale import NOT_YET, Bools, Floats, Ints, Timeline

SHOWN_SHARE = 2 / 3  # of those who leave wind down; the others go without a sign
ALIKE_SHARE = 0.2  # of those who stay do much the same once: a flat is bought, a year is busy
BEGINS = (8, 70)  # trading days before they leave
RESTLESS_DAYS = 40  # for which those who stay trade less
LEAST, MOST = 0.25, 0.75  # share of the assets that goes at once
DRAWN_WITHIN = 25  # trading days
DRAWS = 3
# How many of those who leave, and of those who only look like it, show each sign.
DRAW_SHARES, SLACK_SHARES, MOVED_SHARES = (0.75, 0.6), (0.6, 0.35), (0.15, 0.03)


@dataclass(frozen=True)
class Restless:
    """Who is restless and from which day on: one value per client, day indexes; NOT_YET for who never is."""

    begins_at: Ints
    leaves: Bools


def wind_down(random: np.random.Generator, people: People, books: Books, timeline: Timeline) -> Restless:
    """Let clients become restless: draw money, trade less, move securities, each in a mixture of his own.

    Nothing of it falls on the last day, which is told by itself.
    """
    restless = _who(random, people, timeline)
    last = len(timeline) - 1
    there = restless.begins_at != NOT_YET
    begins_at = np.where(there, restless.begins_at, 0)
    ends_at = np.where(restless.leaves, people.leaves_at, begins_at + RESTLESS_DAYS)
    slack = there & _chosen(random, restless, SLACK_SHARES)
    books.restless_at[:] = restless.begins_at[books.owner]
    books.slack_from[:] = np.where(slack, begins_at, NOT_YET)[books.owner]
    books.slack_until[:] = np.where(slack, ends_at, NOT_YET)[books.owner]
    draws, moves = (there & _chosen(random, restless, shares) for shares in (DRAW_SHARES, MOVED_SHARES))
    for place in range(DRAWS):
        goes = draws & (random.random(len(people)) < 1 / (1 + place))
        _take_out(random, books, begins_at, np.minimum(ends_at, last), goes)
    rows, days = _take_out(random, books, begins_at, np.minimum(ends_at, last), moves)
    books.moved[rows, days] = True
    return restless


def _who(random: np.random.Generator, people: People, timeline: Timeline) -> Restless:
    leaves = people.leaves_at != NOT_YET
    drawn, before = random.random(len(people)), random.integers(*BEGINS, len(people))
    some_day = random.integers(0, len(timeline), len(people))
    alike = ~leaves & (people.opened_at < 0) & (drawn < ALIKE_SHARE)
    begins_at = np.where(leaves & (drawn < SHOWN_SHARE), np.maximum(people.leaves_at - before, 0), NOT_YET)
    return Restless(np.where(alike, some_day, begins_at), leaves)


def _chosen(random: np.random.Generator, restless: Restless, shares: tuple[float, float]) -> Bools:
    return np.asarray(random.random(len(restless.leaves)) < np.where(restless.leaves, *shares))


def _take_out(
    random: np.random.Generator, books: Books, begins_at: Ints, ends_at: Ints, goes: Bools
) -> tuple[Ints, Ints]:
    """Let a part of the assets of the clients in `goes` leave all their accounts on one day; return accounts, days."""
    share: Floats = random.uniform(LEAST, MOST, len(goes))
    later = random.integers(0, DRAWN_WITHIN, len(goes))
    day = begins_at + later
    goes = goes & (day < ends_at)
    rows = np.flatnonzero(goes[books.owner])
    days = day[books.owner[rows]]
    books.money_out[rows, days] = share[books.owner[rows]]
    return rows, days
