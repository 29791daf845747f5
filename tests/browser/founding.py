"""Founds the town in the empty database of DATABASE_URL: `python -m tests.browser.founding`.

It is the demonstration branch after its night, small. The last line of stdout tells the password of everybody.
"""

import io
import sys

import django
from django.core.management import call_command
from django.utils import timezone

CLIENTS = 240


def found() -> str:
    """Make the tables, the demonstration branch and its night; return the password of its people."""
    from branchcrm.demo import demo_password
    from branchcrm.demo.build import last_closed_day

    call_command("migrate", verbosity=0)
    call_command("demo", "--clients", str(CLIENTS), stdout=io.StringIO())
    told_last = last_closed_day(timezone.localdate())
    call_command("night", "--date", told_last.isoformat(), "--json", stdout=io.StringIO())
    return demo_password()


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(f"{found()}\n")
