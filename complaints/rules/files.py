"""Which files are kept with a complaint, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

KEPT_YEARS = 20  # regulation.md §0: the longer rule wins
LARGEST = 20 << 20  # bytes
LONGEST_NAME = 100  # characters


@dataclass(frozen=True)
class Kind:
    """One kind of file: its media type, and which signatures its content may show."""

    mime: str
    signatures: frozenset[str]

    @property
    def is_text(self) -> bool:
        """Whether it is told by being readable, not by a signature."""
        return not self.signatures


def _kind(mime: str, *signatures: str) -> Kind:
    return Kind(mime, frozenset(signatures))


KINDS = {
    ".pdf": _kind("application/pdf", ".pdf"),
    ".png": _kind("image/png", ".png"),
    ".jpg": _kind("image/jpeg", ".jpg", ".jpeg", ".jfif"),
    ".jpeg": _kind("image/jpeg", ".jpg", ".jpeg", ".jfif"),
    ".docx": _kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    ".xlsx": _kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    ".mp3": _kind("audio/mpeg", ".mp3"),
    ".wav": _kind("audio/wav", ".wav"),
    ".m4a": _kind("audio/mp4", ".m4a", ".mp4"),
    ".txt": _kind("text/plain"),
}


def kept_until(day: date) -> date:
    """Return the day until which papers of `day` are kept; those of 29 February until the 28th."""
    try:
        return day.replace(year=day.year + KEPT_YEARS)
    except ValueError:
        return day.replace(year=day.year + KEPT_YEARS, day=28)
