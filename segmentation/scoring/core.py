"""The core group: who brings 80 % of what the branch earns, in real yuan (nightly.md §4)."""

from dataclasses import dataclass

import numpy as np

from segmentation.scoring.arrays import Bools, Floats, Ints

EXIT_MONTHS = 3  # month-ends in a row beyond the exit share
USUAL_SHARE = (0.05, 0.40)  # of heads: outside, the branch does not follow 80/20


@dataclass(frozen=True)
class Core:
    """The core group of one run; shares from 0 to 1."""

    is_core: Bools
    in_base_set: Bools
    share: Floats  # of the positive contributions; 0 for others
    cumulative: Floats  # with all who bring more; 1 for those who bring nothing
    months_beyond: Ints


def base_set(contribution: Ints, share_permille: int) -> tuple[Bools, Floats]:
    """Return the smallest set that brings the share, and everybody's cumulative share.

    Contributions are whole fen in the order of client numbers, which decides ties. Descending, a
    client is in while those before him have not reached the share: the one that crosses is in.
    """
    order = np.argsort(-contribution, kind="stable")
    positive = np.maximum(contribution[order], 0)
    reached = np.cumsum(positive)
    total = int(reached[-1]) if len(reached) else 0
    inside, cumulative = np.zeros(len(order), np.bool_), np.ones(len(order))
    if total > 0:
        # In whole numbers, so that a share met exactly is met; 64 bits would not hold fen × 1000 of every branch.
        needed = -(-share_permille * total // 1000)
        inside[order] = (reached - positive < needed) & (positive > 0)
        cumulative[order] = reached / total
    return inside, cumulative


def settle(
    contribution: Ints, was_core: Bools, months_beyond: Ints, is_new: Bools, *,
    share_permille: int, exit_permille: int, is_month_end: bool,
) -> Core:  # fmt: skip
    """Return the core group: the base set, and members who have not lain beyond the exit share at 3 month-ends.

    Only month-ends count: a day inside between two of them changes nothing. A new client's months are not counted.
    """
    inside, cumulative = base_set(contribution, share_permille)
    total = max(int(np.maximum(contribution, 0).sum()), 1)
    beyond = ~inside & (cumulative > exit_permille / 1000)
    months = months_beyond
    if is_month_end:
        months = np.where(beyond, months_beyond + ~is_new, 0)
    stays = was_core & (months < EXIT_MONTHS)
    is_core = inside | stays
    share = np.maximum(contribution, 0) / total
    return Core(is_core, inside, share, cumulative, np.where(is_core, months, 0))
