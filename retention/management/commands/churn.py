"""What the churn score was worth, by hand: on the branches here, or on a labelled population beside a feed."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from office.errors import DomainError
from office.models import Branch
from retention.operations.churn_history import score_past
from retention.operations.labelled import Judged, judge
from retention.queries.backtest import HORIZON, Table, backtest
from retention.scoring.signals import LABELS, SIGNS


class Command(BaseCommand):
    """manage.py churn backtest [--feed DIR] [--branch CODE] | churn past --branch CODE DAY…"""

    help = "Tells what the churn score was worth, or scores past days of a branch for the back-test."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        told = acts.add_parser("backtest", help="share that left and lift over random, by band")
        told.add_argument("--feed", type=Path, help="a folder with counter files and churn_labels.csv.gz")
        told.add_argument("--branch", help="code of one branch; all of them without it")
        past = acts.add_parser("past", help="score past days whose facts are here")
        past.add_argument("--branch", required=True)
        past.add_argument("days", nargs="+", type=date.fromisoformat)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["act"] == "past":
                self._past(options["branch"], options["days"])
            elif options["feed"]:
                self._feed(judge(options["feed"]))
            else:
                self._branches(options["branch"])
        except DomainError as error:
            raise CommandError(error.message) from error

    def _past(self, code: str, days: list[date]) -> None:
        branch = Branch.objects.filter(code=code).first()
        if branch is None:
            raise CommandError("no such branch")
        ledger = score_past(branch, days)
        self.stdout.write(f"{branch}: {len(days)} days, {ledger.changed:,} scores")

    def _branches(self, code: str | None) -> None:
        for branch in Branch.objects.filter(**{"code": code} if code else {}).order_by("code"):
            found = backtest(branch)
            self.stdout.write(f"{branch}: {len(found.runs)} runs, {HORIZON} trading days after each")
            if found.runs:
                self._table("everybody", found.everybody)
                self._table("who had not asked to leave yet", found.early)

    def _feed(self, judged: Judged) -> None:
        self.stdout.write(f"branch {judged.branch}, labels' period begins after {judged.as_of}")
        self._table(f"score on {judged.as_of}", judged.at_date)
        first, last = judged.history
        self._table(f"highest band at the month-ends of the daily facts, {first} to {last}", judged.at_peak)
        for code, (clients, left) in sorted(judged.found.items()):
            self.stdout.write(
                f"sign {LABELS[code]} ({code}): {clients} labelled clients showed it, {left} of them left"
            )
        missing = ", ".join(f"{LABELS[sign.code]} ({sign.code})" for sign in judged.never_found)
        self.stdout.write(f"{len(judged.never_found)} of {len(SIGNS)} signs nobody showed: {missing}")

    def _table(self, title: str, table: Table) -> None:
        self.stdout.write(f"\n  {title}\n  {'band':8}{'clients':>9}{'left':>7}{'share':>9}{'lift':>7}")
        for line in table.lines:
            share = "—" if line.share is None else f"{line.share:.1%}"
            lift = "—" if line.lift is None else f"{line.lift:.2f}"
            self.stdout.write(f"  {line.label:6}{line.clients:>9,}{line.left:>7,}{share:>9}{lift:>7}")
        share = "—" if table.share is None else f"{table.share:.1%}"
        self.stdout.write(f"  {'合计':6}{table.clients:>9,}{table.left:>7,}{share:>9}\n")
