"""Better plans by solving the problem again part by part: a few managers share all their clients anew.

What annealing finds late, where costs are small whole numbers and capacities tight, a mixed-integer solver finds at
once among the clients of a handful of managers; and it tells when there is nothing better.
"""

from dataclasses import replace

import numpy as np

from segmentation.matching.exact import open_places, search
from segmentation.matching.prices import Prices
from segmentation.matching.problem import Floats, Ints, Problem

SEED = 20260821
# About this many clients are solved again at a time, with all the managers they have among them.
PART_CLIENTS, PART_NODES = 45, 20
# Parts after which the search ends, all and those too hard to be searched to the end: limits on work, not on time.
MOST_PARTS, MOST_HARD = 60, 2


def part_of(problem: Problem, place: Ints, rows: Ints) -> Problem:
    """Return the problem of the clients `rows` alone, with the room that all others leave under `place`."""
    rest = np.ones(problem.clients, dtype=np.bool_)
    rest[rows] = False
    others = problem.take(np.flatnonzero(rest))
    room = np.maximum(problem.capacity - others.used(place[rest]), 0.0)
    return replace(problem.take(rows), capacity=room, max_moves=problem.max_moves - others.moves(place[rest]))


def solved_in_parts(problem: Problem, place: Ints, prices: Prices, priced: Floats) -> Ints:
    """Return `place` or a cheaper plan: random groups of managers share their clients anew, until work runs out."""
    random = np.random.default_rng(SEED)
    size = min(problem.pool, max(3, round(PART_CLIENTS * problem.pool / problem.clients)))
    hard = 0
    for _ in range(MOST_PARTS):
        group = random.choice(problem.pool, size, replace=False)
        place, is_best = solved_again(problem, place, prices, priced, group)
        hard += not is_best
        if hard == MOST_HARD:
            break
    return place


def solved_again(problem: Problem, place: Ints, prices: Prices, priced: Floats, group: Ints) -> tuple[Ints, bool]:
    """Return `place` or a cheaper plan in which only `group` share their clients anew; and whether it is the best."""
    allowed = np.append(group, problem.pool)
    rows = np.flatnonzero(np.isin(place, allowed))
    if not rows.size:
        return place, True
    part = part_of(problem, place, rows)
    offered = np.full(part.cost.shape, np.inf)
    offered[:, allowed] = priced[rows][:, allowed]
    clients, columns = open_places(part, place[rows], offered, problem.total(place) - prices.bound)
    found = search(part, place[rows], clients, columns, PART_NODES)
    if found is None:
        return place, False
    after = place.copy()
    after[rows] = found.place
    better = problem.total(after) < problem.total(place) and problem.is_kept(after)
    return (after if better else place), found.is_best
