"""Simulated annealing by heat bath: managers meet in pairs and in rings of three and exchange clients.

A book is a row of slots, the last one always empty. Two managers look at all exchanges of one slot for another, so
an exchange with an empty slot is a plain move; in a ring of three each passes one slot on to the next. Of all these
one exchange is drawn by its Boltzmann weight (least energy minus Gumbel noise), for many pairs or rings and several
independent copies of the plan at once. Energy is cost plus price of moves plus a growing penalty on overload, so the
search may pass through plans that are slightly too full. The noise is seeded: the same problem, the same answer.
"""

from dataclasses import dataclass

import numpy as np

from segmentation.matching.prices import Prices
from segmentation.matching.problem import CAPACITY_SLACK, Floats, Ints, Problem

SEED = 20260821
# Temperature at first and at last, as multiples of the median regret (second-cheapest minus cheapest priced place).
HOT, COLD = 1.0, 0.1
# The penalty per overloaded minute grows from the minute's price to this multiple of it, slowly at first.
PENALTY_RISE, PENALTY_POWER = 100.0, 4
# A ring looks at slots³ exchanges; where a step would pass this many numbers, fewer meet.
STEP_NUMBERS = 500_000
NOISE_NUMBERS = 1 << 21
# Small problems run several copies, which costs little while a step is smaller than this many numbers.
COPY_NUMBERS, MOST_COPIES = 40_000, 16
# A step costs as much as this many numbers, whatever its size.
STEP_OVERHEAD = 50_000
# The pool takes everyone; a finite number keeps the arithmetic free of infinities.
ENDLESS_MINUTES = 1e18


@dataclass
class Entering:
    """What changes at managers (P) when slot x of a giver's book comes in and slot y of their own goes out."""

    energy: Floats  # (P, S, S) cost plus penalty
    cost_in: Floats  # (P, S)
    cost_out: Floats
    load_in: Floats  # (P, S) minutes
    load_out: Floats


class Annealing:
    """Several copies of one plan, flat: row r·columns + j is the book of manager j in copy r."""

    def __init__(self, problem: Problem, place: Ints, prices: Prices, priced: Floats, copies: int) -> None:
        self.problem, self.copies = problem, copies
        self.columns, self.empty = problem.pool + 1, problem.clients
        self.random = np.random.default_rng(SEED)
        self.noise = -np.log(-np.log(self.random.random(NOISE_NUMBERS)))
        counted = 0.0 if problem.moving is None else prices.move * problem.moving
        nobody = np.zeros((1, self.columns))
        # Flat tables with a last row for the empty slot, which costs and weighs nothing.
        self.cost = np.vstack([problem.cost + counted, nobody]).ravel()
        self.load = np.vstack([problem.load, nobody]).ravel()
        self.regret = median_regret(priced)
        typical = max(float(np.median(problem.load)), 1e-9)
        self.penalty = np.tile(np.maximum(prices.minute, self.regret / typical), copies)
        self.rows = np.arange(copies)[:, None] * self.columns
        self.column = np.tile(np.arange(self.columns), copies)
        self.fill(place)

    def fill(self, place: Ints) -> None:
        """Lay `place` out as books, the same in every copy."""
        capacity = np.minimum(self.problem.capacity, ENDLESS_MINUTES)
        self.slots = np.tile(books(place, self.columns, self.empty), (self.copies, 1))
        self.over = np.tile(self.problem.used(place) - capacity, self.copies)
        self.slack = np.tile(capacity * CAPACITY_SLACK, self.copies)
        self.energy = np.full(self.copies, self.cost[np.arange(self.empty) * self.columns + place].sum())
        self.best_energy, self.best = np.inf, place

    def run(self, steps: int) -> Ints:
        """Return the best plan seen in `steps` steps that keeps every limit; the first one if none was better."""
        for step in range(steps):
            progress = step / steps
            self.temperature = HOT * self.regret * (COLD / HOT) ** progress
            self.weight = self.penalty * (1 + (PENALTY_RISE - 1) * progress**PENALTY_POWER)
            self.meet(self.group_size(step))
            self.make_room()
            self.remember()
        return self.best

    def group_size(self, step: int) -> int:
        """Return how many managers meet: by turns two and three, but never more exchanges than there is noise for."""
        width = self.slots.shape[1]
        return 3 if step % 2 and self.columns >= 3 and width**3 <= NOISE_NUMBERS // 2 else 2

    def meet(self, size: int) -> None:
        """Let random groups of `size` managers draw one exchange each: group g gives to group g + 1."""
        width = self.slots.shape[1]
        shuffled = np.argsort(self.random.random((self.copies, self.columns)), axis=1) + self.rows
        fit = max(1, STEP_NUMBERS // width**size)
        count = self.columns // size
        groups = [shuffled[:, at * count : (at + 1) * count].ravel()[:fit] for at in range(size)]
        held = [self.slots[group] for group in groups]
        after = groups[1:] + groups[:1]
        enter = [self.entering(held[at], held[(at + 1) % size], after[at]) for at in range(size)]
        picks = self.draw([each.energy for each in enter], width)
        at_group = np.arange(groups[0].size)
        for at, taker in enumerate(after):
            came, went = (at_group, picks[at]), (at_group, picks[(at + 1) % size])
            self.slots[taker, went[1]] = held[at][came]
            self.over[taker] += enter[at].load_in[came] - enter[at].load_out[went]
            change = enter[at].cost_in[came] - enter[at].cost_out[went]
            self.energy += np.bincount(taker // self.columns, change, self.copies)

    def entering(self, given: Ints, own: Ints, taker: Ints) -> Entering:
        """Return what changes at the managers `taker` (P) for slots `given` in and `own` out, both (P, S)."""
        column = self.column[taker][:, None]
        comes, goes = given * self.columns + column, own * self.columns + column
        load_in, load_out = self.load[comes], self.load[goes]
        cost_in, cost_out = self.cost[comes], self.cost[goes]
        weight = self.weight[taker][:, None]
        energy = (weight * (load_in + self.over[taker][:, None]))[:, :, None] - (weight * load_out)[:, None, :]
        np.maximum(energy, 0.0, out=energy)
        energy += cost_in[:, :, None]
        energy -= cost_out[:, None, :]
        return Entering(energy, cost_in, cost_out, load_in, load_out)

    def draw(self, energies: list[Floats], width: int) -> list[Ints]:
        """Return per group the slot drawn at each manager, in giving order."""
        if len(energies) == 2:
            joint = energies[0] + energies[1].transpose(0, 2, 1)
        else:
            joint = energies[0][:, :, :, None] + energies[1][:, None, :, :]
            joint += energies[2].transpose(0, 2, 1)[:, :, None, :]
        offset = int(self.random.integers(0, NOISE_NUMBERS - joint.size))
        joint -= (self.temperature * self.noise[offset : offset + joint.size]).reshape(joint.shape)
        flat = joint.reshape(joint.shape[0], -1).argmin(axis=1)
        return [flat // width**power % width for power in range(len(energies) - 1, -1, -1)]

    def make_room(self) -> None:
        """Keep every book's last slot empty, with one more column of slots if need be."""
        if (self.slots[:, -1] != self.empty).any():
            self.slots.sort(axis=1)
            if (self.slots[:, -1] != self.empty).any():
                self.slots = np.hstack([self.slots, np.full((self.slots.shape[0], 1), self.empty)])

    def remember(self) -> None:
        """Keep the cheapest copy that respects every limit."""
        kept = (self.over <= self.slack).reshape(self.copies, -1).all(axis=1)
        if not kept.any():
            return
        energy = np.where(kept, self.energy, np.inf)
        copy = int(energy.argmin())
        if energy[copy] >= self.best_energy - 1e-9:
            return
        place = self.placed(copy)
        if self.problem.moves(place) <= self.problem.max_moves:
            self.best_energy, self.best = float(energy[copy]), place

    def placed(self, copy: int) -> Ints:
        """Return the copy's plan as a column per client."""
        slots = self.slots[copy * self.columns : (copy + 1) * self.columns]
        column, slot = np.nonzero(slots != self.empty)
        place = np.zeros(self.empty, dtype=np.int64)
        place[slots[column, slot]] = column
        return place


def median_regret(priced: Floats) -> float:
    """Return the median over clients of second-cheapest minus cheapest priced place, above 0."""
    two = np.partition(priced, 1, axis=1)
    regret = float(np.median(two[:, 1] - two[:, 0]))
    return max(regret, 1e-3 * float(np.median(np.abs(two[:, 0]))), 1e-9)


def books(place: Ints, columns: int, empty: int) -> Ints:
    """Return (columns, S): the clients of each column, then `empty`; S is one more than the longest book."""
    counts = np.bincount(place, minlength=columns)
    order = np.argsort(place, kind="stable")
    slots = np.full((columns, int(counts.max()) + 1), empty, dtype=np.int64)
    slot = np.arange(place.size) - np.repeat(np.cumsum(counts) - counts, counts)
    slots[place[order], slot] = order
    return slots


def annealed(problem: Problem, place: Ints, prices: Prices, priced: Floats, work: int) -> Ints:
    """Return `place` or a cheaper plan that keeps every limit, found with about `work` numbers of arithmetic."""
    width = int(np.bincount(place).max()) + 1
    size = problem.pool + 1
    step = (min(size * width**2 / 2, STEP_NUMBERS) + min(size * width**3 / 3, STEP_NUMBERS)) / 2
    copies = int(np.clip(COPY_NUMBERS / step, 1, MOST_COPIES))
    steps = int(work / (STEP_OVERHEAD + copies * step))
    if width**2 > NOISE_NUMBERS // 2 or steps < 1:
        return place
    better = Annealing(problem, place, prices, priced, copies).run(steps)
    return better if problem.total(better) < problem.total(place) and problem.is_kept(better) else place
