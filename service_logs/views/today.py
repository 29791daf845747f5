"""今日工作台: whom to call first."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from clients.models import ImportBatch
from office.formats import SHANGHAI
from office.http import Request, part
from office.menu import menu_for
from office.queries import calendar_warning
from office.queries.desk import waiting_for
from service_logs.models import Task
from service_logs.queries import figures, notices
from service_logs.queries.posts import Posts, posts
from service_logs.queries.scope import LABELS, OWN, Day, Scope, day_of, scope_names
from service_logs.queries.today import TodayList, today_list

GREETINGS = ((5, "夜深了"), (11, "早上好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))


@require_GET
def today(request: Request) -> HttpResponse:
    on, branch = timezone.localdate(), request.user.branch
    if branch is None or not request.user.has_perm("service_logs.do_task"):
        return render(request, "service_logs/start.html", _start(request, on))
    day, desk = day_of(request.user, request.GET.get("scope", ""), on), posts(branch, on)
    found = today_list(day)
    context = {
        "today": on,
        "scope": day.scope.name,
        "scopes": _tabs(request, day.scope),
        "list": found,
        "figures": figures.day_figures(day, desk),
        "absent": day.absent if day.scope.name == OWN else (),
        **_people(day, desk),
        **_alerts(day, found),
        "birthdays": notices.birthdays_on(day)[: notices.ALERTS],
        "birthday_counts": notices.birthday_counts(day),
        "waiting": waiting_for(request.user, timezone.now()),
        **_links(request, day.scope),
    }
    return render(request, part(request, "service_logs/today.html", "day"), context)


def _tabs(request: Request, scope: Scope) -> list[dict[str, Any]]:
    return [
        {"label": LABELS[name], "url": f"?scope={name}", "current": name == scope.name}
        for name in scope_names(request.user)
    ]


def _people(day: Day, desk: Posts) -> dict[str, Any]:
    """Return the table of a team's or branch's people, nothing for one's own day."""
    if day.scope.name == OWN:
        return {}
    return {
        "people": figures.people_today(day, desk),
        "unassigned": figures.unassigned_count(day),
        "unassigned_href": _tasks(owner="none", state="owed"),
    }


def _alerts(day: Day, found: TodayList) -> dict[str, Any]:
    """Return what the last night noticed beyond the clients whom the list names anyway."""
    night = notices.last_night(day.user)
    if night is None:
        return {}
    rows = notices.night_signals(day, night)
    beyond = rows.exclude(client_id__in=found.shown)
    return {"alerts_on": night, "alerts": beyond[: notices.ALERTS], "alerts_count": rows.count()}


def _links(request: Request, scope: Scope) -> dict[str, str]:
    """Return where the lists behind the panels stand, in the same scope."""
    whose = {"owner": str(request.user.pk)} if scope.name == OWN else {}
    return {
        "due_href": _tasks(state="owed", kind="mandatory", due="today", **whose),
        "done_href": _tasks(state="done", kind="mandatory", done="today", **whose),
        "contacts_href": _tasks(state="owed", source=Task.Source.PLAN, due="today", **whose),
        "optional_href": _tasks(state="owed", kind="optional", **whose),
        "messages_href": _tasks(state="owed", source=Task.Source.PLAN, channel="messages", due="today", **whose),
        "week_href": _tasks(state="owed", due="week", **whose),
    }


def _tasks(**query: str) -> str:
    return f"{reverse('service_logs:task_list')}?{urlencode(query)}"


def _start(request: Request, day: date) -> dict[str, Any]:
    """Return what the first page of somebody without clients of his own shows."""
    doors = [entry for entry in menu_for(request.user, "today") if not entry.is_current]
    hour = timezone.now().astimezone(SHANGHAI).hour
    greeting = next(words for until, words in GREETINGS if hour < until)
    context: dict[str, Any] = {
        "today": day,
        "doors": doors,
        "greeting": greeting,
        "batch": ImportBatch.objects.visible_to(request.user).order_by("-received_at").first(),
        "calendar_notice": calendar_warning(day) if request.user.has_perm("office.edit_calendar") else None,
        "waiting": waiting_for(request.user, timezone.now()),
    }
    if request.user.has_perm("service_logs.view_task"):
        mine = Task.objects.visible_to(request.user).owed().filter(owner=request.user).count()
        context |= {
            "mine": mine,
            "mine_words": f"有 {mine} 件任务交给您",
            "mine_href": _tasks(state="owed", owner=str(request.user.pk)),
        }
    return context
