"""What a kind of file is made of: columns with their names, and what identifies a row."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Column:
    """One column of a feed file. `name` is the English header, `title` the Chinese one."""

    name: str
    title: str
    # key text money decimal date choice count flag period id_no phone email account client branch
    kind: str
    aliases: tuple[str, ...] = ()
    in_header: bool = True  # the file is refused without this column
    filled: bool = True  # a row is refused without a value
    limit: int = 0  # characters of a text or key
    signed: bool = False  # money below zero is possible
    future: str = "refuse"  # a date after the business date: refuse the row | keep | drop the value with a note
    earliest: str = "1990-01-01"
    choices: dict[str, str] = field(default_factory=dict)  # what the feed writes, lower case → what is stored
    personal: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that means this column."""
        return (self.name, self.title, *self.aliases)


@dataclass(frozen=True)
class Layout:
    """One kind of file: a name, a Chinese title, the columns, and which of them identify a row."""

    kind: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column:
        """Return the column called `name` in English."""
        return next(column for column in self.columns if column.name == name)


def optional(name: str, title: str, kind: str, *aliases: str, **more: Any) -> Column:
    """Return a column that a file may lack and a row may leave empty."""
    return Column(name, title, kind, aliases, in_header=False, filled=False, **more)
