"""情景演练: the calendar, who owes one, one drill from plan to lessons (RET-05)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from office.http import Request, needs
from office.paging import count_beside, count_label, keyset_page
from office.understanding import understood
from retention.filters import chips
from retention.forms.drills import CancelForm, HoldForm, PlanForm
from retention.forms.library_filter import DrillFilter
from retention.library_sheets import drill_sheet
from retention.models import Drill
from retention.operations.drills import cancel_drill, hold_drill, plan_drill
from retention.queries import drills as reading
from retention.queries.cases import seen_cases
from retention.views.lists import MOST_ROWS, PER_PAGE, Export, export, neighbours, posted

MENU = "retention:drill_list"


@require_GET
@needs("retention.view_drill")
def drill_list(request: Request) -> HttpResponse:
    today, form = timezone.localdate(), DrillFilter(request.GET, branch=request.user.branch)
    form.is_valid()  # what cannot be read is left out and shown with its reason
    rows = reading.drill_list(request.user, form.cleaned_data)
    page = keyset_page(rows, reading.ORDER, request.GET.get("after", ""), PER_PAGE)
    owed = reading.owed_drills(request.user, today)
    context = {
        "page": page,
        "form": form,
        "chips": chips(form, request.GET),
        "count": count_label(count_beside(page, rows)),
        "owed": owed,
        "behind": [one for one in owed if one.state],
        "missed": reading.missed(request.user, today),
        "today": today,
        **neighbours(request, page),
    }
    return render(request, "retention/drill_list.html", context)


@require_http_methods(["GET", "POST"])
@needs("retention.run_drill")
def drill_export(request: Request) -> HttpResponse:
    form = DrillFilter(request.GET, branch=request.user.branch)
    rows = reading.drill_list(request.user, understood(form)).order_by(*reading.ORDER)[:MOST_ROWS]
    wanted = Export("情景演练", "drills", rows.count(), lambda: drill_sheet(rows), MENU, "没有客户资料")
    return export(request, wanted)


@require_GET
@needs("retention.view_drill")
def drill_detail(request: Request, pk: int) -> HttpResponse:
    drill, today = _seen(request, pk), timezone.localdate()
    context = {
        "drill": drill,
        "scene": reading.scene_words(drill),
        "people": drill.participants.select_related("team").order_by("team__name", "pinyin", "pk"),
        "is_missed": drill.state == Drill.State.PLANNED and drill.planned_on < today,
        "may_run": drill.state == Drill.State.PLANNED and request.user.has_perm("retention.run_drill"),
        "now": timezone.localtime(),
        "menu": MENU,
    }
    return render(request, "retention/drill_detail.html", context)


@require_http_methods(["GET", "POST"])
@needs("retention.run_drill")
def drill_plan(request: Request) -> HttpResponse:
    branch = request.user.branch
    if branch is None:
        raise Http404
    given: dict[str, Any] = {"case": request.GET.get("case", ""), "team": request.user.team}
    form = PlanForm(posted(request), initial=given, branch=branch, cases=seen_cases(request.user))
    if form.is_valid():
        said = form.cleaned_data
        made = plan_drill(
            branch, title=said["title"], planned_on=said["planned_on"], team=said["team"], scene=form.scene(),
            participants=list(said["participants"]), names=form.names, by=request.user,
        )  # fmt: skip
        messages.success(request, f"已安排 {made.planned_on:%Y-%m-%d} 的演练，{len(said['participants'])} 人参加")
        return redirect(made)
    context = {"form": form, "menu": MENU}
    return render(request, "retention/drill_plan.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("retention.run_drill")
def drill_hold(request: Request, pk: int) -> HttpResponse:
    drill = _seen(request, pk)
    given = {"version": drill.version, "held_on": timezone.localdate()}
    form = HoldForm(posted(request), initial=given)
    if form.is_valid():
        said = form.cleaned_data
        hold_drill(
            drill, held_on=said["held_on"], marks=form.marks, lessons=said["lessons"], version=said["version"],
            by=request.user,
        )  # fmt: skip
        messages.success(request, f"已记录演练，评分 {drill.total} / 20")
        return redirect(drill)
    context = {"form": form, "drill": drill, "scene": reading.scene_words(drill), "menu": MENU}
    return render(request, "retention/drill_hold.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("retention.run_drill")
def drill_cancel(request: Request, pk: int) -> HttpResponse:
    drill = _seen(request, pk)
    form = CancelForm(posted(request), initial={"version": drill.version})
    if form.is_valid():
        cancel_drill(drill, reason=form.cleaned_data["reason"], version=form.cleaned_data["version"], by=request.user)
        messages.success(request, f"「{drill.title}」已取消")
        return redirect(drill)
    told = {
        "title": f"取消演练「{drill.title}」",
        "text": "取消后不计入本季演练，原因记入审计。",
        "verb": "取消演练",
        "crit": True,
        "form": form,
        "cancel_href": drill.get_absolute_url(),
        "menu": MENU,
    }
    return render(request, "confirm.html", told, status=422 if form.is_bound else 200)


def _seen(request: Request, pk: int) -> Drill:
    return get_object_or_404(reading.drills(request.user).select_related("team", "led_by", "made_by"), pk=pk)
