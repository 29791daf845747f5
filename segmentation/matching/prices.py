"""Prices on the managers' minutes: what relaxing the capacities proves, and where it sends each client.

With a price per minute (and one price per move, where moves are limited) every client takes the place of least
cost plus price on his own. The prices that make the Lagrangian value greatest are found by a damped Newton method
on the smoothed dual: a client spreads over the managers by log-sum-exp at a temperature, which is lowered in steps.
"""

from dataclasses import dataclass, replace

import numpy as np

from segmentation.matching.problem import Floats, Problem

# Each step of the temperature divides it by this.
COOLING = 4.0
# Lowest temperature as a share of the spread of costs; below it the bound no longer rises measurably.
COLDEST = 2e-5
# From this many clients on, the prices are first sought on every tenth client.
SAMPLE_FROM = 4_000
SAMPLE_STEP = 10
# The coldest steps that are repeated with all clients.
SAMPLE_AGAIN = 5
# A manager's expected load this near to his capacity (as a share) is met.
LOAD_TOLERANCE = 1e-3
NEWTON_STEPS = 30
SMALLEST_STEP = 1e-3
# A step that raises the dual of a large problem by no more than this share ends the climb.
STALLED = 1e-6
# Where a Newton step fails because nearly all clients are settled, it is damped by these shares of each column's use.
CAUTION = (0.0, 0.1, 10.0)
# Pricing the pool at this many times the spread of costs above the dearest place, no client is pooled for his cost.
POOL_SPREADS = 4.0


@dataclass(frozen=True)
class Prices:
    """One price per minute of each column (n + 1, the pool's is 0), one per move, and the proven lower bound."""

    minute: Floats
    move: float
    bound: float

    def priced(self, problem: Problem) -> Floats:
        """Return cost plus price of every place, (n, m + 1), in the unit of cost."""
        return priced(problem, np.append(self.minute, self.move))


@dataclass(frozen=True)
class Dual:
    """The smoothed dual at one vector of prices: value, Lagrangian value, gradient and curvature.

    `use` bounds the diagonal of the curvature: what it would be if every client were in doubt.
    """

    prices: Floats
    value: float
    lagrangian: float
    gradient: Floats
    curvature: Floats
    use: Floats


def priced(problem: Problem, prices: Floats) -> Floats:
    """Return cost plus price of every place; `prices` are the columns' per minute and, last, that of a move."""
    total = problem.load * prices[:-1]
    total += problem.cost
    if problem.moving is not None and prices[-1] > 0:
        total += prices[-1] * problem.moving
    return total


def limits(problem: Problem) -> Floats:
    """Return what the prices stand for: each column's capacity and, last, the moves allowed."""
    return np.append(problem.capacity, problem.max_moves)


def paid(prices: Floats, limit: Floats) -> float:
    """Return Σ price × limit over the limits that bind."""
    bound = np.isfinite(limit)
    return float(prices[bound] @ limit[bound])


def smoothed_dual(problem: Problem, prices: Floats, temperature: float) -> Dual:
    """Return the dual at `prices`, smoothed at `temperature` (unit of cost)."""
    share = priced(problem, prices)
    least = share.min(axis=1)
    np.subtract(least[:, None], share, out=share)
    share /= temperature
    np.exp(share, out=share)
    weight = share.sum(axis=1)
    share /= weight[:, None]
    limit = limits(problem)
    lagrangian = float(least.sum()) - paid(prices, limit)
    value = lagrangian - temperature * float(np.log(weight).sum())
    usage, curvature, use = expected_usage(problem, share, temperature)
    bound = np.isfinite(limit)
    gradient = np.where(bound, usage - np.where(bound, limit, 0.0), -1.0)
    return Dual(prices, value, lagrangian, gradient, curvature, use)


def expected_usage(problem: Problem, share: Floats, temperature: float) -> tuple[Floats, Floats, Floats]:
    """Return the expected use of every limit, the negated Hessian of the smoothed dual and its diagonal's bound."""
    minutes = share * problem.load
    own = np.einsum("ij,ij->j", minutes, problem.load)
    size = share.shape[1] + 1
    spread = np.zeros((size, size))
    np.fill_diagonal(spread, np.append(own, 0.0))
    usage = np.zeros((share.shape[0], size))
    usage[:, :-1] = minutes
    if problem.moving is not None:
        usage[:, -1] = np.where(problem.moving, share, 0.0).sum(axis=1)
        spread[:-1, -1] = spread[-1, :-1] = np.where(problem.moving, minutes, 0.0).sum(axis=0)
        spread[-1, -1] = usage[:, -1].sum()
    return usage.sum(axis=0), (spread - usage.T @ usage) / temperature, np.diag(spread) / temperature


def ascent(dual: Dual, caution: float) -> Floats:
    """Return the Newton direction over the prices that may move: those above 0, or pressed up by an overload."""
    free = np.flatnonzero((dual.prices > 0) | (dual.gradient > 0))
    hessian = dual.curvature[np.ix_(free, free)]
    # Where all is settled the curvature vanishes; the damping keeps the direction finite.
    damping = 1e-6 * np.diag(hessian) + 1e-9 * (1.0 + float(np.abs(np.diag(hessian)).max())) + caution * dual.use[free]
    direction = np.zeros_like(dual.prices)
    direction[free] = np.linalg.solve(hessian + np.diag(damping), dual.gradient[free])
    return direction


def is_met(dual: Dual, limit: Floats) -> bool:
    """Tell whether every priced limit is met within the tolerance."""
    free = (dual.prices > 0) | (dual.gradient > 0)
    if not free.any():
        return True
    return bool((np.abs(dual.gradient[free]) <= LOAD_TOLERANCE * np.maximum(limit[free], 1e-9)).all())


def step_up(problem: Problem, dual: Dual, temperature: float) -> Dual | None:
    """Return the dual after one damped Newton step, or None when no step raises it."""
    for caution in CAUTION:
        direction = ascent(dual, caution)
        step = 1.0
        while step >= SMALLEST_STEP:
            prices = np.maximum(dual.prices + step * direction, 0.0)
            rise = float(dual.gradient @ (prices - dual.prices))
            after = smoothed_dual(problem, prices, temperature)
            if after.value >= dual.value + 1e-4 * rise:
                return after
            step /= 3
    return None


def climb(problem: Problem, prices: Floats, temperature: float) -> tuple[Floats, Dual]:
    """Return the best smoothed prices at this temperature, and the dual of the greatest Lagrangian value seen."""
    limit = limits(problem)
    dual = best = smoothed_dual(problem, prices, temperature)
    for _ in range(NEWTON_STEPS):
        if is_met(dual, limit):
            break
        after = step_up(problem, dual, temperature)
        if after is None:
            break
        has_stalled = problem.clients >= SAMPLE_FROM and after.value - dual.value <= STALLED * abs(after.value)
        dual = after
        best = max(best, dual, key=lambda seen: seen.lagrangian)
        if has_stalled:
            break
    return dual.prices, best


def temperatures(problem: Problem) -> list[float]:
    """Return the temperatures from hot to cold, in the unit of cost; none if no place is allowed."""
    spread = spread_of(problem)
    steps = int(np.ceil(np.log(1 / COLDEST) / np.log(COOLING)))
    return [spread / COOLING**step for step in range(1, steps + 1)] if spread else []


def spread_of(problem: Problem) -> float:
    """Return how far the costs of allowed places lie apart, above 0; 0 if none is allowed."""
    places = problem.cost[:, :-1]
    allowed = places < problem.dear
    return (float(np.ptp(places[allowed])) or 1.0) if allowed.any() else 0.0


def with_near_pool(problem: Problem) -> Problem:
    """Return the problem with a pool that costs little more than any place, for prices to be found soon.

    It is cheaper than the true one, so what bounds this problem bounds the true one too.
    """
    places = problem.cost[:, :-1]
    dearest = np.where(places < problem.dear, places, -np.inf).max(axis=1)
    cost = problem.cost.copy()
    near = np.where(np.isfinite(dearest), dearest, 0.0) + POOL_SPREADS * spread_of(problem)
    cost[:, -1] = np.minimum(near, cost[:, -1])
    return replace(problem, cost=cost)


def find_prices(problem: Problem) -> Prices:
    """Return prices near the best there are, with the lower bound they prove for the cost of every plan."""
    vector = np.zeros(problem.pool + 2)
    heat = temperatures(problem)
    if np.isinf(problem.capacity[-1]):
        problem = with_near_pool(problem)
    if problem.clients >= SAMPLE_FROM:
        vector = sampled(problem, heat[:-SAMPLE_AGAIN])
        heat = heat[-SAMPLE_AGAIN:]
    best: Dual | None = None
    for temperature in heat:
        vector, seen = climb(problem, vector, temperature)
        best = seen if best is None or seen.lagrangian > best.lagrangian else best
    if best is None:
        return Prices(vector[:-1], 0.0, float(problem.cost.min(axis=1).sum()))
    return Prices(best.prices[:-1], float(best.prices[-1]), best.lagrangian)


def sampled(problem: Problem, heat: list[float]) -> Floats:
    """Return the prices found on every tenth client alone: near the final ones at a tenth of the work."""
    part = problem.take(np.arange(0, problem.clients, SAMPLE_STEP))
    share = part.clients / problem.clients
    part = replace(part, capacity=part.capacity * share, max_moves=part.max_moves * share)
    vector = np.zeros(problem.pool + 2)
    for temperature in heat:
        vector, _ = climb(part, vector, temperature)
    return vector
