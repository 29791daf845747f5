"""Two people saved one record: field by field, what was there, what the other saved, what was typed here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

TAKE = "take-"  # a radio of the conflict page: take-phone=theirs|mine


@dataclass(frozen=True)
class Line:
    """One field of a conflict in words; a locked one stays with what the other side saved, and `why` says so."""

    field: str
    label: str
    original: str
    theirs: str
    mine: str
    why: str = ""

    @property
    def name(self) -> str:
        """The name of the radio that decides it."""
        return TAKE + self.field

    @property
    def is_same(self) -> bool:
        """Whether both sides say the same."""
        return self.theirs == self.mine

    @property
    def is_locked(self) -> bool:
        """Whether a rule decides it."""
        return bool(self.why)

    @property
    def prefers_theirs(self) -> bool:
        """Whether the other side's value is proposed: a rule says so, or this side had not touched the field."""
        return self.is_locked or self.mine == self.original


def conflict_lines(
    labels: Mapping[str, str], original: Mapping[str, str], theirs: Mapping[str, str], mine: Mapping[str, str]
) -> list[Line]:
    """Return one line per field of `labels`; `original` may lack fields if it was lost on the way."""
    return [Line(name, label, original.get(name, ""), theirs[name], mine[name]) for name, label in labels.items()]


def settled(posted: QueryDict, names: Iterable[str], present: Callable[[str], Any]) -> QueryDict:
    """Return what was posted with the present value in every field that was decided for the other side."""
    data = posted.copy()
    for name in names:
        if posted.get(TAKE + name) == "theirs":
            data.setlist(name, _raw(present(name)))
    return data


def opened_with(text: str) -> dict[str, str]:
    """Return what the fields said when the form was opened; nothing if that was lost on the way."""
    try:
        original = json.loads(text)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in original.items()} if isinstance(original, dict) else {}


def typed(data: QueryDict, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return what was typed as pairs for hidden fields, so that nothing is lost while the conflict is decided."""
    return [(name, value) for name in names for value in data.getlist(name)]


def _raw(value: Any) -> list[str]:
    if value is None or value is False:
        return [] if value is False else [""]
    if isinstance(value, list):
        return [str(each) for each in value]
    return ["on" if value is True else str(value)]
