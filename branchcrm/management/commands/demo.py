"""The demonstration branch by hand."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from branchcrm.demo import demo_logins
from branchcrm.demo.build import last_closed_day, make_demo
from branchcrm.demo.scale import Scale
from office.errors import DomainError
from office.models import Branch
from office.operations.calendar import seed_calendar


class Command(BaseCommand):
    """manage.py demo [--clients N] [--branches M] [--date YYYY-MM-DD] [--seed N] [--folder DIR] [--if-empty]"""

    help = "Makes the demonstration branch: counter files, imported through the usual door, and the people in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clients", type=int, default=3_000, help="per branch")
        parser.add_argument("--branches", type=int, default=1)
        parser.add_argument("--date", type=date.fromisoformat, help="the day told last; the last closed trading day")
        parser.add_argument("--seed", type=int, default=1, help="another seed makes other people and facts")
        parser.add_argument("--folder", type=Path, help="keep the counter files here")
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there is a branch already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Branch.objects.exists():
            self.stdout.write("demo: there is a branch already, nothing made")
            return
        seed_calendar()
        as_of = options["date"] or last_closed_day(timezone.localdate())
        scale = Scale(as_of, options["clients"], options["branches"], options["seed"])
        try:
            make_demo(scale, folder=options["folder"], progress=self.stdout.write)
        except DomainError as error:
            raise CommandError(error.message) from error
        if not options["if_empty"]:  # `make run` tells them itself, last of all and at every start
            self._tell_logins()

    def _tell_logins(self) -> None:
        for login in demo_logins():
            self.stdout.write(f"{login.staff_no}  {login.password}  {login.name}（{login.roles}）")
