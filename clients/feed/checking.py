"""One file checked in columns: what may land, what may not and why."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clients.feed import columns, encoding
from clients.feed.columns import Context, Values
from clients.feed.files import Taken, lines_at, pieces
from clients.feed.headers import Header
from clients.feed.layout import Column, Layout
from clients.feed.lines import Block, Bools, Field, Ints, split
from clients.feed.lookup import UNKNOWN
from clients.feed.refusal import KEPT_PER_FILE, RAW_LIMIT, Refusal, masked, masked_line, reason

Array = npt.NDArray[Any]
VALUE_LIMIT = 200  # characters of the value at fault that are kept
REFERENCES = ("account", "client", "branch")  # kinds of column that name a row of ours, the surest first


@dataclass
class Table:
    """The good rows of one file, a column an array, and what is to be said about the rest."""

    layout: Layout
    columns: dict[str, Array]
    lines: Ints  # the line each row stood on
    given: frozenset[str]  # the columns that the file has
    rows: int  # lines that held anything
    encoding: str
    refusals: list[Refusal] = field(default_factory=list)  # the first KEPT_PER_FILE
    refused: int = 0  # all of them
    repeated: int = 0  # rows that say again what an earlier row said
    dropped: Counter[str] = field(default_factory=Counter)  # column → values left out
    ignored: tuple[str, ...] = ()  # columns of the file that nobody knows

    def __len__(self) -> int:
        return len(self.lines)


class Check:
    """The state of reading one file: `add` a piece at a time, then `table`."""

    def __init__(self, header: Header, context: Context) -> None:
        self.header, self.context = header, context
        self.used = [column for column in header.layout.columns if column.name in header.places]
        self.parts: list[dict[str, Array]] = []
        self.lines: list[Ints] = []
        self.rows = self.refused = 0
        self.refusals: list[Refusal] = []
        self.dropped: Counter[str] = Counter()

    def refuse(self, refusals: list[Refusal]) -> None:
        """Count refused rows and keep the first of them."""
        self.refused += len(refusals)
        self.refusals += refusals[: max(KEPT_PER_FILE - len(self.refusals), 0)]

    def add(self, block: Block) -> None:
        """Read the rows of one block and keep the good ones."""
        places = self.header.places
        fields = {column.name: block.field(places[column.name]) for column in self.used}
        values = {column.name: columns.read(column, fields[column.name], self.context) for column in self.used}
        for name, value in values.items():
            if value.dropped is not None:
                self.dropped[name] += int(value.dropped.sum())
        self._judge(fields, values)
        self._keep_good(block, fields, values)

    def _judge(self, fields: dict[str, Field], values: dict[str, Values]) -> None:
        """Find what is wrong with rows as a whole."""
        arrays = {name: value.array for name, value in values.items()}
        if self.header.layout.kind == "clients":
            away = self._moved(fields["client_id"], arrays["branch_no"])
            values["branch_no"].faults |= dict.fromkeys(away, "moved_branch")
        if self.header.layout.kind == "accounts":
            taken = self._taken_over(fields["account_no"], arrays["client_id"])
            values["client_id"].faults |= dict.fromkeys(taken, "other_client")
        for name, faults in self._across(arrays).items():
            for row, code in faults.items():
                values[name].faults.setdefault(row, code)
        if "id_no" in arrays:
            kinds = arrays.get("id_type", np.full(len(arrays["id_no"]), "", object))
            values["id_no"].words = columns.judge_identities(kinds, arrays["id_no"], self.context.as_of)
            for row in values["id_no"].words:
                values["id_no"].faults.setdefault(row, "bad_id_no")

    def _keep_good(self, block: Block, fields: dict[str, Field], values: dict[str, Values]) -> None:
        """Set the rows with a fault apart and keep the others."""
        arrays = {name: value.array for name, value in values.items()}
        branches = self._branches(arrays, len(block.line))
        if self.context.only:
            foreign = np.flatnonzero((branches > 0) & ~np.isin(branches, list(self.context.only))).tolist()
            for row in foreign:
                values[self._reference()].faults[row] = "foreign"
        good = np.ones(len(block.line), bool)
        refusals = []
        for column in self.used:
            value = values[column.name]
            for row, code in value.faults.items():
                if good[row]:
                    raw = next(fields[column.name].take(np.array([row])).raw())
                    refusals.append(self._refusal(column, int(block.line[row]), code, raw, value.words.get(row)))
                    home = min(self.context.only) if code == "foreign" else int(branches[row])  # who sent it may see it
                    refusals[-1] = replace(refusals[-1], branch_id=home or None)
                    good[row] = False
        self.refuse(sorted(refusals, key=lambda refusal: refusal.line))
        self.parts.append({name: array[good] for name, array in arrays.items()})
        self.lines.append(block.line[good])

    def _reference(self) -> str:
        """Return the name of the column that says whose a row is."""
        return next(column.name for kind in REFERENCES for column in self.used if column.kind == kind)

    def _refusal(self, column: Column, line: int, code: str, raw: bytes, words: str | None) -> Refusal:
        value = raw.decode(self.context.encoding, "replace").replace("\0", "")[:VALUE_LIMIT]
        choices = "、".join(dict.fromkeys(column.choices.values()))
        said = words or reason(code, column.title, choices=choices or "0、1", limit=column.limit)
        return Refusal(line, code, column.name, masked(value) if column.personal else value, said[:VALUE_LIMIT])

    def _moved(self, numbers: Field, branches: Ints) -> list[int]:
        """Return the rows of clients who are known at another branch than the file says."""
        lookups = self.context.lookups
        home = _pick(lookups["client"].columns["branch"], lookups["client"].find(numbers))
        said = _pick(lookups["branch"].ids, branches)
        return np.flatnonzero((home > 0) & (said > 0) & (home != said)).tolist()

    def _taken_over(self, numbers: Field, clients: Ints) -> list[int]:
        """Return the rows of accounts that are known as another client's than the file says."""
        lookups = self.context.lookups
        owner = _pick(lookups["account"].columns["client"], lookups["account"].find(numbers))
        said = _pick(lookups["client"].ids, clients)
        return np.flatnonzero((owner > 0) & (said > 0) & (owner != said)).tolist()

    def _across(self, arrays: dict[str, Array]) -> dict[str, dict[int, str]]:
        """Return what the columns say against each other: column → row → code."""
        found: dict[str, dict[int, str]] = {}
        kinds = {column.kind: column.name for column in self.used if column.kind in REFERENCES}
        lookups = self.context.lookups
        if "account" in kinds and "client" in kinds:
            account, client = arrays[kinds["account"]], arrays[kinds["client"]]
            both = (account != UNKNOWN) & (client != UNKNOWN)
            owner = _pick(lookups["account"].columns["client"], account)
            stranger = both & (owner != _pick(lookups["client"].ids, client))
            found[kinds["client"]] = dict.fromkeys(np.flatnonzero(stranger).tolist(), "other_client")
        if "client" in kinds and "branch" in kinds:
            home = _pick(lookups["client"].columns["branch"], arrays[kinds["client"]])
            said = _pick(lookups["branch"].ids, arrays[kinds["branch"]])
            away = (home > 0) & (said > 0) & (home != said)
            found[kinds["branch"]] = dict.fromkeys(np.flatnonzero(away).tolist(), "other_branch")
        return found

    def _branches(self, arrays: dict[str, Array], rows: int) -> Ints:
        """Return the branch each row belongs to as far as it can be told, 0 if it cannot."""
        found = np.zeros(rows, np.int64)
        for kind in REFERENCES:
            for column in self.used:
                if column.kind == kind:
                    lookup = self.context.lookups[kind]
                    ids = lookup.ids if kind == "branch" else lookup.columns["branch"]
                    found = np.where(found > 0, found, _pick(ids, arrays[column.name]))
        return found

    def table(self) -> Table:
        """Return what was read, rows that stand in the file twice taken out."""
        lines = np.concatenate([*self.lines, np.empty(0, np.int64)]).astype(np.int64)
        arrays = {}
        for column in self.header.layout.columns:
            empty = columns.absent(column, len(lines) if column.name not in self.header.places else 0)
            arrays[column.name] = np.concatenate([*(part[column.name] for part in self.parts if part), empty]) if (
                column.name in self.header.places
            ) else empty  # fmt: skip
        table = Table(
            self.header.layout, arrays, lines, frozenset(self.header.places), self.rows, self.context.encoding,
            dropped=+self.dropped, ignored=self.header.ignored,
        )  # fmt: skip
        self._settle_repeats(table)
        table.refusals, table.refused = self.refusals, self.refused
        return table

    def _settle_repeats(self, table: Table) -> None:
        """Count rows said twice once, and refuse rows that contradict each other."""
        if not table.layout.key or not (twice := _duplicated(table)).any():
            return
        rows = np.flatnonzero(twice)
        frame = pd.DataFrame({name: array[rows] for name, array in table.columns.items()})
        again = frame.duplicated(keep="first").to_numpy()
        keys = frame.loc[~again, list(table.layout.key)]
        at_odds = np.zeros(len(rows), bool)
        at_odds[~again] = keys.duplicated(keep=False).to_numpy()
        # A repetition of a row that contradicts another one falls with it.
        clash = frame.merge(frame[at_odds][list(table.layout.key)].drop_duplicates(), how="left", indicator="clash")
        at_odds = (clash["clash"] == "both").to_numpy()
        homes = self._branches(table.columns, len(table))
        self.refuse(
            [
                Refusal(
                    int(table.lines[row]),
                    "duplicate",
                    table.layout.key[0],
                    "",
                    reason("duplicate"),
                    int(homes[row]) or None,
                )
                for row in rows[at_odds]
            ]
        )
        table.repeated = int((again & ~at_odds).sum())
        keep = np.ones(len(table), bool)
        keep[rows[again | at_odds]] = False
        table.columns = {name: array[keep] for name, array in table.columns.items()}
        table.lines = table.lines[keep]


def _pick(values: Ints, positions: Ints) -> Ints:
    """Return the value at each position, 0 where it is unknown."""
    return np.where(positions >= 0, np.append(values, 0)[positions], 0)


def _duplicated(table: Table) -> Bools:
    """Return which rows share their key with another row."""
    code = np.zeros(len(table), np.int64)
    for name in table.layout.key:
        codes, uniques = pd.factorize(table.columns[name])
        code = code * (len(uniques) + 1) + codes
    return pd.Series(code).duplicated(keep=False).to_numpy()


def check(taken: Taken, header: Header, header_text: bytes, context: Context) -> Table:
    """Read and check one file against its layout. Raises FileRefused if it cannot be read to its end."""
    told = False
    run = Check(header, replace(context, encoding=encoding.detect(header_text, ())))
    for piece in pieces(taken):
        if not told and not piece.data.isascii():
            told = True
            run.context = replace(run.context, encoding=encoding.detect(header_text, [piece.data]))
        block, refusals, filled = split(piece, header.width)
        run.rows += filled
        run.refuse(refusals)
        run.add(block)
    return run.table()


def quoted(table: Table, taken: Taken, header: Header) -> dict[int, str]:
    """Return the text of every kept refused line with personal values masked; one more reading of the file."""
    wanted = {refusal.line for refusal in table.refusals if refusal.code != "long_line"}
    return {line: _masked_row(raw, header, table.encoding) for line, raw in lines_at(taken, wanted).items()}


def _masked_row(raw: bytes, header: Header, name: str) -> str:
    text = raw.decode(name, "replace").replace("\0", "").rstrip("\r")
    values = text.split(",")
    personal = {header.places.get(column.name) for column in header.layout.columns if column.personal} - {None}
    if not personal:
        return text[:RAW_LIMIT]
    if '"' in text or len(values) != header.width:  # cannot be told apart safely
        return masked_line(text)
    return ",".join(masked(value) if place in personal else value for place, value in enumerate(values))[:RAW_LIMIT]
