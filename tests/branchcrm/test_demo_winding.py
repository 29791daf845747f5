"""Who leaves the demonstration branch mostly shows it for weeks, some do not, and some who stay look just the same."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from branchcrm.demo.books import Books, open_books
from branchcrm.demo.people import People, make_people
from branchcrm.demo.scale import NOT_YET, Bools, Scale, Timeline
from branchcrm.demo.winding import BEGINS, LEAST, Restless, wind_down
from office.dates import TradingCalendar

AS_OF = date(2026, 8, 21)
Told = tuple[People, Books, Restless, Timeline]


@pytest.fixture
def told(calendar: TradingCalendar) -> Told:
    """Two thousand clients and what they did, as a branch is told."""
    return _told(calendar)


def _told(calendar: TradingCalendar) -> Told:
    scale, numbers = Scale(AS_OF, 2_000), np.arange(1, 2_001)
    timeline = Timeline.until(AS_OF, calendar)
    people = make_people(scale.random("people"), numbers, timeline, calendar.sessions)
    books = open_books(scale.random("books"), people, timeline)
    books.money_out[:] = 0  # what goes out by chance apart
    return people, books, wind_down(scale.random("winding"), people, books, timeline), timeline


def _drew(people: People, books: Books) -> Bools:
    drew = (books.money_out >= LEAST).any(axis=1)
    return np.bincount(books.owner, drew, len(people)) > 0


def test_two_in_three_of_those_who_leave_wind_down_and_the_others_show_nothing(told: Told) -> None:
    people, books, restless, _ = told
    leaves = people.leaves_at != NOT_YET
    shows = restless.begins_at != NOT_YET
    assert 0.55 < shows[leaves].mean() < 0.78
    assert not _drew(people, books)[leaves & ~shows].any()
    ahead = (people.leaves_at - restless.begins_at)[leaves & shows & (restless.begins_at > 0)]
    assert BEGINS[0] <= ahead.min() <= ahead.max() < BEGINS[1]
    drew, less = _drew(people, books)[leaves & shows], (books.slack_from < NOT_YET)[: len(people)][leaves & shows]
    assert {(bool(one), bool(other)) for one, other in zip(drew, less, strict=True)} >= {(True, True), (True, False)}


def test_more_who_stay_than_who_leave_look_restless(told: Told) -> None:
    people, books, restless, _ = told
    stays = people.leaves_at == NOT_YET
    shows = restless.begins_at != NOT_YET
    assert 0.14 < shows[stays].mean() < 0.22
    assert _drew(people, books)[stays].sum() > _drew(people, books)[~stays].sum() > 0


def test_some_who_are_still_there_will_leave_in_the_next_quarter(told: Told) -> None:
    people, books, _, timeline = told
    later = (people.leaves_at != NOT_YET) & (people.left_at == NOT_YET)
    assert later.sum() > 5
    assert (people.leaves_at[later] < len(timeline) + 60).all()
    assert not (books.money_out[:, -1] > 0).any()  # the last day is told by itself


def test_the_same_seed_winds_down_alike(told: Told, calendar: TradingCalendar) -> None:
    again = _told(calendar)
    assert (told[1].money_out == again[1].money_out).all()
    assert (told[2].begins_at == again[2].begins_at).all()
