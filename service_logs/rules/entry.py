"""The shape of one MOT type in the catalogue, and how its short forms are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

MANDATORY, OPTIONAL = "mandatory", "optional"
OPTIONAL_COOLDOWN = 20  # trading days between two optional ones of a kind for a client (nightly.md §6)
LAPSES = {MANDATORY: 20, OPTIONAL: 5}  # trading days after the deadline until a task expires
PRIORITY = {MANDATORY: 70, OPTIONAL: 40}
CLOSE_OF_WORK = time(17, 0)


@dataclass(frozen=True)
class Entry:
    """One type as nightly.md §6 lists it.

    `kind` is M, O or "M≥gold" (mandatory from that tier on, optional below). `due` is "D2" (trading
    days), "W1" (working days), "C30" (calendar days), "same", "same 16:00" or "month". `waits` names
    the facts that are not held yet; such a type stands in the catalogue switched off.
    """

    number: int
    code: str
    name: str
    trigger: str
    kind: str
    due: str
    hint: str
    feedback: tuple[str, ...] = ()
    reason: str = ""
    params: Mapping[str, float | int | list[int]] = field(default_factory=dict)
    channel: str = "phone"
    owner: str = "manager"
    minutes: float = 5
    priority: int | None = None
    cooldown: int | None = None
    lapses: int | None = None
    promo: bool = False
    waits: str = ""

    @property
    def base_kind(self) -> str:
        """mandatory or optional, before the tier is asked."""
        return MANDATORY if self.kind == "M" else OPTIONAL

    @property
    def mandatory_from(self) -> str:
        """The tier from which it is mandatory, "" if the kind does not depend on it."""
        return self.kind.partition("≥")[2]

    @property
    def deadline(self) -> tuple[str, int, time]:
        """(measure, count, hour) of the deadline."""
        spec, _, hour = self.due.partition(" ")
        at = time.fromisoformat(hour) if hour else CLOSE_OF_WORK
        if spec in ("same", "month"):
            return {"same": "same_day", "month": "month"}[spec], 0, at
        measure = {"D": "trading_days", "W": "working_days", "C": "calendar_days"}[spec[0]]
        return measure, int(spec[1:]), at

    def as_row(self) -> dict[str, object]:
        """Return the fields of the catalogue's row."""
        measure, count, at = self.deadline
        eager = MANDATORY if self.kind != "O" else OPTIONAL
        return {
            "code": self.code, "name": self.name, "trigger": self.trigger, "kind": self.base_kind,
            "mandatory_from": self.mandatory_from, "measure": measure, "deadline": count, "deadline_at": at,
            "channel": self.channel, "owner_role": self.owner, "minutes": self.minutes,
            "priority": PRIORITY[eager] if self.priority is None else self.priority,
            "cooldown_days": self._cooldown(), "lapses_days": LAPSES[eager] if self.lapses is None else self.lapses,
            "params": dict(self.params), "script_hint": self.hint, "feedback": list(self.feedback),
            "reason": self.reason, "is_promotional": self.promo, "waits_for": self.waits,
        }  # fmt: skip

    def _cooldown(self) -> int:
        if self.cooldown is not None:
            return self.cooldown
        return OPTIONAL_COOLDOWN if self.kind == "O" else 0
