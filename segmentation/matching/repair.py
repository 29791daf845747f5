"""Makes a priced answer respect every limit: the cheapest changes that relieve an overload, pooled at the last.

Who was pooled takes the place of somebody who finds another one, where there is such a pair.
"""

import numpy as np

from segmentation.matching.problem import Bools, Floats, Ints, Problem

# Rounds of relief before those who still overload a manager are pooled.
ROUNDS = 20
# Pooled clients in vain tried for a place before the rest is left.
VAIN_TRIES = 10
# Rises this near to each other, as a share of the greatest, are equal.
EQUAL = 1e-9


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
    place_pooled(problem, place, priced)
    use_rest(problem, place)
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
    shut = (problem.load[clients] > room + eps) | is_shut(problem)[clients] | (own <= 0)[:, None]
    rise = np.where(shut | is_last_move(problem, place, clients), np.inf, rise)
    least = rise.min(axis=1)
    # Of places equally good, the emptiest at the time.
    equal = rise <= (least + EQUAL * np.abs(least).max(where=np.isfinite(least), initial=1.0))[:, None]
    order = np.argsort(least / np.maximum(own, 1e-12), kind="stable")
    left = problem.max_moves - problem.moves(place)
    moved = False
    for index in order[np.isfinite(least[order])].tolist():
        client, to = int(clients[index]), int(np.where(equal[index], room, -np.inf).argmax())
        away = int(place[client])
        need = problem.load[client, to]
        counts = counted(problem, client, to) - counted(problem, client, away)
        if room[away] >= -eps[away] or room[to] + eps[to] < need or counts > left:
            continue
        place[client] = to
        room[away] += problem.load[client, away]
        room[to] -= need
        left -= counts
        moved = True
    return moved


def counted(problem: Problem, client: int, column: int) -> int:
    """Return 1 if that place counts against the limit on moves."""
    return 0 if problem.moving is None else int(problem.moving[client, column])


def is_shut(problem: Problem) -> Bools:
    """Tell which places (n, m + 1) are no refuge: forbidden ones, and a pool that is but a last resort."""
    return np.asarray(problem.cost >= problem.dear)


def is_last_move(problem: Problem, place: Ints, clients: Ints) -> Bools | np.bool_:
    """Tell which places (len(clients), m + 1) would pass the limit on moves."""
    if problem.moving is None or problem.moves(place) < problem.max_moves:
        return np.bool_(False)
    held = problem.moving[clients, place[clients]]
    return problem.moving[clients] & ~held[:, None]


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


def place_pooled(problem: Problem, place: Ints, priced: Floats) -> None:
    """Place, in place, more pooled clients than the pool has room for, those of few minutes first."""
    allowed = int(problem.capacity[-1]) if np.isfinite(problem.capacity[-1]) else 0
    pooled = np.flatnonzero(place == problem.pool)
    least = problem.load[pooled, :-1].min(axis=1, initial=np.inf)
    excess, vain = pooled.size - allowed, 0
    for client in pooled[np.argsort(least, kind="stable")].tolist():
        if excess <= 0 or vain == VAIN_TRIES:
            break
        is_placed = place_one(problem, place, priced, client)
        excess -= is_placed
        vain += not is_placed


def place_one(problem: Problem, place: Ints, priced: Floats, client: int) -> bool:
    """Give one pooled client a place, in place: a free one, or that of somebody who moves on to a free one."""
    rows, room = np.arange(problem.clients), problem.capacity - problem.used(place)
    left = problem.max_moves - problem.moves(place)
    counted = np.zeros((1, problem.pool + 1)) if problem.moving is None else problem.moving.astype(float)
    counts = np.broadcast_to(counted, problem.cost.shape)
    need = problem.load[client, place] - room[place]  # minutes the one who moves on must free
    own = problem.load[rows, place]
    rise = priced - priced[rows, place][:, None] + priced[client, place][:, None]
    shut = is_shut(problem)
    rise = np.where((own >= need)[:, None] & (problem.load <= room) & ~shut, rise, np.inf)
    rise[counts - counts[rows, place][:, None] + counts[client, place][:, None] > left] = np.inf
    rise[(place == problem.pool) | shut[client, place]] = rise[:, -1] = np.inf
    rise[rows, place] = np.inf
    free = np.where((problem.load[client] <= room) & (counts[client] <= left) & ~shut[client], priced[client], np.inf)
    free[-1] = np.inf
    if min(free.min(), rise.min()) == np.inf:
        return False
    if free.min() <= rise.min():
        place[client] = free.argmin()
        return True
    other, to = np.unravel_index(rise.argmin(), rise.shape)
    place[client], place[other] = place[other], to
    return True


def use_rest(problem: Problem, place: Ints) -> None:
    """Move clients, in place, where it is cheaper and limits leave room, the greatest gain first; nobody is pooled.

    Where a limit's price makes two places equal, the priced answer may leave some of it unused.
    """
    rows = np.arange(problem.clients)
    for _ in range(ROUNDS):
        room, left = problem.capacity - problem.used(place), problem.max_moves - problem.moves(place)
        gain = problem.cost[rows, place][:, None] - problem.cost
        gain[(problem.load > room) | is_shut(problem) | is_last_move(problem, place, rows)] = 0.0
        gain[:, -1] = 0.0
        target, best = gain.argmax(axis=1), gain.max(axis=1)
        moved = False
        for client in np.argsort(-best, kind="stable")[: np.count_nonzero(best > 0)].tolist():
            away, to = int(place[client]), int(target[client])
            counts = counted(problem, client, to) - counted(problem, client, away)
            if problem.load[client, to] > room[to] or counts > left:
                continue
            place[client], moved = to, True
            room[away] += problem.load[client, away]
            room[to] -= problem.load[client, to]
            left -= counts
        if not moved:
            return
