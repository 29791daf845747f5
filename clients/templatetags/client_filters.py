"""The fields of the list's filters, written in one go: a template for each of fourteen costs more than the rows."""

from __future__ import annotations

from html import escape

from django import template
from django.forms import BoundField
from django.forms.utils import flatatt
from django.utils.safestring import SafeString

from office import markup
from office.templatetags.crm import icon, is_choice

register = template.Library()


@register.simple_tag
def filter_field(field: BoundField) -> SafeString:
    """Draw one filter as components/field.html draws a compact field that may stay empty."""
    control = _options(field) if is_choice(field) else _input(field)
    return SafeString(f'<div class="field mb0">{control}{_errors(field)}</div>')


def _options(field: BoundField) -> str:
    said = ' aria-invalid="true"' if field.errors else ""
    legend = f'<legend class="form-label">{escape(str(field.label))}</legend>'
    return f'<fieldset{said}>{legend}<div class="pick">{markup.options(field)}</div></fieldset>'


def _input(field: BoundField) -> str:
    widget = field.field.widget
    look = "form-control is-bad" if field.errors else "form-control"
    attrs = field.build_widget_attrs({"id": field.auto_id, **widget.attrs, "class": look})
    value = widget.format_value(field.value())
    shown = {"type": widget.input_type, "name": field.html_name, **({"value": value} if value else {}), **attrs}
    label = f'<label class="form-label" for="{field.auto_id}">{escape(str(field.label))}</label>'
    return f"{label}<input{flatatt(shown)}>"


def _errors(field: BoundField) -> str:
    if not field.errors:
        return ""
    said = escape("；".join(map(str, field.errors)))
    return f'<div class="err" id="{field.auto_id}_error">{icon("alert-octagon")}<span>{said}</span></div>'
