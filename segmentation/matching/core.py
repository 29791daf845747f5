"""The core: the clients for whom two managers are nearly equal. All others are settled by the prices.

At good prices almost every client has one clearly cheapest place. Only where places are nearly equal, or where the
repair had to choose another one, is there anything left to gain by exchanging clients.
"""

from dataclasses import replace

import numpy as np

from segmentation.matching.anneal import annealed
from segmentation.matching.prices import Prices
from segmentation.matching.problem import Floats, Ints, Problem


def core_rows(place: Ints, priced: Floats, count: int) -> Ints:
    """Return the `count` clients (ascending rows) whose place is the least settled.

    First come those who do not have their cheapest priced place, then the least regret: second-cheapest minus
    cheapest.
    """
    two = np.partition(priced, 1, axis=1)[:, :2]
    regret = two[:, 1] - two[:, 0]
    regret[priced[np.arange(place.size), place] > two[:, 0]] = -1.0
    return np.sort(np.argsort(regret, kind="stable")[:count])


def settled_core(problem: Problem, place: Ints, prices: Prices, priced: Floats, count: int, work: int) -> Ints:
    """Return `place` or a cheaper plan in which only the core of `count` clients has other places."""
    rows = core_rows(place, priced, count)
    settled = np.ones(problem.clients, dtype=np.bool_)
    settled[rows] = False
    rest = problem.take(np.flatnonzero(settled))
    part = problem.take(rows)
    room = np.maximum(problem.capacity - rest.used(place[settled]), 0.0)
    part = replace(part, capacity=room, max_moves=problem.max_moves - rest.moves(place[settled]))
    better = place.copy()
    better[rows] = annealed(part, place[rows], prices, priced[rows], work)
    return better if problem.is_kept(better) and problem.total(better) < problem.total(place) else place
