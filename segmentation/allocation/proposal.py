"""From a branch's book to a proposal: which clients may move, and the best places for them."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from segmentation.allocation.book import NOBODY, Book, Ints, Managers, weekly_minutes
from segmentation.fit import Bools, Floats
from segmentation.matching import assign

LOW_FIT = 40.0  # points: below, a client may be offered a better match
BOOK_LIMIT = 0.05  # of a manager's book leave him by choice in one plan
BRANCH_LIMIT = 0.10  # of the branch's clients move by choice in one plan
RECENT_DAYS = 365  # a manager changed within a year is not changed lightly
HANDOVER, CORE_HANDOVER, RECENT_HANDOVER = 25.0, 60.0, 100.0  # points of fit a move must earn
CORE_UNASKED = 200.0  # points: a core client moved without having agreed


class Breadth(StrEnum):
    """How many clients a plan may touch; the codes of AllocationPlan.Kind."""

    DEPARTURE = "departure"  # only those who must move
    CANDIDATES = "candidates"  # and those whom something is wrong with: neglected, badly matched, with an overloaded
    FULL = "full"  # and everybody who would gain


class Reason(StrEnum):
    """Why a line is in a plan; the codes of PlanLine.Reason."""

    DEPARTED = "departed"
    UNASSIGNED = "unassigned"
    REFUSED = "refused"
    INTERIM = "interim"
    OVERLOAD = "overload"
    NEGLECTED = "neglected"
    LOW_FIT = "low_fit"
    BETTER_FIT = "better_fit"


@dataclass(frozen=True)
class Proposal:
    """Where everybody would be; arrays follow the rows of the book."""

    manager: Ints  # column, NOBODY for the pool
    reason: npt.NDArray[np.str_]  # a Reason, "" for who stays
    fit: Floats  # clients × managers
    minutes: Floats
    scope: Bools  # who was up for a move or a place; the plan is scored on these
    lower_bound: float  # of the matching's cost, proven
    cost: float

    @property
    def moved(self) -> Bools:
        """Which clients would change hands."""
        return np.asarray(self.reason != "")


def propose(book: Book, managers: Managers, fit: Floats, breadth: Breadth = Breadth.CANDIDATES) -> Proposal:
    """Place everybody who must or may move, within capacities and move limits; the rest stays where it is."""
    minutes = weekly_minutes(book.traits.grade, book.is_core)
    must, gone = must_move(book, managers), _left_behind(book, managers)
    may = _chosen(book, managers, fit, minutes, breadth) & ~must
    movable = must | may | _waiting(book, managers, minutes, must | may)
    where = np.where(must, NOBODY, book.current)
    worth = 1.0 + book.value[movable] / 100.0
    solved = assign(
        -_open(book, managers, fit, minutes, must)[movable] * worth[:, None],
        minutes[movable],
        residual_capacity(book, managers, minutes, movable, may),
        current=where[movable],
        move_cost=handover_cost(book)[movable] * worth,
        max_moves=int(np.ceil(BRANCH_LIMIT * len(book.ids))),
        key=book.ids[movable],
        quick=True,
    )
    where[movable] = solved.manager
    # Who has a manager keeps him where nobody else has room, even an interim one or one with too many clients.
    where = np.where((may | (book.is_interim & ~gone)) & (where == NOBODY), book.current, where)
    where = _within_book_limit(book, where, may, fit)
    reason = _reasons(book, managers, fit, minutes, where)
    return Proposal(where, reason, fit, minutes, movable, solved.lower_bound, solved.objective)


def _chosen(book: Book, managers: Managers, fit: Floats, minutes: Floats, breadth: Breadth) -> Bools:
    """Return who may move by choice: of a book no more than the limit, those who would gain most."""
    if breadth == Breadth.DEPARTURE or not len(managers.ids):
        return np.zeros(len(book.ids), dtype=bool)
    may = may_move(book, managers, fit, minutes)
    gain = gain_elsewhere(book, fit)
    if breadth == Breadth.FULL:
        may |= (book.current >= 0) & ~book.is_frozen & (gain > 0)
    # An overloaded manager must shed minutes, so all of his may move; the limit is kept when the plan is known.
    return np.asarray(may & (_with_overloaded(book, managers, minutes) | (_rank_in_book(book, may, gain) < 0)))


def gain_elsewhere(book: Book, fit: Floats) -> Floats:
    """Return the points each client's best other manager would gain, the handover paid; -inf without a manager."""
    rows = np.arange(len(book.ids))
    others = np.nan_to_num(fit, nan=-np.inf)
    own = np.nan_to_num(others[rows, np.maximum(book.current, 0)], neginf=0.0)
    others[rows, np.maximum(book.current, 0)] = -np.inf
    gain = (others.max(axis=1, initial=-np.inf) - own - handover_cost(book)) * (1.0 + book.value / 100.0)
    return np.where(book.current >= 0, gain, -np.inf)


def _rank_in_book(book: Book, some: Bools, gain: Floats) -> Ints:
    """Return the rank by gain of `some` clients in their manager's book, below 0 for those within the book limit."""
    rank = np.zeros(len(book.ids), dtype=np.int64)
    rows = np.flatnonzero(some & (book.current >= 0))
    order = rows[np.lexsort((book.client_no[rows], -gain[rows], book.current[rows]))]
    if not order.size:
        return rank
    column = book.current[order]
    starts = np.flatnonzero(np.append(True, column[1:] != column[:-1]))
    first = np.repeat(starts, np.diff(np.append(starts, order.size)))
    size = np.bincount(book.current[book.current >= 0])
    rank[order] = np.arange(order.size) - first - np.ceil(BOOK_LIMIT * size[column]).astype(np.int64)
    return rank


def _with_overloaded(book: Book, managers: Managers, minutes: Floats) -> Bools:
    overloaded = load_of(book.current, minutes, len(managers.ids)) > managers.capacity_minutes
    return np.asarray((book.current >= 0) & overloaded[np.maximum(book.current, 0)])


def _open(book: Book, managers: Managers, fit: Floats, minutes: Floats, must: Bools) -> Floats:
    """Return the fit without places that are full: who has too many minutes or clients takes nobody new.

    An interim owner is no proposal either: a plan looks for the final one. Staying with who neglected him costs a
    client as many points as a handover.
    """
    stay = np.where(must, NOBODY, book.current)
    load = load_of(stay, minutes, len(managers.ids))
    count = load_of(stay, np.ones(len(book.ids)), len(managers.ids))
    full = (load > managers.capacity_minutes) | (count >= managers.max_clients)
    held = np.arange(len(managers.ids)) == stay[:, None]
    interim = book.is_interim[:, None] & (np.arange(len(managers.ids)) == book.current[:, None])
    neglected = HANDOVER * (held & book.is_neglected[:, None])
    return np.where((full & ~held) | interim, np.nan, fit - neglected)


def must_move(book: Book, managers: Managers) -> Bools:
    """Return whose manager may not go on, is only an interim owner, or is not wanted by the client."""
    return np.asarray((book.current >= 0) & (_left_behind(book, managers) | book.is_interim | _refused_by(book)))


def _left_behind(book: Book, managers: Managers) -> Bools:
    """Return whose manager may not go on serving."""
    return np.asarray((book.current >= 0) & ~np.append(managers.can_keep, False)[book.current])


def _refused_by(book: Book) -> Bools:
    """Return which clients do not want the manager they have."""
    refused = np.zeros(len(book.ids), dtype=bool)
    held = np.flatnonzero(book.current >= 0)
    refused[held] = book.refused[held, book.current[held]]
    return refused


def may_move(book: Book, managers: Managers, fit: Floats, minutes: Floats) -> Bools:
    """Return who may be offered another manager: neglected, badly matched, with somebody overloaded; never frozen."""
    has_manager = book.current >= 0
    held_fit = np.where(has_manager, fit[np.arange(len(book.ids)), np.maximum(book.current, 0)], 0.0)
    wanting = book.is_neglected | (held_fit < LOW_FIT) | _with_overloaded(book, managers, minutes)
    return np.asarray(has_manager & wanting & ~book.is_frozen)


def load_of(where: Ints, minutes: Floats, managers: int) -> Floats:
    """Return the weekly minutes of each manager's clients under the assignment `where`."""
    placed = where >= 0
    return np.bincount(where[placed], weights=minutes[placed], minlength=managers)[:managers].astype(float)


def residual_capacity(book: Book, managers: Managers, minutes: Floats, movable: Bools, may: Bools) -> Floats:
    """Return what each manager can carry of the movable clients.

    A manager above his capacity cannot shed more than the book limit in one plan; he keeps at least
    what remains then, so that the plan relieves him as far as it may and stays feasible.
    """
    fixed = load_of(np.where(movable, NOBODY, book.current), minutes, len(managers.ids))
    room = np.maximum(managers.capacity_minutes - fixed, 0.0)
    for column in range(len(managers.ids)):
        own = np.sort(minutes[may & (book.current == column)])[::-1]
        sheddable = int(np.ceil(BOOK_LIMIT * np.count_nonzero(book.current == column)))
        room[column] = max(room[column], own[sheddable:].sum())
    return room


def handover_cost(book: Book) -> Floats:
    """Return the points of fit that moving each client must earn: 25, core 60 and unasked, within a year 100.

    Nothing is handed over by who has neglected the client, so that costs nothing, but for core clients (ALC-07).
    """
    ordinary = np.where(book.is_neglected, 0.0, HANDOVER)
    cost = np.where(book.is_core, CORE_HANDOVER + CORE_UNASKED, ordinary)
    return np.maximum(cost, np.where(book.days_since_change < RECENT_DAYS, RECENT_HANDOVER, 0.0))


def _waiting(book: Book, managers: Managers, minutes: Floats, movable: Bools) -> Bools:
    """Return who without a manager can be taken on: by value, until the room is used up (ALC-09)."""
    waiting = np.flatnonzero((book.current == NOBODY) & ~movable)
    free = managers.capacity_minutes - load_of(np.where(movable, NOBODY, book.current), minutes, len(managers.ids))
    room = np.maximum(free, 0.0)[managers.can_take].sum() - minutes[movable].sum()
    order = waiting[np.lexsort((book.client_no[waiting], -book.value[waiting]))]
    taken = order[np.cumsum(minutes[order]) <= room]
    mask = np.zeros(len(book.ids), dtype=bool)
    mask[taken] = True
    return mask


def _within_book_limit(book: Book, where: Ints, may: Bools, fit: Floats) -> Ints:
    """Take back the weakest optional moves of a manager who would lose more than the book limit."""
    rows = np.arange(len(book.ids))
    gain = np.nan_to_num(fit[rows, np.maximum(where, 0)] - fit[rows, np.maximum(book.current, 0)], nan=-np.inf)
    leaving = may & (where != book.current)
    return np.where(leaving & (_rank_in_book(book, leaving, gain) >= 0), book.current, where)


def _reasons(book: Book, managers: Managers, fit: Floats, minutes: Floats, where: Ints) -> npt.NDArray[np.str_]:
    """Return why each client moves, "" for who stays; the first reason that holds counts."""
    before = np.maximum(book.current, 0)
    held_fit = np.nan_to_num(np.column_stack([fit, np.full(len(book.ids), np.nan)])[np.arange(len(book.ids)), before])
    causes = [
        (where == book.current, ""),
        (book.current == NOBODY, Reason.UNASSIGNED),
        (book.is_interim, Reason.INTERIM),
        (_left_behind(book, managers), Reason.DEPARTED),
        (_refused_by(book), Reason.REFUSED),
        (book.is_neglected, Reason.NEGLECTED),
        (_with_overloaded(book, managers, minutes), Reason.OVERLOAD),
        (held_fit < LOW_FIT, Reason.LOW_FIT),
    ]
    return np.select([holds for holds, _ in causes], [str(name) for _, name in causes], str(Reason.BETTER_FIT))
