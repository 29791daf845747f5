"""Who may open what: the specification of access, a line per route and method.

Add a line for every new route: its name, what each of the cast gets, and what the address needs.
The columns are PEOPLE. 302 to somebody signed in is a form that was accepted; 404 means "unknown to
you", 403 "known but not yours to do", 405 "not by this method", 409 "against a rule", 422 "the form
has mistakes".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.conftest import Cast

# li and wang: client managers (wang without team); chen: team leader; zhao: market director; qian: compliance;
# zhou: counter; shen: system administrator; sun: market director of the other branch.
PEOPLE = ("nobody", "li", "wang", "chen", "zhao", "qian", "zhou", "shen", "sun")
Kwargs = Callable[[Cast], Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """One route by one method; `expected` holds a status per person, in the order of PEOPLE.

    `kwargs` and `data` get the cast and may create the record that the address or the form names.
    """

    route: str
    expected: str
    kwargs: Kwargs | None = None
    method: str = "get"
    data: Kwargs | None = None

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.route}"


def li(cast: Cast) -> Mapping[str, Any]:
    """The record of li, a client manager."""
    return {"pk": cast.li.pk}


def wu(cast: Cast) -> Mapping[str, Any]:
    """The record of wu, a client of li."""
    return {"pk": cast.wu.pk}
