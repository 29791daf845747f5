"""Scores by hand: `scores run` appraises and publishes a date, `scores export` writes it as CSV."""

import csv
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from office.errors import DomainError
from office.models import Branch
from segmentation.operations.scoring import publish_run, score_branch
from segmentation.operations.windows import roll_windows
from segmentation.queries.export import COLUMNS, published_on, score_lines


class Command(BaseCommand):
    help = "Appraise and publish a date, or write its scores as CSV"

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, purpose in (("run", "appraise and publish"), ("export", "write CSV")):
            action = actions.add_parser(name, help=purpose)
            action.add_argument("--date", required=True, type=date.fromisoformat, help="business date YYYY-MM-DD")
            action.add_argument("--branch", help="branch code; all branches without it")
            if name == "export":
                action.add_argument("--out", type=Path, help="file to write; standard output without it")

    def handle(self, *args: Any, **options: Any) -> None:
        branches = Branch.objects.order_by("code")
        if options["branch"]:
            branches = branches.filter(code=options["branch"])
        if not branches:
            raise CommandError("没有这个营业部，请先导入柜台数据")
        try:
            if options["action"] == "run":
                for branch in branches:
                    self._run(branch, options["date"])
            else:
                self._export(list(branches), options["date"], options["out"])
        except DomainError as error:
            raise CommandError(error.message) from error

    @transaction.atomic
    def _run(self, branch: Branch, as_of: date) -> None:
        rolled = roll_windows(branch, as_of)
        run, scored = score_branch(branch, as_of)
        published = publish_run(run)
        self.stdout.write(
            f"{branch.code} {run}：窗口 {rolled.seen}（{rolled.detail['way']}），评分 {scored.changed}，"
            f"客户现状更新 {published.changed}"
        )

    def _export(self, branches: list[Branch], as_of: date, out: Path | None) -> None:
        if out is None:
            self._write(self.stdout, branches, as_of)
            return
        with out.open("w", encoding="utf-8", newline="") as file:
            self._write(file, branches, as_of)

    def _write(self, file: Any, branches: list[Branch], as_of: date) -> None:
        runs = {branch: self._scored(branch, as_of) for branch in branches}
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        for run in runs.values():
            lines.writerows(score_lines(run))

    @transaction.atomic
    def _scored(self, branch: Branch, as_of: date) -> Any:
        """Return the published run of that date; a date without one is appraised as a draft first."""
        run = published_on(branch, as_of)
        if run is None:
            roll_windows(branch, as_of)
            run, _ = score_branch(branch, as_of)
        return run
