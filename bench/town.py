"""Branches made ready in a process of their own: `python -m bench.town CLIENTS PLACE…`.

Each (the first is at place 0) is made as `manage.py demo` makes it, and its night before the last is published.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import django

from bench.database import AS_OF


def main() -> int:
    """Make the branches asked for, one after the other."""
    django.setup()
    clients, *places = map(int, sys.argv[1:])
    for place in places:
        with tempfile.TemporaryDirectory(prefix="bench-town-") as private:
            _make(place, clients, Path(private))
    return 0


def _make(place: int, clients: int, folder: Path) -> None:
    # After django.setup(), because these hold models.
    from branchcrm.demo.build import make_branch
    from branchcrm.demo.scale import Scale
    from branchcrm.night import Outcome, run_night
    from clients.models import ImportBatch
    from office.operations.calendar import seed_calendar

    seed_calendar()
    scale = Scale(AS_OF, clients, place + 1)
    branch = make_branch(scale.branch_codes()[place], scale, folder, progress=lambda line: None)
    shutil.rmtree(folder, ignore_errors=True)
    before = ImportBatch.objects.filter(branches=branch).earliest("as_of").as_of
    assert before is not None
    outcome = run_night(branch, before)
    assert outcome in (Outcome.PUBLISHED, Outcome.NOTHING_NEW), (branch, outcome)
    print(f"bench: {branch} is ready", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
