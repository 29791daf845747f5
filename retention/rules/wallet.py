"""Our share of what a client has, as far as it is known (RET-10)."""

from __future__ import annotations

from collections.abc import Iterable


def share_of_wallet(ours_fen: int, elsewhere_fen: Iterable[int | None]) -> float | None:
    """Return our share, 0 to 1; None while nothing is known of what lies elsewhere, or nothing lies anywhere."""
    known = [fen for fen in elsewhere_fen if fen is not None]
    total = max(0, ours_fen) + sum(known)
    return max(0, ours_fen) / total if known and total else None
