"""The lines of the client list, written in one go: fifty of seventeen cells are too many for template tags."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from clients.models import Client, Grade
from clients.queries.listing import Line
from clients.templatetags.client_words import flag_label
from office import formats
from office.templatetags.crm import fen_wan, fen_yuan, icon, score, tier_label, type_label, type_letter, value_bar

register = template.Library()


@dataclass(frozen=True)
class Days:
    """Today, and the day until which a contact that falls due is amber."""

    today: date
    soon: date


GRADES, IMPORTANCES = dict(Grade.choices), dict(Client.Importance.choices)
Cell = Callable[[Line, Days], str]


def _tier(row: Line, days: Days) -> str:
    return f'<td class="c-ti"><span class="tier tier-{escape(row.tier)}">{tier_label(row.tier)}</span></td>'


def _type(row: Line, days: Days) -> str:
    kind = row.value_type
    return f'<td class="c-vt"><span class="vt vt-{type_letter(kind)}">{type_label(kind)}</span></td>'


def _bar(row: Line, days: Days) -> str:
    bar = value_bar(row.commission_points, row.purchasing_points, row.assets_points)
    return f'<td class="c-bar">{bar}</td>'


def _last_contact(row: Line, days: Days) -> str:
    due, last = row.next_contact_on, row.last_contact_on
    said = formats.ago(last, days.today)
    if due is None or due > days.soon:
        mark = f'<span class="ink2">{said}</span>'
    else:
        look, name = ("c", "alert-octagon") if due < days.today else ("w", "clock")
        mark = f'<span class="stt {look}">{icon(name)}{said if last else "未联系"}</span>'
    return f'<td class="c-la tn nowrap">{mark}</td>'


def _flags(row: Line, days: Days) -> str:
    marks = ""
    if row.is_closed:
        marks = '<span class="st st-off">已销户</span>'
    elif row.is_provisional:
        marks = '<span class="st st-info">新客户</span>'
    if row.flags:
        marks += f'<span class="st st-warn">{escape(flag_label(row.flags[0]))}</span>'
    if len(row.flags) > 1:
        marks += f' <span class="mut tn sm">+{len(row.flags) - 1}</span>'
    return f'<td class="c-fl">{marks}</td>'


def _words(text: str) -> str:
    return f'<td class="nowrap">{escape(text or formats.NONE)}</td>'


def _figure(text: str, look: str = "num") -> str:
    return f'<td class="{look}">{text}</td>'


def _day(day: date | None, days: Days) -> str:
    return f'<td class="tn nowrap">{formats.day(day, days.today)}</td>'


# code of a column (clients.queries.listing.COLUMNS) → how its cell is written
CELLS: dict[str, Cell] = {
    "tier": _tier,
    "type": _type,
    "value": lambda row, days: _figure(score(row.value), "num b c-v"),
    "bar": _bar,
    "rank": lambda row, days: _figure(formats.number(row.rank)),
    "grade": lambda row, days: _words(GRADES.get(row.grade, "")),
    "assets": lambda row, days: _figure(fen_wan(row.assets_fen), "num c-as"),
    "commission": lambda row, days: _figure(fen_yuan(row.commission_fen, 0)),
    "contribution": lambda row, days: _figure(fen_yuan(row.contribution_fen, 0)),
    "turnover": lambda row, days: _figure(fen_wan(row.turnover_fen)),
    "risk": lambda row, days: _words(row.client__risk_level),
    "manager": lambda row, days: _words(row.manager__name or ""),
    "last_trade": lambda row, days: _day(row.last_trade_on, days),
    "last_contact": _last_contact,
    "next_contact": lambda row, days: _day(row.next_contact_on, days),
    "importance": lambda row, days: _words(IMPORTANCES.get(row.client__importance, "")),
    "flags": _flags,
}


@register.simple_tag
def client_lines(rows: Iterable[Line], columns: list[str], today: date, soon: date, *, with_boxes: bool) -> SafeString:
    """Draw a table row for each client with the chosen columns; `with_boxes` begins each with a box to tick."""
    days, address = Days(today, soon), _addresses()
    cells = [CELLS[code] for code in columns]
    lines = []
    for row in rows:
        name = escape(row.client__name)
        box = _box(row.client_id, name) if with_boxes else ""
        core = ' <span class="core">核心</span>' if row.is_core else ""
        link = f'<a class="nm" href="{address(row.client_id)}" title="{name}">{name}</a>'
        rest = "".join(cell(row, days) for cell in cells)
        lines.append(f'<tr>{box}<td class="c-nm">{link}{core}</td>{rest}</tr>\n')
    return SafeString("".join(lines))


def _box(pk: int, name: str) -> str:
    look = 'class="form-check-input" type="checkbox"'
    return f'<td><input {look} name="ids" value="{pk}" data-bulk-row aria-label="选择 {name}"></td>'


def _addresses() -> Callable[[int], str]:
    """Return what makes the address of a client's page of his number, looked up once for a whole list."""
    before, _, after = reverse("clients:detail", args=[0]).rpartition("0")
    return lambda pk: f"{before}{pk}{after}"
