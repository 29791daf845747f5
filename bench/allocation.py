"""The figure of allocation: a whole branch matched with its managers."""

import numpy as np

from bench.database import AS_OF
from bench.harness import Figure, median_of
from bench.nights import the_branch
from segmentation.allocation.book import Managers, fit_matrix, weekly_minutes
from segmentation.matching import Assignment, assign
from segmentation.queries import allocation as reading

STICKINESS = 60.0  # points of fit a move must earn (performance.md §C)
ROOM = 1.05  # capacity of all managers together over the minutes of all clients


def assignment() -> list[Figure]:
    """Give every client of the branch a manager, the present one favoured; the floor computes the cost matrix once."""
    people: Managers = reading.managers(the_branch(), AS_OF)
    book = reading.book(the_branch(), AS_OF, people)
    floor = median_of(3, lambda: fit_matrix(book, people, reading.SKILLS))
    fit = fit_matrix(book, people, reading.SKILLS)
    minutes = weekly_minutes(book.traits.grade, book.is_core)
    share = people.capacity_minutes / people.capacity_minutes.sum()
    capacity = share * minutes.sum() * ROOM

    plans: list[Assignment] = []

    def solve() -> None:
        plans.append(assign(-fit, minutes, capacity, current=book.current, move_cost=STICKINESS, quick=True))

    seconds = median_of(3, solve, warm=False)
    plan = plans[-1]
    gap = (plan.objective - plan.lower_bound) / max(abs(plan.lower_bound), 1e-9)
    told = {
        "floor": floor, "clients": len(minutes), "managers": len(capacity), "gap": gap, "moves": plan.moves,
        "pooled": int(np.sum(plan.manager < 0)), "limit_seconds": 1.0,
    }  # fmt: skip
    return [Figure("assign_50k", seconds, seconds / floor, None, told)]
