"""From staging into the tables: what is new is added, what differs is corrected, what is the same is left alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from clients.feed.refusal import masked
from clients.models import FactChange, ImportFile
from clients.operations.copying import Values, copy_in

CHANGES_KEPT = 10_000  # corrections told one by one per file; the count beyond stays exact
STAGING = "feed_staging"
PERSONAL = {"name", "email"}  # masked in what a correction tells; the rest of the personal columns is sealed
SEALED = {"id_no", "phone", "id_no_index", "phone_index", "pinyin", "initials", "birth_md", "phone_tail", "version"}


@dataclass(frozen=True)
class Target:
    """Where rows of one kind go: the model, what identifies a row, and how a column takes a new value.

    `becomes` holds SQL of the value after the merge where it is not simply the staged one; `s` is
    the staged row, `t` the present one. `label` is SQL over the staged row that names it to people.
    `number` is set where a number may move to another day: the old row then gives way.
    """

    model: type[Model]
    key: tuple[str, ...]
    label: str
    becomes: dict[str, str] = field(default_factory=dict)
    number: str = ""
    has_day: bool = True
    branch: str = "t.branch_id"

    @property
    def table(self) -> str:
        """The name of the table that takes the rows."""
        return self.model._meta.db_table


@dataclass
class Counts:
    """What a merge did, in rows."""

    inserted: int = 0
    changed: int = 0
    unchanged: int = 0
    foreign: int = 0  # left alone: the number is another branch's


def stage(cursor: CursorWrapper, columns: Sequence[Values]) -> None:
    """Put `columns` into a temporary table of this transaction."""
    types = {"int8": "bigint", "int4": "integer", "bool": "boolean"}
    spelt = ", ".join(f'"{column.name}" {types.get(column.type, column.type)}' for column in columns)
    cursor.execute(f"DROP TABLE IF EXISTS {STAGING}")
    cursor.execute(f"CREATE TEMPORARY TABLE {STAGING} ({spelt}) ON COMMIT DROP")
    copy_in(cursor, STAGING, columns)
    cursor.execute(f"ANALYZE {STAGING}")


def merge(target: Target, columns: Sequence[Values], file: ImportFile, homes: frozenset[int] = frozenset()) -> Counts:
    """Merge staged `columns` into the target and tell each correction. The caller holds the branch's lock.

    Given `homes`, the branches a sender may write for, rows of other branches under the same number stay as they are.
    """
    names = [column.name for column in columns]
    days = next((column.array for column in columns if column.name == "day"), None)
    span = (int(days.min()), int(days.max())) if days is not None and len(days) else None
    with connection.cursor() as cursor:
        stage(cursor, columns)
        merging = _Merge(cursor, target, names, file, span, homes)
        moved = merging.move()
        existing, changed, foreign = merging.compare()
        if changed:
            merging.update()
        merging.insert()
        total = len(columns[0].array)
        return Counts(total - existing - moved, changed + moved, existing - changed - foreign, foreign)


class _Merge:
    """The statements of one merge."""

    def __init__(
        self,
        cursor: CursorWrapper,
        target: Target,
        names: list[str],
        file: ImportFile,
        span: tuple[int, int] | None,
        homes: frozenset[int],
    ) -> None:
        self.cursor, self.target, self.file = cursor, target, file
        self.names = names
        self.facts = [name for name in names if name not in target.key and name != "batch_id"]
        self.on = " AND ".join(f't."{name}" = s."{name}"' for name in target.key)
        if span:  # constants let the planner leave out the months that are not meant
            self.on += f" AND t.day BETWEEN '1970-01-01'::date + {span[0]} AND '1970-01-01'::date + {span[1]}"
        present = ", ".join(f't."{name}"' for name in self.facts)
        coming = ", ".join(self._after(name) for name in self.facts)
        self.ours = f"{target.branch} IN ({', '.join(map(str, sorted(homes)))})" if homes else "true"
        self.differs = f"({self.ours} AND ({present}) IS DISTINCT FROM ({coming}))"

    def _after(self, name: str) -> str:
        return self.target.becomes.get(name, f's."{name}"')

    def compare(self) -> tuple[int, int, int]:
        """Return how many staged rows are there already, how many differ, how many are others'; tell what differs."""
        table = self.target.table
        self.cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {self.differs}), count(*) FILTER (WHERE NOT {self.ours})"
            f' FROM "{table}" t JOIN {STAGING} s ON {self.on}'
        )
        existing, changed, foreign = self.cursor.fetchone()
        if changed:
            told = [name for name in self.facts if name not in SEALED]
            pairs = ", ".join(f't."{name}", {self._after(name)}' for name in told)
            day = "t.day" if self.target.has_day else "NULL::date"
            self.cursor.execute(
                f"SELECT {self.target.branch}, {self.target.label}, {day}, {pairs}"
                f' FROM "{table}" t JOIN {STAGING} s ON {self.on} WHERE {self.differs}'
                f" ORDER BY 2, 3 LIMIT {CHANGES_KEPT}"
            )
            self._tell(told, self.cursor.fetchall())
        return existing, changed, foreign

    def _tell(self, told: list[str], rows: list[tuple[Any, ...]]) -> None:
        labels = {f.column: str(f.verbose_name) for f in self.target.model._meta.concrete_fields}
        changes = []
        for branch_id, key, day, *pairs in rows:
            differing = [
                (name, was, now) for name, was, now in zip(told, pairs[::2], pairs[1::2], strict=True) if was != now
            ]
            before = {labels[name]: shown(name, was) for name, was, _ in differing}
            after = {labels[name]: shown(name, now) for name, _, now in differing}
            changes.append(
                FactChange(file=self.file, branch_id=branch_id, key=key, day=day, before=before, after=after)
            )
        FactChange.objects.bulk_create(changes, batch_size=1000)

    def move(self) -> int:
        """Take out rows whose number now stands on another day; return how many."""
        if not self.target.number:
            return 0
        number, table = self.target.number, self.target.table
        self.cursor.execute(
            f'DELETE FROM "{table}" t USING {STAGING} s WHERE t."{number}" = s."{number}" AND t.day <> s.day'
            f" AND {self.ours}"
            f' RETURNING t.branch_id, t."{number}", t.day, s.day'
        )
        rows = self.cursor.fetchall()
        # The earlier day, because the night rebuilds its windows from there.
        FactChange.objects.bulk_create(
            [
                FactChange(
                    file=self.file, branch_id=branch_id, key=key, day=min(was, now),
                    before={"日期": was.isoformat()}, after={"日期": now.isoformat()},
                )
                for branch_id, key, was, now in rows[:CHANGES_KEPT]
            ],
            batch_size=1000,
        )  # fmt: skip
        return len(rows)

    def update(self) -> None:
        changing = [f'"{name}" = {self._after(name)}' for name in self.facts]
        if "batch_id" in self.names:
            changing.append('batch_id = s."batch_id"')
        if any(f.column == "version" for f in self.target.model._meta.concrete_fields):
            changing.append("version = t.version + 1")
        self.cursor.execute(
            f'UPDATE "{self.target.table}" t SET {", ".join(changing)} FROM {STAGING} s WHERE {self.on}'
            f" AND {self.differs}"
        )

    def insert(self) -> None:
        """Add what is not there; columns the feed does not know take the model's defaults."""
        meta = self.target.model._meta
        rest = [f for f in meta.concrete_fields if f.column not in self.names and not f.primary_key]
        names = ", ".join(f'"{name}"' for name in [*self.names, *(f.column for f in rest)])
        fresh = {f.column: f.get_default() for f in meta.concrete_fields if f.column in self.names and f.has_default()}
        values = ", ".join([*(_or_default(name, fresh.get(name)) for name in self.names), *(["%s"] * len(rest))])
        defaults = [f.get_db_prep_save(f.get_default(), connection) for f in rest]
        key = ", ".join(f'"{name}"' for name in self.target.key)
        self.cursor.execute(
            f'INSERT INTO "{self.target.table}" ({names}) SELECT {values} FROM {STAGING} s'
            f" ON CONFLICT ({key}) DO NOTHING",
            defaults,
        )


def _or_default(name: str, default: Any) -> str:
    """Return SQL of the staged value, or the model's default where the feed left it empty."""
    if isinstance(default, bool):
        return f"""COALESCE(s."{name}", {default})"""
    if isinstance(default, str) and default:
        return f"""COALESCE(NULLIF(s."{name}", ''), '{default}')"""
    return f's."{name}"'


def shown(name: str, value: Any) -> Any:
    """Return a value as a correction tells it: fen as yuan, personal values masked, the rest as JSON can hold it."""
    if name in PERSONAL:
        return masked(value) if isinstance(value, str) else "（已加密）"
    if name.endswith("_fen") and value is not None:
        return str(Decimal(value).scaleb(-2))
    if isinstance(value, Decimal):
        return str(value.normalize())
    return value.isoformat() if isinstance(value, date | datetime) else value
