"""One delivery in the making: gzip files that rows are added to, and the manifest that tells their sums."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from branchcrm.demo.lines import csv
from branchcrm.demo.tables import Rows

LEVEL = 1  # of gzip: the files are read once
MONEY = {"commission", "turnover", "latest_total_assets", "trade_amount", "purchase_amount"}


class Parcel:
    """The files of one delivery of one branch; `add` rows, then `close`."""

    def __init__(self, folder: Path, code: str, as_of: date) -> None:
        self.folder, self.code, self.as_of = folder, code, as_of
        self.files: dict[str, gzip.GzipFile] = {}
        self.raw: dict[str, BinaryIO] = {}
        self.rows: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, kind: str, rows: Rows) -> None:
        """Append rows to the file of a kind."""
        if kind not in self.files:
            # No time and no name inside, so that the same rows make the same bytes.
            self.raw[kind] = (self.folder / f"{kind}.csv.gz").open("wb")
            self.files[kind] = gzip.GzipFile("", "wb", LEVEL, self.raw[kind], mtime=0)
            self.files[kind].write((",".join(rows.columns) + "\n").encode())
        if len(rows):
            self.files[kind].write(csv(list(rows.columns.values())))
        self.rows[kind] += len(rows)
        self.totals.update(rows.totals)

    def close(self) -> None:
        """Close the files and write the manifest."""
        told = []
        for kind, file in self.files.items():
            file.close()
            self.raw[kind].close()
            path = self.folder / f"{kind}.csv.gz"
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            told.append({"file": path.name, "rows": self.rows[kind], "bytes": path.stat().st_size, "sha256": digest})
        totals = {name: str(Decimal(n).scaleb(-2)) if name in MONEY else n for name, n in self.totals.items()}
        manifest = {"asof": self.as_of.isoformat(), "files": told, "control_totals": {self.code: totals}}
        (self.folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
