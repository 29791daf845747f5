"""`assign`: the whole way from costs and capacities to a plan with a proven bound."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentation.matching.anneal import annealed
from segmentation.matching.core import settled_core
from segmentation.matching.exact import gap_of, solved
from segmentation.matching.parts import solved_in_parts
from segmentation.matching.prices import Prices, find_prices
from segmentation.matching.problem import (
    POOLED,
    Floats,
    Ints,
    Problem,
    canonical_order,
    checked,
    checked_columns,
    checked_load,
    leaving,
    with_full_pool,
    with_pool,
)
from segmentation.matching.repair import repaired

# Numbers of arithmetic spent on annealing: a first look, and the whole search where the exact step leaves a gap,
# in proportion to the places of a small problem.
FIRST_WORK, FULL_WORK, WORK_PER_PLACE = 30_000_000, 1_200_000_000, 500_000
# A plan this near to its bound, as a share of it, is good enough for a branch and not searched further; and this
# near it is proven, but for the rounding of the arithmetic.
CLOSE_ENOUGH, PROVEN = 1e-4, 1e-7
# From this many places on, near is good enough; smaller problems are searched to the end.
LARGE_PLACES = 20_000
# So many open places, after each step, are few enough for the exact solver: the first plan often leaves too many.
EXACT_PLACES = (300, 800, 800)
# Only this many places are annealed; beyond, the core alone.
MOST_PLACES = 250_000
# How many of the least settled clients are annealed in a problem beyond that.
CORE_CLIENTS = 600


@dataclass(frozen=True)
class Assignment:
    """Who gets whom, and how near to the best plan that is.

    `manager` is a column per client, -1 for the pooled; `objective` the cost of the placed clients, the price of
    moving included; `lower_bound` is proven: no plan that places as many clients costs less. `moves` counts the
    clients placed with another manager than their current one.
    """

    manager: Ints
    objective: float
    lower_bound: float
    moves: int


def assign(
    cost: Any,
    load: Any,
    capacity: Any,
    current: Any = None,
    move_cost: Any = 0.0,
    max_moves: int | None = None,
    *,
    key: Any = None,
    quick: bool = False,
) -> Assignment:
    """Give every client a manager at the least total cost that the capacities allow.

    `cost` (clients × managers): lower is better, NaN forbids the pair. `load` (clients) or (clients × managers) and
    `capacity` (managers) are in the same unit, minutes per week. `current` is a column per client, -1 for none;
    leaving him costs `move_cost` (one number, or one per client), and at most `max_moves` clients leave theirs.
    `key` (one integer per client) decides between equal plans; without it what the row holds decides, never the
    order of the rows. A client is pooled only where no place is left for him; as few as possible are.

    `quick` asks for the plan of a branch within a second: prices, their repair and one look at the clients in doubt
    leave a gap well below a thousandth; without it a small problem is searched for some seconds.

    Raises ValueError, naming the argument, if a shape is wrong or a value has no meaning.
    """
    places = checked("cost", cost, (np.shape(cost) if np.ndim(cost) == 2 else (0, 0),), forbidden=True)
    clients, managers = places.shape
    minutes = checked_load(load, clients, managers)
    room = checked("capacity", capacity, ((managers,),))
    now = checked_columns("current", current, clients, managers)
    fee = checked("move_cost", move_cost, ((), (clients,)))
    if (max_moves is not None and max_moves < 0) or (fee < 0).any():
        raise ValueError("move_cost and max_moves must not be negative")
    away = leaving(now, managers)
    offered = places + np.where(away, np.broadcast_to(fee, clients)[:, None], 0.0)
    rows, columns = canonical_order(key, offered, minutes, room, away)
    order = np.ix_(rows, columns)
    shared = managers > 0 and minutes.strides[1] == 0
    loads = np.broadcast_to(minutes[rows, :1], (clients, managers)) if shared else minutes[order]
    moving = None if max_moves is None else away[order]
    limit = np.inf if max_moves is None else float(max_moves)
    problem = with_pool(offered[order], loads, np.maximum(room[columns], 0.0), moving, limit)
    place, bound = placed(problem, quick)
    manager = np.full(clients, POOLED, dtype=np.int64)
    manager[rows] = np.append(columns, POOLED)[place]
    return summed_up(manager, offered, away, bound)


def summed_up(manager: Ints, offered: Floats, away: np.ndarray, bound: float) -> Assignment:
    """Return the plan with its cost, summed in an order that no permutation of rows changes, and its moves."""
    served = np.flatnonzero(manager != POOLED)
    objective = float(np.sort(offered[served, manager[served]]).sum())
    return Assignment(manager, objective, min(bound, objective), int(away[served, manager[served]].sum()))


def placed(problem: Problem, quick: bool) -> tuple[Ints, float]:
    """Return the column of every client, the pool being the last, and the proven bound for those placed."""
    if not problem.clients or not problem.pool:
        return np.full(problem.clients, problem.pool, dtype=np.int64), 0.0
    prices = find_prices(problem)
    priced = prices.priced(problem)
    place = repaired(problem, priced.argmin(axis=1), priced)
    pooled = int((place == problem.pool).sum())
    if pooled:
        place, _ = improved(problem, place, prices, priced, quick)
        pooled = int((place == problem.pool).sum())
    if pooled:
        problem = with_full_pool(problem, pooled)
        prices = find_prices(problem)
        priced = prices.priced(problem)
        other = repaired(problem, priced.argmin(axis=1), priced)
        place = other if problem.is_kept(other) and problem.total(other) < problem.total(place) else place
    return improved(problem, place, prices, priced, quick)


def improved(problem: Problem, place: Ints, prices: Prices, priced: Floats, quick: bool) -> tuple[Ints, float]:
    """Return the best plan found from `place`, and the bound proven for every plan."""
    bound = lifted(problem, prices.bound)
    if is_enough(problem, place, bound):
        return place, bound
    if problem.cost.size > MOST_PLACES or quick:
        return settled_core(problem, place, prices, priced, CORE_CLIENTS, FIRST_WORK), bound
    for step in range(3):
        if is_enough(problem, place, bound):
            break
        better = one_step(problem, place, prices, priced, step)
        if step and problem.total(better) == problem.total(place):
            continue
        place, proven = solved(problem, better, prices, priced, EXACT_PLACES[step])
        bound = lifted(problem, max(bound, proven))
    return place, bound


def one_step(problem: Problem, place: Ints, prices: Prices, priced: Floats, step: int) -> Ints:
    """Return a better plan by the means of this step: first a look, then the long search, then part by part."""
    if step == 0:
        return annealed(problem, place, prices, priced, FIRST_WORK)
    if step == 1:
        return annealed(problem, place, prices, priced, min(FULL_WORK, WORK_PER_PLACE * problem.cost.size))
    return solved_in_parts(problem, place, prices, priced)


def is_enough(problem: Problem, place: Ints, bound: float) -> bool:
    """Tell whether the plan is proven, or near enough to its bound for a problem of its size."""
    near = CLOSE_ENOUGH if problem.cost.size > LARGE_PLACES else PROVEN
    return gap_of(problem, place, bound) <= near


def lifted(problem: Problem, bound: float) -> float:
    """Return the bound rounded up where every cost is a whole number."""
    whole = (problem.cost == np.round(problem.cost)).all()
    return float(np.ceil(bound - 1e-6)) if whole else bound
