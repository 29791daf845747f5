"""Small pieces of markup that a page repeats by the hundred, written without a template each.

Whatever is text passes `escape`; numbers and the codes of our own style sheets need not.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any

from django.forms import BoundField
from django.forms.utils import flatatt
from django.utils.safestring import SafeString

Part = tuple[str, float]  # class of the fill, percent


def bar(parts: Iterable[Part], height: int, label: str, look: str = "bar") -> SafeString:
    """Return shares of 100 as a horizontal bar; `label` says the same in words."""
    drawn, start = [f'<rect class="t" width="100" height="{height}"/>'], 0.0
    for fill, share in parts:
        drawn.append(f'<rect class="{escape(fill)}" x="{start:.2f}" width="{share:.2f}" height="{height}"/>')
        start += share
    return SafeString(
        f'<svg class="{look}" viewBox="0 0 100 {height}" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(label)}">{"".join(drawn)}</svg>'
    )


def options(field: BoundField) -> SafeString:
    """Return the options of a row of choices, each box followed by its label, as Django's own templates write them."""
    widget = field.field.widget
    attrs = {**widget.attrs, **field.build_widget_attrs({"id": field.auto_id})}
    choices = tuple((str(value), str(label)) for value, label in widget.choices)
    chosen = frozenset(widget.format_value(field.value()))
    return _options(widget.input_type, field.html_name, choices, chosen, tuple(attrs.items()))


@lru_cache(maxsize=1024)
def _options(
    kind: str,
    name: str,
    choices: tuple[tuple[str, str], ...],
    chosen: frozenset[str],
    attrs: tuple[tuple[str, Any], ...],
) -> SafeString:
    drawn = []
    for index, (value, label) in enumerate(choices):
        own = dict(attrs)
        own["id"] = f"{own['id']}_{index}"
        own["checked"] = value in chosen
        box = f'<input type="{kind}" name="{escape(name)}" value="{escape(value)}"{flatatt(own)}>'
        drawn.append(f'{box}<label for="{escape(own["id"])}">{escape(label)}</label>')
    return SafeString("".join(drawn))
