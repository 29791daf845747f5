"""One night by hand, the twin of the Celery task."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from branchcrm.night import LABELS, STEPS, Outcome, run_night
from branchcrm.words import OUTCOME_SENTENCES
from office.jobs import Ledger
from office.models import Branch, JobRun

BAR_WIDTH = 24
TROUBLE = {Outcome.REFUSED, Outcome.HELD}


class Command(BaseCommand):
    """manage.py night --date YYYY-MM-DD [--branch CODE] [--json]"""

    help = "Runs the night that follows a day, for one branch or all of them, and prints its ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", required=True, type=date.fromisoformat, help="the business date T")
        parser.add_argument("--branch", help="code of one branch; all of them without it")
        parser.add_argument("--json", action="store_true", help="print the ledger as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        branches = Branch.objects.order_by("code")
        if options["branch"]:
            branches = branches.filter(code=options["branch"])
        if not branches:
            raise CommandError("no such branch")
        nights = [self._one(branch, options["date"], quiet=options["json"]) for branch in branches]
        if options["json"]:
            self.stdout.write(json.dumps(nights, ensure_ascii=False, indent=1))
        if any(night["outcome"] in TROUBLE for night in nights):
            sys.exit(1)

    def _one(self, branch: Branch, day: date, *, quiet: bool) -> dict[str, Any]:
        if not quiet:
            self.stdout.write(f"\n{branch.name} {branch.code}  {day:%Y-%m-%d}")
        bar = Bar(None if quiet else self.stdout)
        outcome = run_night(branch, day, watch=bar.watch)
        night = {"branch": branch.code, "date": day.isoformat(), "outcome": outcome, "steps": _steps(branch, day)}
        if not quiet:
            bar.clear()
            self._table(night)
        return night

    def _table(self, night: dict[str, Any]) -> None:
        self.stdout.write(f"  {'step':<12}{'seen':>10}{'changed':>10}{'skipped':>10}{'seconds':>9}{'MiB':>7}")
        for step in night["steps"]:
            self.stdout.write(
                f"  {step['code']:<12}{step['seen']:>10,}{step['changed']:>10,}"
                f"{sum(step['skipped'].values()):>10,}{step['seconds'] or 0:>9.2f}{step['peak_mb'] or 0:>7,}"
                f"  {step['label']}"
            )
            for reason, count in step["skipped"].items():
                self.stdout.write(f"  {'':<12}{count:>30,}  {reason}")
        for gate in night["steps"][0]["gates"] if night["steps"] else []:
            if not gate["passed"]:
                let_pass = " (let pass)" if gate["accepted"] else ""
                self.stdout.write(f"  gate closed: {gate['label']} {gate['value']} (limit {gate['limit']}){let_pass}")
        self.stdout.write(f"  {night['outcome']}: {OUTCOME_SENTENCES[night['outcome']]}")


class Bar:
    """A progress bar on a terminal, silent elsewhere: the table tells it all."""

    def __init__(self, out: OutputWrapper | None) -> None:
        self.out, self.done, self.width = out, 0, 0
        self.moves = out is not None and out.isatty()

    def watch(self, label: str, ledger: Ledger | None) -> None:
        """Show that a step begins (no ledger yet) or has ended."""
        self.done += ledger is not None
        if self.moves:
            self._draw(label)

    def clear(self) -> None:
        """Make room for the table."""
        if self.moves and self.out is not None:
            self.out.write("\r" + " " * (self.width + BAR_WIDTH) + "\r", ending="")

    def _draw(self, label: str) -> None:
        assert self.out is not None
        full = BAR_WIDTH * self.done // len(STEPS)
        line = f"  [{'█' * full}{'·' * (BAR_WIDTH - full)}] {self.done}/{len(STEPS)} {label}"
        self.width = max(self.width, len(line))
        self.out.write(f"\r{line:<{self.width}}", ending="")
        self.out.flush()


def _steps(branch: Branch, day: date) -> list[dict[str, Any]]:
    """Return the ledger of the latest edition of that night, the whole first, then its steps in order."""
    runs = JobRun.objects.filter(branch=branch, as_of=day, name__startswith="night")
    latest = runs.order_by("-edition").values_list("edition", flat=True).first()
    order = ["night", *(f"night.{code}" for code in LABELS)]
    found = {run.name: run for run in runs.filter(edition=latest or 1)}
    return [_as_json(found[name]) for name in order if name in found]


def _as_json(run: JobRun) -> dict[str, Any]:
    code = run.name.removeprefix("night.")
    return {
        "code": code,
        "label": LABELS.get(code, "整夜"),
        "state": run.state,
        "edition": run.edition,
        "seen": run.rows_seen,
        "changed": run.rows_changed,
        "expected": run.rows_expected,
        "skipped": run.skipped,
        "seconds": run.seconds,
        "peak_mb": run.peak_mb,
        "detail": run.detail,
        "gates": run.detail.get("gates", []),
        "error": run.error,
    }
