"""A mixed-integer solver on few places: the whole problem where little is open, or a part of it around a plan.

A place whose priced cost lies further above the client's cheapest than the whole gap between plan and bound cannot
be part of a cheaper plan. What remains is often small enough to be searched to the end, and so proven.
"""

from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp

from segmentation.matching.prices import Prices
from segmentation.matching.problem import Floats, Ints, Problem

# Branch-and-bound nodes times places; a limit on work, not on time, so that the answer repeats.
MOST_WORK = 30_000
SOLVED = (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE)


@dataclass(frozen=True)
class Found:
    """The cheapest plan the solver found, the bound it proved, and whether it searched to the end."""

    place: Ints
    bound: float
    is_best: bool


def search(problem: Problem, place: Ints, clients: Ints, columns: Ints, nodes: int) -> Found | None:
    """Return the cheapest plan found over the open places (`clients`, `columns`), starting from `place`.

    At most `nodes` branch-and-bound nodes are searched; None if the solver failed.
    """
    solver = pywraplp.Solver.CreateSolver("SCIP")
    chosen = [solver.BoolVar("") for _ in range(clients.size)]
    constrain(solver, problem, chosen, clients, columns)
    # In units above each client's cheapest place the numbers stay small, and so do the solver's tolerances.
    least = problem.cost.min(axis=1)
    objective = solver.Objective()
    for variable, cost in zip(chosen, (problem.cost[clients, columns] - least[clients]).tolist(), strict=True):
        objective.SetCoefficient(variable, cost)
    objective.SetMinimization()
    solver.SetSolverSpecificParametersAsString(f"limits/nodes = {nodes}\nlimits/gap = 0\n")
    solver.SetHint(chosen, (columns == place[clients]).astype(float).tolist())
    status = solver.Solve()
    if status not in SOLVED:
        return None
    took = np.array([variable.solution_value() for variable in chosen]) > 0.5
    after = place.copy()
    after[clients[took]] = columns[took]
    return Found(after, objective.BestBound() + float(least.sum()), status == pywraplp.Solver.OPTIMAL)


def constrain(
    solver: pywraplp.Solver, problem: Problem, chosen: list[pywraplp.Variable], clients: Ints, columns: Ints
) -> None:
    """Add: one place per client, every finite capacity, the limit on moves."""
    one = [solver.Constraint(1.0, 1.0) for _ in range(problem.clients)]
    kept = {
        column: solver.Constraint(-solver.infinity(), float(problem.capacity[column]))
        for column in np.flatnonzero(np.isfinite(problem.capacity)).tolist()
    }
    limit = float(problem.max_moves) if np.isfinite(problem.max_moves) else solver.infinity()
    moved = solver.Constraint(-solver.infinity(), limit)
    load = problem.load[clients, columns].tolist()
    for variable, client, column, minutes in zip(chosen, clients.tolist(), columns.tolist(), load, strict=True):
        one[client].SetCoefficient(variable, 1.0)
        if column in kept:
            kept[column].SetCoefficient(variable, minutes)
        if problem.moving is not None and problem.moving[client, column]:
            moved.SetCoefficient(variable, 1.0)


def open_places(problem: Problem, place: Ints, priced: Floats, within: float) -> tuple[Ints, Ints]:
    """Return the (client, column) pairs priced at most `within` above the client's cheapest, and those of `place`."""
    open_ = priced - priced.min(axis=1, keepdims=True) <= within
    open_[np.arange(problem.clients), place] = True
    clients, columns = np.nonzero(open_)
    return clients, columns


def solved(problem: Problem, place: Ints, prices: Prices, priced: Floats, most: int) -> tuple[Ints, float]:
    """Return the cheapest plan found and the bound proven; as they came if more than `most` places are open."""
    gap = problem.total(place) - prices.bound
    clients, columns = open_places(problem, place, priced, gap + 1e-9 * max(1.0, abs(prices.bound)))
    if clients.size > most:
        return place, prices.bound
    found = search(problem, place, clients, columns, max(1, MOST_WORK // clients.size))
    if found is None:
        return place, prices.bound
    is_better = problem.total(found.place) < problem.total(place) and problem.is_kept(found.place)
    after = found.place if is_better else place
    # The places left out hold nothing cheaper than `place`, so the solver's bound is everyone's.
    return after, max(prices.bound, min(found.bound, problem.total(after)))


def gap_of(problem: Problem, place: Ints, bound: float) -> float:
    """Return the unproven part of the plan's cost, as a share of it."""
    total = problem.total(place)
    return (total - bound) / max(1.0, abs(total))
