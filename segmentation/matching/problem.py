"""The assignment problem in one canonical form: checked, in an order of its own, with a pool that takes everyone."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

POOLED = -1

# Relative slack in which a capacity counts as kept: the rounding error of summing many minutes in another order.
CAPACITY_SLACK = 1e-12


@dataclass(frozen=True)
class Problem:
    """n clients, m managers, and a last column m for the pool: no load, room for everyone, dearer than any plan.

    `cost` (n, m + 1) holds what a place costs, the price of moving included; a forbidden place costs more than
    the pool. `load` (n, m + 1) is minutes per week, `capacity` (m + 1) minutes per week, the pool's infinite.
    `moving` (n, m + 1) marks places that count against `max_moves`; None when moves are not limited.
    A place of cost `dear` or more is the pool's, or forbidden.
    """

    cost: Floats
    load: Floats
    capacity: Floats
    moving: Bools | None
    max_moves: float
    dear: float

    @property
    def clients(self) -> int:
        """Return the number of clients, n."""
        return int(self.cost.shape[0])

    @property
    def pool(self) -> int:
        """Return the pool's column, m."""
        return int(self.cost.shape[1]) - 1

    def take(self, rows: Ints) -> "Problem":
        """Return the problem of the clients `rows` alone, every capacity as it was."""
        moving = None if self.moving is None else self.moving[rows]
        return replace(self, cost=self.cost[rows], load=self.load[rows], moving=moving)

    def used(self, place: Ints) -> Floats:
        """Return the minutes each column carries under `place` (column per client)."""
        loads = self.load[np.arange(self.clients), place]
        return np.bincount(place, loads, self.pool + 1).astype(np.float64)

    def moves(self, place: Ints) -> int:
        """Return how many places of `place` count against `max_moves`."""
        if self.moving is None:
            return 0
        return int(self.moving[np.arange(self.clients), place].sum())

    def total(self, place: Ints) -> float:
        """Return the cost of `place`, the pool's dear places included."""
        return float(self.cost[np.arange(self.clients), place].sum())

    def is_kept(self, place: Ints) -> bool:
        """Tell whether `place` keeps every capacity and the limit on moves."""
        within = self.used(place) <= self.capacity * (1 + CAPACITY_SLACK)
        return bool(within.all()) and self.moves(place) <= self.max_moves


def checked(name: str, values: Any, shapes: tuple[tuple[int, ...], ...], *, forbidden: bool = False) -> Floats:
    """Return `values` as floats of one of `shapes`.

    Raises ValueError, naming the argument, if the shape is another or a value is infinite or NaN (NaN is let
    pass where it means forbidden).
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be numeric, not {array.dtype}")
    if array.shape not in shapes:
        raise ValueError(f"{name} must have shape {' or '.join(map(str, shapes))}, not {array.shape}")
    floats = array.astype(np.float64)
    if np.isinf(floats).any():
        raise ValueError(f"{name} must not be infinite")
    if not forbidden and np.isnan(floats).any():
        raise ValueError(f"{name} must not be NaN")
    return floats


def checked_load(load: Any, clients: int, managers: int) -> Floats:
    """Return the load as (clients, managers), without a copy where all managers need the same minutes.

    Raises ValueError if a load is negative, NaN or infinite, or the shape is another.
    """
    minutes = checked("load", load, ((clients,), (clients, managers)))
    if (minutes < 0).any():
        raise ValueError("load must not be negative")
    if minutes.ndim == 1:
        return np.broadcast_to(minutes[:, None], (clients, managers))
    return minutes


def checked_columns(name: str, values: Any, clients: int, managers: int) -> Ints:
    """Return `values` as one column per client, -1 for none; None means -1 for all.

    Raises ValueError if the shape is another or a column does not exist.
    """
    if values is None:
        return np.full(clients, POOLED, dtype=np.int64)
    columns = checked(name, values, ((clients,),))
    if (columns != np.floor(columns)).any() or (columns < POOLED).any() or (columns >= managers).any():
        raise ValueError(f"{name} must hold columns 0 to {managers - 1}, or -1 for none")
    return columns.astype(np.int64)


def leaving(current: Ints, managers: int) -> Bools:
    """Return (clients, managers): True where the place means that a client leaves the manager he has."""
    columns = np.arange(managers)
    return np.asarray((columns[None, :] != current[:, None]) & (current >= 0)[:, None])


def with_pool(cost: Floats, load: Floats, capacity: Floats, moving: Bools | None, max_moves: float) -> Problem:
    """Return the problem with the pool as its last column; NaN in `cost` (clients, managers) is forbidden.

    The pool costs more than any two plans can differ by, so nobody is pooled for the sake of cost.
    """
    clients, managers = cost.shape
    allowed = ~np.isnan(cost)
    known = np.where(allowed, cost, 0.0)
    reach = known.max(axis=1, initial=0.0) - known.min(axis=1, initial=0.0)
    dear = 1.0 + float(reach.sum())
    pool_cost = np.full(clients, dear)
    offered = np.column_stack([np.where(allowed, cost, 4 * dear), pool_cost])
    shared = managers > 0 and load.strides[1] == 0
    if shared:
        loads = np.broadcast_to(load[:, :1], (clients, managers + 1))
    else:
        loads = np.column_stack([load, np.zeros(clients)])
    if moving is not None:
        moving = np.column_stack([moving, np.zeros(clients, dtype=np.bool_)])
    return Problem(offered, loads, np.append(capacity, np.inf), moving, max_moves, dear)


def with_full_pool(problem: Problem, pooled: int) -> Problem:
    """Return the problem in which the pool costs nothing and takes at most `pooled` clients.

    Once it is known how many cannot be placed, this is an ordinary problem without any dear place, whose bound
    speaks of the cost of those who are placed.
    """
    cost, load, capacity = problem.cost.copy(), problem.load.copy(), problem.capacity.copy()
    cost[:, -1], load[:, -1], capacity[-1] = 0.0, 1.0, pooled
    return replace(problem, cost=cost, load=load, capacity=capacity)


def canonical_order(key: Any, cost: Floats, load: Floats, capacity: Floats, away: Bools) -> tuple[Ints, Ints]:
    """Return the orders of clients and of managers in which the problem is worked on, the same however they came.

    Sorted by a hash of the client's `key` (integers), without a key by a hash of what the row holds; managers by a
    hash of their column. So equal offers are decided by chance that repeats, not by the accident of order.
    """
    clients, managers = cost.shape
    cells = mixed(bits(cost) ^ mixed(bits(load) + np.uint64(2)))
    cells ^= mixed(bits(capacity))[None, :] + away.astype(np.uint64)
    rows = mixed(cells).sum(axis=1, dtype=np.uint64)
    if key is not None:
        keys = np.asarray(key)
        if keys.shape != (clients,) or keys.dtype.kind not in "iu":
            raise ValueError("key must hold one integer per client")
        rows = mixed(keys.astype(np.uint64)) if np.unique(keys).size == clients else rows
    columns = mixed(cells ^ mixed(rows)[:, None]).sum(axis=0, dtype=np.uint64)
    if managers == 0:
        return np.argsort(rows, kind="stable"), np.arange(0)
    return np.argsort(rows, kind="stable"), np.argsort(columns, kind="stable")


def bits(values: Floats) -> npt.NDArray[np.uint64]:
    """Return the bit patterns of `values`; -0.0 counts as 0.0."""
    return (np.ascontiguousarray(values) + 0.0).view(np.uint64)


def mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return `values` with their bits well mixed. Source: the finaliser of SplitMix64 (Steele and others 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
