"""How tasks, signals and contacts are written on pages."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from office import formats
from office.templatetags.crm import icon
from service_logs.models import Contact, Kind, Signal, Task
from service_logs.rules.releases import VERDICTS
from service_logs.rules.wording import worded

register = template.Library()

END_OF_DAY = time(17)
AMBER_DAYS = 2  # before the rhythm ends (look.md §13.1)
TOLD_BY_REASON = frozenset({"complaint_steps"})  # types whose title covers several occasions; the reason tells which
ENDINGS = {"closed": "客户已销户", "withdrawn": "整批撤回", "undone": "承诺随日志撤回"}
URGENT = 80  # of 100: the urgency from which an alert is plum
RESULT_LOOKS = {
    Contact.Result.REACHED: "i",
    Contact.Result.CALLBACK_AGREED: "i",
    Contact.Result.SMS_DELIVERED: "o",
    Contact.Result.COMPLAINT_RAISED: "c",
    Contact.Result.REFUSED: "w",
    Contact.Result.WRONG_PERSON: "w",
}
STATES = {
    Task.State.OPEN: ("info", "clock"),
    Task.State.WAITING: ("off", "hourglass"),
    Task.State.DONE: ("done", "check"),
    Task.State.EXPIRED: ("off", "circle-minus"),
    Task.State.CANCELLED: ("off", "ban"),
}


@register.simple_tag
def due_mark(task: Task, today: date, short: bool = False) -> SafeString:
    """Draw the deadline: the hour when it is today, the days when it is over, the date when it is later."""
    due = task.falls_due_at
    if task.state not in Task.OWED:
        return format_html('<span class="mut tn s13">{}</span>', formats.day(due, today))
    late = (today - due.date()).days
    if late > 0:
        return format_html(
            '<span class="st st-crit">{}{} {} 天</span>', icon("alert-octagon"), "逾" if short else "逾期", late
        )
    if late == 0 and due.time() < END_OF_DAY:
        return format_html('<span class="st st-warn">{}{} 前</span>', icon("clock"), f"{due:%H:%M}")
    if late == 0:
        return format_html('<span class="b s13">{}</span>', "今日")
    return format_html('<span class="mut tn s13">{}</span>', formats.day(due, today))


@register.simple_tag
def kind_mark(task: Task) -> SafeString:
    """Draw 必做, 力争 or 选做."""
    if task.kind == Kind.MANDATORY:
        return format_html('<span class="st st-info">{}必做</span>', icon("flag"))
    if task.is_aim:
        return format_html('<span class="st st-plan">{}力争</span>', icon("target"))
    return format_html('<span class="st st-off">{}选做</span>', icon("circle-dashed"))


@register.simple_tag
def state_mark(task: Task) -> SafeString:
    """Draw the state of a task."""
    look, name = STATES[Task.State(task.state)]
    return format_html('<span class="st st-{}">{}{}</span>', look, icon(name), task.get_state_display())


@register.simple_tag
def result_mark(contact: Contact) -> SafeString:
    """Draw the result of a contact; one that was undone says so."""
    if contact.undone_at is not None:
        return format_html('<span class="stt o">{}已撤回</span>', icon("arrow-back-up"))
    look = RESULT_LOOKS.get(Contact.Result(contact.result), "o")
    return format_html('<span class="stt {}">{}</span>', look, contact.get_result_display())


@register.simple_tag
def last_contact(task: Task, today: date) -> SafeString:
    """Draw how long ago the last contact was from which a planned one counts (a message is none to a talk).

    Amber from two days before the rhythm ends, plum after it.
    """
    last_on = task.facts.get("last_on")
    words = formats.ago(date.fromisoformat(last_on), today) if last_on else "从未联系"
    due = task.falls_due_at.date()
    if due < today:
        return format_html('<span class="stt c">{}{}</span>', icon("alert-octagon"), words)
    if due - today <= timedelta(days=AMBER_DAYS):
        return format_html('<span class="stt w">{}{}</span>', icon("clock"), words)
    return format_html("{}", words)


@register.simple_tag
def target_bar(share: float | None, target: float) -> SafeString:
    """Draw a share (0 to 1) as a bar with a mark where the target lies."""
    label = f"{formats.percent(share)}，目标 {formats.percent(target, 0)}"
    return format_html(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="t" width="100" height="6"/><rect class="f-brand" width="{}" height="6"/>'
        '<rect class="f-line" x="{}" width="1.2" height="6"/></svg>',
        label,
        f"{min(share or 0, 1) * 100:.2f}",
        f"{target * 100 - 0.6:.2f}",
    )


@register.filter
def also(task: Task, today: date) -> str:
    """Write a task that fits into the same call: 周联系（逾 5 天）; a step of a complaint by which it is."""
    due = task.falls_due_at.date()
    late = (today - due).days
    state = f"（逾 {late} 天）" if late > 0 else "" if late == 0 else f"（{formats.day(due, today)}）"
    mark = "" if task.kind == Kind.MANDATORY or task.source == Task.Source.PLAN else f"{task.kind_label}："
    title = why(task) if task.rule is not None and task.rule.code in TOLD_BY_REASON else task.title
    return f"{mark}{title}{state}"


@register.filter
def why(task: Task) -> str:
    """Write why a task is owed, days of this year without it; "" when that says no more than its title."""
    words = _short(task.why)
    return "" if words in ("", task.title) else words


@register.filter
def task_result(task: Task) -> str:
    """Write how a task ended: the result of its contact, a verdict, or what was typed."""
    return str({**dict(Contact.Result.choices), **VERDICTS, **ENDINGS}.get(task.result, task.result))


@register.filter
def signal_words(signal: Signal) -> str:
    """Write what made a signal fire, with its figures."""
    return _short(worded(signal.rule.reason, signal.facts)) or str(signal.rule.trigger)


@register.filter("short_days")
def _short(words: str) -> str:
    """Leave this year out of the days in a sentence."""
    return words.replace(f"{timezone.localdate().year}年", "")


@register.filter
def alert_look(signal: Signal) -> str:
    """Return the colour of an alert: c for urgent, w otherwise."""
    return "c" if signal.rule.priority >= URGENT else "w"


@register.filter
def alert_icon(signal: Signal) -> str:
    """Return the icon of an alert."""
    return "alert-octagon" if signal.rule.priority >= URGENT else "alert-triangle"


@register.filter
def days_words(days: Any) -> str:
    """Write a rhythm in words: 每周, 每两周, 每月, 每 10 天."""
    known = {
        1: "每天",
        7: "每周",
        14: "每两周",
        30: "每月",
        31: "每月",
        90: "每季",
        91: "每季",
        182: "每半年",
        365: "每年",
    }
    return known.get(days, f"每 {days} 天") if days else formats.NONE
