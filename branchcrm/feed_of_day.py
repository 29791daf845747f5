"""Whether the counter's delivery of a day is there, and what it says of itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Q

from clients.feed.manifest import SUMS
from clients.models import ImportBatch, ImportFile, QuarantineRow
from office.models import Branch

NEEDED = ("daily_metrics",)  # kinds of file without which there is nothing to score
CATCH_UP_DAYS = 10  # how many nights that were missed are made up for, one after the other
UNKNOWN_CODES = ("unknown_client", "unknown_account")
COUNTED = {name: kind for kind, (name, _) in SUMS.items()}  # control totals that count rows → kind of file


@dataclass
class DayFeed:
    """What was delivered for one branch and business date, corrections included; later files stand for earlier ones."""

    branch: Branch
    day: date

    @cached_property
    def batches(self) -> list[ImportBatch]:
        """The deliveries of that day that hold rows of the branch, oldest first."""
        rows = ImportBatch.objects.filter(as_of=self.day, branches=self.branch)
        return list(rows.exclude(state=ImportBatch.State.RUNNING).order_by("received_at", "pk"))

    @cached_property
    def _all_files(self) -> list[ImportFile]:
        rows = ImportFile.objects.filter(batch__in=self.batches).exclude(kind="").exclude(kind="rejected")
        return list(rows.order_by("batch__received_at", "batch_id", "pk"))

    @property
    def files(self) -> dict[str, ImportFile]:
        """The latest file of each kind."""
        return {file.kind: file for file in self._all_files}

    @property
    def _standing(self) -> list[ImportFile]:
        """The files of the latest delivery of each kind."""
        latest = {file.kind: file.batch_id for file in self._all_files}
        return [file for file in self._all_files if file.batch_id == latest[file.kind]]

    @property
    def missing(self) -> list[str]:
        """The kinds of file that did not come or could not be read; empty if the day can be scored.

        What has to come the sender's manifests say, by the files they name and by rows they count for
        this branch; without a manifest it is what scores cannot do without.
        """
        refused = {file.kind for file in self._standing if file.state != ImportBatch.State.DONE}
        promised = {kind for name, kind in COUNTED.items() if self._latest_total(name, "manifest")}
        return sorted({*refused, *({*NEEDED, *promised} - self.files.keys())})

    @property
    def is_complete(self) -> bool:
        """Whether the night can work with it."""
        return not self.missing

    @cached_property
    def rows(self) -> int:
        """How many rows were delivered for this branch (positions and events carry no control total)."""
        return sum(int(self._latest_total(name, "file") or 0) for name in COUNTED)

    @cached_property
    def refused(self) -> Counter[str]:
        """Reason → rows kept in quarantine, of this branch or of none that is known."""
        rows = self._quarantine.values_list("reason").annotate(rows=Count("pk")).order_by("-rows", "reason")
        counted: Counter[str] = Counter()
        for reason, count in rows:
            counted[reason.split("：")[0]] += count
        return counted

    @cached_property
    def unknown(self) -> int:
        """How many rows were refused because their client or account is unknown."""
        return int(self._quarantine.filter(code__in=UNKNOWN_CODES).count())

    def promised(self, name: str) -> tuple[float, float] | None:
        """Return a control total as counted and as the sender promised it; None where nothing was promised."""
        for batch in reversed(self.batches):
            counted, told = self._total(batch, name, "file"), self._total(batch, name, "manifest")
            if told is not None:
                return float(counted or 0), float(told)
        return None

    @property
    def _quarantine(self) -> Any:
        here = Q(branch=self.branch) | Q(branch=None)
        return QuarantineRow.objects.filter(here, file__in=self._standing)

    def _latest_total(self, name: str, side: str) -> Decimal | None:
        told = (self._total(batch, name, side) for batch in reversed(self.batches))
        return next((total for total in told if total is not None), None)

    def _total(self, batch: ImportBatch, name: str, side: str) -> Decimal | None:
        text = batch.totals.get(self.branch.code, {}).get(name, {}).get(side)
        return None if text is None else Decimal(text)


def due_days(branch: Branch, until: date) -> list[date]:
    """Return the days whose night is still owed, oldest first: delivered and not published, and `until` itself."""
    since = branch.data_as_of or date.min
    finished = [ImportBatch.State.DONE, ImportBatch.State.PARTLY]
    rows = ImportBatch.objects.filter(branches=branch, state__in=finished, as_of__gt=since, as_of__lt=until)
    delivered = sorted({day for day in rows.values_list("as_of", flat=True) if day is not None})
    return [*delivered[-(1 if since == date.min else CATCH_UP_DAYS) :], until]
