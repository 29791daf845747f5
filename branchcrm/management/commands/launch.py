"""What `make run` does once its services are up."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from branchcrm.demo import demo_logins
from branchcrm.serve import address, serve
from clients.models import ImportBatch

# What is prepared before the night: title, command, arguments. Each finds its work done at a second start.
STEPS = [
    ("database tables", "migrate", ["--verbosity", "0"]),
    ("static files", "collectstatic", ["--no-input", "--verbosity", "0"]),
    ("calendar", "calendar", ["seed"]),
    ("demonstration branch", "demo", ["--if-empty"]),
]
LANDED = [ImportBatch.State.DONE, ImportBatch.State.PARTLY]


class Command(BaseCommand):
    help = "Prepares the database and the demonstration branch, runs the nights that are due and serves."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        for title, command, arguments in STEPS:
            self._step(title, command, *arguments)
        landed = ImportBatch.objects.filter(state__in=LANDED, as_of__isnull=False)
        for day in sorted({day for day in landed.values_list("as_of", flat=True) if day}):
            self._step(f"night of {day}", "night", "--date", day.isoformat())
        sys.exit(serve(Path(os.environ.get("CRM_DATA_DIR", ".data")), when_ready=self._tell))

    def _step(self, title: str, command: str, *arguments: str) -> None:
        started = time.monotonic()
        self.stdout.write(f"• {title} …")
        self.stdout.flush()
        call_command(command, *arguments)
        self.stdout.write(f"  {title}: {time.monotonic() - started:.1f} s")
        self.stdout.flush()

    def _tell(self) -> None:
        for login in demo_logins():
            self.stdout.write(f"  {login.staff_no}  {login.password}  {login.name}（{login.roles}）")
        self.stdout.write(f"branchcrm ready at {address()}")
        self.stdout.flush()
