"""Founds a branch with a few clients and a key in the empty database of DATABASE_URL.

`python -m tests.live.founding`; the last line of stdout is the secret of the key.
"""

import sys
from datetime import date, timedelta

import django
from django.core.management import call_command
from django.utils import timezone


def found() -> str:
    """Make the tables, the branch, its people, clients and key; return the key's secret."""
    from office.models import Role, Scope
    from office.operations.keys import KeyWish, make_key
    from tests.conftest import make_branch, make_client, make_employee

    call_command("migrate", verbosity=0)
    branch = make_branch()
    manager = make_employee("1001", "李清", branch, Role.CLIENT_MANAGER)
    director = make_employee("1004", "赵启明", branch, Role.MARKET_DIRECTOR)
    for number in range(1, 6):
        standing = {"value": 90.0 - number, "rank": number, "score_run_id": 1, "tier": "gold"}
        make_client(branch, f"88010000000{number}", manager=manager, standing=standing, opened_on=date(2021, 3, number))
    ends = timezone.now() + timedelta(days=30)
    return make_key(KeyWish("柜台系统", list(Scope), [branch], ends, calls_per_minute=1_000_000), by=director)[1]


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(f"{found()}\n")
