"""How the figures around a case are drawn. Tags format; they neither query nor decide."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.safestring import SafeString

from clients.models import Client
from office import markup
from retention.models import Drill, Grievance, OtherAccount
from retention.models.drill import LOOKS_AT, SHEET
from retention.queries.reasons import Chart, Column, ReasonLine

register = template.Library()
State = Drill.State
BAR_HEIGHT = 14
DRILLS = {State.PLANNED: ("info", "calendar"), State.HELD: ("done", "circle-check"), State.CANCELLED: ("off", "minus")}


@register.simple_tag
def year_bar(column: Column, chart: Chart) -> SafeString:
    """Draw one year as a stacked bar, the longest year as wide as the chart."""
    most = chart.most or 1
    parts = [(f"k{place}", count / most * 100) for place, count in enumerate(column.counts, start=1)]
    told = "，".join(f"{words} {count} 件" for words, count in zip(chart.legend, column.counts, strict=True) if count)
    return markup.bar(parts, BAR_HEIGHT, f"{column.year} 年 {column.total} 件{'：' if told else ''}{told}", "bar conc")


@register.inclusion_tag("components/status.html")
def drill_state(drill: Drill, is_missed: bool = False) -> dict[str, str]:
    """Draw the state of a drill; one whose day passed without it stands out."""
    if is_missed:
        return {"look": "crit", "icon": "alert-octagon", "text": "过期未演练"}
    look, icon = DRILLS[State(drill.state)]
    return {"look": look, "icon": icon, "text": str(State(drill.state).label)}


@register.inclusion_tag("components/status.html")
def owed_state(state: str) -> dict[str, str]:
    """Draw whether a team owes a drill."""
    if state == "overdue":
        return {"look": "crit", "icon": "alert-octagon", "text": "逾期"}
    if state == "due":
        return {"look": "warn", "icon": "clock", "text": "本季末前补上"}
    return {"look": "done", "icon": "circle-check", "text": "如期"}


@register.inclusion_tag("components/status.html")
def grievance_state(grievance: Grievance, today: date) -> dict[str, str]:
    """Draw whether a grievance is put right, and how long it still may take."""
    if grievance.closed_at is not None:
        return {"look": "done", "icon": "circle-check", "text": "已办结"}
    days = (grievance.due_on - today).days
    if days < 0:
        return {"look": "crit", "icon": "alert-octagon", "text": f"逾期 {-days} 天"}
    if days == 0:
        return {"look": "warn", "icon": "clock", "text": "今日到期"}
    return {"look": "info", "icon": "clock", "text": f"剩 {days} 天"}


@register.filter
def by_year(line: ReasonLine, years: list[int]) -> list[tuple[int, int, int]]:
    """Return year, requests and cases of a reason for each of the years."""
    return [(year, requests, cases) for year, (requests, cases) in zip(years, line.years(years), strict=True)]


@register.filter
def sheet(drill: Drill) -> list[tuple[str, str, int | None]]:
    """Return the scoring sheet of a drill: what each line is, what it looks at, its mark."""
    return [(label, LOOKS_AT[name], getattr(drill, name)) for name, label in SHEET.items()]


@register.filter
def with_ours(accounts: list[OtherAccount], client: Client) -> int:
    """Return what lies with us and, as far as known, elsewhere, in fen."""
    return max(0, client.standing.assets_fen) + sum(one.assets_fen or 0 for one in accounts)
