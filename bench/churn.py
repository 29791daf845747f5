"""The churn step of a night: every client of a branch scored, against moving the same rows."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from bench.database import AS_OF
from bench.floors import copy_floor
from bench.harness import Figure, median_of, seconds_of
from bench.nights import the_branch, undone
from clients.models import ClientWindow
from retention.models import ChurnRun, ChurnStanding
from retention.operations.churn import score_churn
from segmentation.operations.windows import roll_windows


def churn() -> list[Figure]:
    """Score the last day after the night before; the floor moves windows and old signs out, scores in."""
    branch = the_branch()
    with transaction.atomic():
        before = ClientWindow.objects.filter(branch=branch).aggregate(day=Max("as_of"))["day"]
        first = 0.0
        if not ChurnRun.objects.filter(branch=branch).exists():
            first = seconds_of(lambda: score_churn(branch, before))
        roll_windows(branch, AS_OF)
        seconds = median_of(5, undone(lambda: score_churn(branch, AS_OF)))
        told = score_churn(branch, AS_OF)
        run = told.detail["run"]
        yesterday = ChurnRun.objects.filter(branch=branch, as_of__lt=AS_OF).latest("as_of", "edition").pk
        floor = copy_floor(
            [
                f"SELECT * FROM clients_clientwindow WHERE branch_id = {branch.pk}",
                f"SELECT * FROM retention_churnscore WHERE run_id = {yesterday} AND score > 0",
            ],
            {
                "retention_churnscore": f"SELECT * FROM retention_churnscore WHERE run_id = {run}",
                "retention_churnstanding": f"SELECT * FROM retention_churnstanding WHERE run_id = {run}",
            },
        )
        again = seconds_of(lambda: score_churn(branch, AS_OF))
        listed = ChurnStanding.objects.filter(branch=branch).count()
        transaction.set_rollback(True)
    more = {"floor": floor, "clients": told.seen, "listed": listed, "first_night": first, "rerun": again}
    return [Figure("churn", seconds, seconds / floor, 3, more)]
