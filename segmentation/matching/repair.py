"""Makes a priced answer respect every limit: the cheapest changes that relieve an overload, pooled at the last."""

import numpy as np

from segmentation.matching.problem import Bools, Floats, Ints, Problem

# Rounds of relief before those who still overload a manager are pooled.
ROUNDS = 20


def repaired(problem: Problem, place: Ints, priced: Floats) -> Ints:
    """Return `place` changed so that every capacity and the limit on moves are kept.

    `priced` (n, m + 1) is cost plus price; a change is chosen by the least rise of it per minute relieved.
    """
    place = return_movers(problem, place, priced)
    for _ in range(ROUNDS):
        room = problem.capacity - problem.used(place)
        if (room >= -slack(problem)).all() or not relieve(problem, place, priced, room):
            break
    pool_rest(problem, place, priced)
    return place


def slack(problem: Problem) -> Floats:
    """Return the minutes by which a load may pass each capacity through rounding alone."""
    return np.where(np.isfinite(problem.capacity), problem.capacity, 0.0) * 1e-12


def return_movers(problem: Problem, place: Ints, priced: Floats) -> Ints:
    """Return `place` with as many movers back where they do not count as the limit asks for, cheapest first."""
    excess = problem.moves(place) - problem.max_moves
    place = place.copy()
    if problem.moving is None or excess <= 0:
        return place
    movers = np.flatnonzero(problem.moving[np.arange(problem.clients), place])
    still = np.where(problem.moving[movers], np.inf, priced[movers])
    regret = still.min(axis=1) - priced[movers, place[movers]]
    cheapest = np.argsort(regret, kind="stable")[: int(np.ceil(excess))]
    place[movers[cheapest]] = still[cheapest].argmin(axis=1)
    return place


def relieve(problem: Problem, place: Ints, priced: Floats, room: Floats) -> bool:
    """Move clients away from overloaded columns into free room, in place; tell whether anybody moved."""
    eps = slack(problem)
    clients = np.flatnonzero(room[place] < -eps[place])
    own = problem.load[clients, place[clients]]
    rise = priced[clients] - priced[clients, place[clients]][:, None]
    shut = (problem.load[clients] > room + eps) | (rise >= problem.cost[:, -1].max()) | (own <= 0)[:, None]
    rise = np.where(shut | is_last_move(problem, place, clients), np.inf, rise)
    rise[:, -1] = np.inf
    target = rise.argmin(axis=1)
    least = rise[np.arange(clients.size), target]
    order = np.argsort(least / np.maximum(own, 1e-12), kind="stable")
    left = problem.max_moves - problem.moves(place)
    moved = False
    for index in order[np.isfinite(least[order])].tolist():
        client, to = clients[index], target[index]
        away = place[client]
        need = problem.load[client, to]
        counts = 0 if problem.moving is None else int(problem.moving[client, to]) - int(problem.moving[client, away])
        if room[away] >= -eps[away] or room[to] + eps[to] < need or counts > left:
            continue
        place[client] = to
        room[away] += problem.load[client, away]
        room[to] -= need
        left -= counts
        moved = True
    return moved


def is_last_move(problem: Problem, place: Ints, clients: Ints) -> Bools | np.bool_:
    """Tell which places (len(clients), m + 1) would pass the limit on moves."""
    if problem.moving is None or problem.moves(place) < problem.max_moves:
        return np.bool_(False)
    counted = problem.moving[clients, place[clients]]
    return problem.moving[clients] & ~counted[:, None]


def pool_rest(problem: Problem, place: Ints, priced: Floats) -> None:
    """Pool, in place, the clients with most minutes of every column that is still overloaded."""
    room = problem.capacity - problem.used(place)
    eps = slack(problem)
    for column in np.flatnonzero(room < -eps).tolist():
        clients = np.flatnonzero(place == column)
        rise = priced[clients, -1] - priced[clients, column]
        order = np.lexsort((rise, -problem.load[clients, column]))
        freed = np.cumsum(problem.load[clients[order], column])
        enough = int(np.searchsorted(freed, -room[column] - eps[column])) + 1
        place[clients[order[:enough]]] = problem.pool
