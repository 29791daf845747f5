"""What a tried version would do, made ready for the page: figures, steps of the ladder, names of who moves."""

from __future__ import annotations

from typing import Any

from clients.models import ClientStanding, Tier, ValueType
from office.models import Employee
from segmentation.models import Level, WeightSet
from segmentation.operations.trial import Trial
from segmentation.operations.weights import Proposal


def told(trial: Trial, user: Employee) -> dict[str, Any]:
    """Return a trial with the names of the clients that `user` may know of."""
    ids = [move.client_id for move in trial.moves] + trial.core_entering + trial.core_leaving
    seen = ClientStanding.objects.visible_to(user).filter(pk__in=ids).select_related("client", "manager")
    rows = {row.pk: row for row in seen}
    return {
        "effects": trial,
        "tiers": _matrix([(code, "") for code in Tier.values], trial.tier_moves),
        "levels": _matrix([("", str(label)) for label in Level.labels], trial.level_moves),
        "types": _sides(list(ValueType.choices), trial.before.type_counts, trial.after.type_counts),
        "moves": [
            {"move": move, "row": rows[move.client_id], "won": move.rank_before - move.rank_after}
            for move in trial.moves
            if move.client_id in rows
        ],
        "entering": [rows[pk] for pk in trial.core_entering if pk in rows],
        "leaving": [rows[pk] for pk in trial.core_leaving if pk in rows],
    }


def proposal_of(weights: WeightSet) -> Proposal:
    """Return a version as it was proposed, to be tried again; its ladders in yuan."""
    ladders: dict[str, dict[str, tuple[int, int]]] = {}
    for rule in weights.tier_rules.all():
        steps = ladders.setdefault(rule.ladder, {})
        steps[rule.tier] = rule.min_assets_fen // 100, rule.min_commission_fen // 100
    return Proposal(
        weights.a,
        weights.b,
        weights.c,
        normaliser=weights.normaliser,
        fee_rates=weights.fee_rates,
        trailing_rates=weights.trailing_rates,
        core_share=weights.core_share,
        core_exit_share=weights.core_exit_share,
        ladders=ladders,
        note=weights.note,
    )


def _matrix(names: list[tuple[str, str]], counts: list[list[int]]) -> dict[str, Any]:
    """Return the matrix of moves with the look of each cell: stayed, up, down or empty; the last place is the best.

    `names` are (tier, words): one of the two is shown.
    """
    is_ladder = bool(names[0][0])

    def look(before: int, after: int) -> str:
        if not counts[before][after]:
            return "z"
        if before == after:
            return "dg"
        return "upc" if (after > before) == is_ladder else "dnc"

    rows = [
        {"name": names[i], "cells": [(count, look(i, j)) for j, count in enumerate(line)], "sum": sum(line)}
        for i, line in enumerate(counts)
    ]
    return {"names": names, "rows": rows, "sums": [sum(line) for line in zip(*counts, strict=True)]}


def _sides(
    choices: list[tuple[str, str]], before: dict[str, int], after: dict[str, int]
) -> list[tuple[str, int, int, int]]:
    """Return code, count before, count after and the difference."""
    return [
        (code, before.get(code, 0), after.get(code, 0), after.get(code, 0) - before.get(code, 0)) for code, _ in choices
    ]
