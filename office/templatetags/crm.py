"""How figures, dates and states are written. Tags format; they neither query nor decide."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from office import formats, markup
from office.menu import Entry, menu_for

register = template.Library()

Yuan = Decimal | int | None | str
Day = date | datetime | None | str

TALL = 10  # from here on a bar is the one of a concentration
TIERS = {"general": "普通", "silver": "银卡", "gold": "金卡", "platinum": "白金", "diamond": "钻石"}
TYPES = {
    "commission": ("a", "佣金型"),
    "product": ("b", "产品型"),
    "asset": ("c", "资产型"),
    "unclassified": ("0", "待激活"),
}


@register.filter
def yuan(value: Yuan, places: int = 2) -> str:
    """Write 元 with two decimals: 1,058,900.00."""
    return formats.money(value, 1, places)


@register.filter
def wan(value: Yuan, places: int = 2) -> str:
    """Write 元 in 万元."""
    return formats.money(value, formats.YUAN_PER_WAN, places)


@register.filter
def yi(value: Yuan, places: int = 2) -> str:
    """Write 元 in 亿元."""
    return formats.money(value, formats.YUAN_PER_YI, places)


@register.filter
def fen_yuan(value: int | None | str, places: int = 2) -> str:
    """Write 分 in 元."""
    return formats.fen(value, 1, places)


@register.filter
def fen_wan(value: int | None | str, places: int = 2) -> str:
    """Write 分 in 万元."""
    return formats.fen(value, formats.YUAN_PER_WAN, places)


@register.filter
def fen_yi(value: int | None | str, places: int = 2) -> str:
    """Write 分 in 亿元."""
    return formats.fen(value, formats.YUAN_PER_YI, places)


@register.filter
def signed(value: Any, places: int = 2) -> str:
    """Write a difference with its sign: +1.0, −0.3, 0.0."""
    return formats.number(value, places, plus=True)


@register.filter
def count(value: int | None | str) -> str:
    """Write a whole number with thousands commas."""
    return formats.number(value)


@register.filter
def score(value: Any, places: int = 1) -> str:
    """Write a score of 0 to 100 with one decimal."""
    return formats.number(value, places)


register.filter("capped", formats.capped)
register.filter("percent", formats.percent)
register.filter("points", formats.points)
register.filter("cn_time", formats.clock)
register.filter("weekday", formats.weekday)
register.filter("duration", formats.duration)
register.filter("direction", formats.direction)


@register.filter
def cn_date(value: Day, today: date | None = None) -> str:
    """Write 8月21日, with the year when it is another one."""
    return formats.day(value, today or timezone.localdate())


@register.filter
def cn_datetime(value: datetime | None | str, today: date | None = None) -> str:
    """Write 8月21日 14:00."""
    return formats.moment(value, today or timezone.localdate())


@register.filter
def ago(value: Day, today: date | None = None) -> str:
    """Write 今天, 昨天, 12 天前."""
    return formats.ago(value, today or timezone.localdate())


@register.filter
def due(value: Day, today: date | None = None) -> str:
    """Write 逾期 3 天, 今日到期, 8月28日 到期."""
    return formats.due(value, today or timezone.localdate())


@register.filter
def tier_label(value: str | None) -> str:
    """Write a tier in words."""
    return TIERS.get(value or "", formats.NONE)


@register.filter
def type_label(value: str | None) -> str:
    """Write a value type in words of three characters."""
    return TYPES.get(value or "", ("0", formats.NONE))[1]


@register.filter
def type_letter(value: str | None) -> str:
    """Return a, b, c or 0: the shape and colour of a value type."""
    return TYPES.get(value or "", ("0", ""))[0]


@register.filter
def control(field: BoundField) -> SafeString:
    """Render the widget of a form field in our classes; Django adds the aria attributes."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        look = "form-check-input"
    else:
        look = "form-select" if isinstance(widget, Select) else "form-control"
    classes = [widget.attrs.get("class", ""), look, "is-bad" if field.errors else ""]
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.filter
def is_choice(field: BoundField) -> bool:
    """Whether a form field is drawn as a row of options."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether a form field is one box with its label beside it."""
    return isinstance(field.field.widget, CheckboxInput)


register.filter("options", markup.options)


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, look: str = "") -> SafeString:
    """Draw an icon of the sprite; the words beside it carry the meaning."""
    classes = f"ic {look}".strip()
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', classes, static("img/icons.svg"), name
    )


@register.simple_tag(takes_context=True)
def main_menu(context: Context) -> tuple[Entry, ...]:
    """Return the menu of who is signed in; a view may name the current route in `menu`."""
    request = context["request"]
    match = getattr(request, "resolver_match", None)
    return menu_for(request.user, context.get("menu") or (match.view_name if match else ""))


@register.simple_tag
def kept(name: str, **values: Hashable) -> SafeString:
    """Draw a template that reads nothing but `values`: the same are drawn once per process, not once per page."""
    return _kept.__wrapped__(name, **values) if settings.DEBUG else _kept(name, **values)


@lru_cache(maxsize=1024)
def _kept(name: str, **values: Hashable) -> SafeString:
    return render_to_string(name, values)


@register.simple_tag
def value_bar(a: Any, b: Any, c: Any, height: int = 6) -> SafeString:
    """Draw the points of a value (A commission, B purchasing, C assets; together 0 to 100) as a bar."""
    parts = [("f-a", float(a or 0)), ("f-b", float(b or 0)), ("f-c", float(c or 0))]
    return markup.bar(parts, height, f"佣金 {score(a)}，购买力 {score(b)}，资产 {score(c)}")


@register.simple_tag
def stack_bar(parts: list[tuple[str, float, str]], height: int = 6) -> SafeString:
    """Draw shares in percent as a bar; a part is (fill class, percent, words)."""
    label = "，".join(f"{words} {share:.1f}%" for _, share, words in parts)
    look = "bar conc" if height > TALL else "bar"
    return markup.bar([(fill, float(share)) for fill, share, _ in parts], height, label, look)


@register.simple_tag
def progress(done: int, total: int, fill: str = "brand", height: int = 6) -> SafeString:
    """Draw done of total as a bar."""
    share = min(done / total, 1) * 100 if total else 0
    return markup.bar([(f"f-{fill}", share)], height, f"{count(done)} / {count(total)}")


@register.inclusion_tag("components/table_head.html", takes_context=True)
def sort_head(context: Context, key: str, label: str, *, num: bool = False, default: str = "") -> dict[str, Any]:
    """Draw a table head that sorts by `key`: ?sort=-key first, then ?sort=key; pages restart."""
    query = context["request"].GET.copy()
    present = query.get("sort", default)
    for page in ("after", "before", "page"):
        query.pop(page, None)
    query["sort"] = key if present == f"-{key}" else f"-{key}"
    order = {key: "ascending", f"-{key}": "descending"}.get(present, "")
    return {"href": f"?{query.urlencode()}", "label": label, "num": num, "order": order}


@register.inclusion_tag("components/masked.html")
def masked(shown: str, url: str, words: str) -> dict[str, Any]:
    """Show a hidden personal value with the eye that asks for it: a POST to `url`, audited."""
    return {"shown": shown, "url": url, "words": words}


@register.inclusion_tag("components/confirm.html")
def confirm(key: str, url: str, verb: str, title: str, text: str = "", *, crit: bool = False) -> dict[str, Any]:
    """Draw the dialog that a link with data-dialog="#key" opens; its button posts to `url`."""
    return {"key": key, "url": url, "verb": verb, "title": title, "text": text, "crit": crit}
