"""A score with nothing special about it, for tests that are about one of its columns."""

from __future__ import annotations

from typing import Any

from clients.models import Client
from office.partitions import ensure_months
from segmentation.models import ClientScore, ScoringRun


def make_score(run: ScoringRun, client: Client, **columns: Any) -> ClientScore:
    """Write one client's score of a run: every figure 0, no flags, ranked 1."""
    ensure_months(ClientScore, [run.as_of])
    zero = {
        field.attname: 0
        for field in ClientScore._meta.concrete_fields
        if field.attname not in {"run_id", "client_id", "branch_id", "as_of", "is_core", "in_base_set"}
    }
    fixed = {"run": run, "client": client, "branch": run.branch, "as_of": run.as_of, "rank": 1}
    return ClientScore.objects.create(**zero | {"is_core": False, "in_base_set": False} | fixed | columns)
