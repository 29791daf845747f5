"""The sentence that says why something fired, from a template and the figures kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Any


def worded(template: str, facts: Mapping[str, Any]) -> str:
    """Return `template` with each {name} replaced by the fact in words; a missing one reads "—".

    Of {name:words} a missing fact reads as the words.
    By the end of its name a fact is an amount (`_fen`, whole fen, said in yuan), a day (`_on`, ISO)
    or a share (`_share`, 0 to 1); anything else is said as it is.
    """
    return "".join(
        text + (_said(name, facts.get(name), missing or "—") if name else "")
        for text, name, missing, _ in Formatter().parse(template)
    )


def _said(name: str, value: Any, missing: str) -> str:
    if value is None or value == "":
        return missing
    if name.endswith("_fen"):
        return f"{Decimal(int(value)).scaleb(-2):,.2f} 元"
    if name.endswith("_on"):
        day = date.fromisoformat(str(value))
        return f"{day.year}年{day.month}月{day.day}日"
    if name.endswith("_share"):
        return f"{Decimal(str(value)) * 100:.1f}%"
    return str(value)
