"""What a tried version would do, made ready for the page: figures, steps of the ladder, names of who moves."""

from __future__ import annotations

from typing import Any

from clients.models import ClientStanding, Tier, ValueType
from office.models import Employee
from segmentation.operations.trial import Trial


def told(trial: Trial, user: Employee) -> dict[str, Any]:
    """Return a trial with the names of the clients that `user` may know of."""
    ids = [move.client_id for move in trial.moves] + trial.core_entering + trial.core_leaving
    seen = ClientStanding.objects.visible_to(user).filter(pk__in=ids).select_related("client", "manager")
    rows = {row.pk: row for row in seen}
    return {
        "effects": trial,
        "tiers": _sides(list(Tier.choices), trial.before.tier_counts, trial.after.tier_counts),
        "types": _sides(list(ValueType.choices), trial.before.type_counts, trial.after.type_counts),
        "moves": [
            {"move": move, "row": rows[move.client_id], "won": move.rank_before - move.rank_after}
            for move in trial.moves
            if move.client_id in rows
        ],
        "entering": [rows[pk] for pk in trial.core_entering if pk in rows],
        "leaving": [rows[pk] for pk in trial.core_leaving if pk in rows],
    }


def _sides(
    choices: list[tuple[str, str]], before: dict[str, int], after: dict[str, int]
) -> list[tuple[str, int, int, int]]:
    """Return code, count before, count after and the difference."""
    return [
        (code, before.get(code, 0), after.get(code, 0), after.get(code, 0) - before.get(code, 0)) for code, _ in choices
    ]
