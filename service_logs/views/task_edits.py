"""What people do to tasks: make, give away, put off, withdraw, end without a call, take out as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clients.models import Client
from office.http import Request, needs
from service_logs.errors import NeedsContact
from service_logs.forms.tasks import AssignForm, DoneForm, MessageForm, PostponeForm, ReasonForm, ReleaseForm, TaskForm
from service_logs.models import MESSAGES, Kind, Task
from service_logs.operations import task_edits
from service_logs.operations.messages import log_messages
from service_logs.operations.releases import decide
from service_logs.operations.tasks import complete_tasks
from service_logs.queries.scope import known_tasks
from service_logs.queries.tasks import awaits_release, may_close, needs_contact

MOST = 2000  # tasks or clients of one act
NAMED = 8  # of them the page that asks lists


@require_http_methods(["GET", "POST"])
@needs("service_logs.do_task")
def task_create(request: Request) -> HttpResponse:
    """Make a task for one client (?client=7) or for each of many (?clients=7,8 or clients=7&clients=8)."""
    if "everything" in request.POST and "title" not in request.POST:  # of the client list, over all its pages
        return redirect(f"{reverse('service_logs:task_bulk')}?{request.GET.urlencode()}")
    day, clients = timezone.localdate(), _clients(request)
    form = TaskForm(request.POST if "title" in request.POST else None, by=request.user, today=day)
    if clients and form.is_valid():
        made = task_edits.add_tasks(clients, by=request.user, today=day, **form.values())
        messages.success(request, f"已建 {len(made)} 件任务「{form.cleaned_data['title']}」")
        return redirect(f"{reverse('service_logs:task_list')}?state=owed&source=manual")
    context = {
        "form": form,
        "clients": clients[:NAMED],
        "ids": ",".join(str(client.pk) for client in clients),
        "count": len(clients),
        "missing": form.is_bound and not clients,
    }
    return render(request, "service_logs/task_create.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("service_logs.assign_task")
def task_assign(request: Request) -> HttpResponse:
    chosen, form = _chosen(request), AssignForm(_answer(request), by=request.user)
    if form.is_valid():
        to = form.cleaned_data["owner"]
        moved = task_edits.hand_over(
            chosen, to, by=request.user, today=timezone.localdate(), reason=form.cleaned_data["reason"]
        )
        return _back(request, f"{moved} 件任务已交给 {to.name}")
    return _ask(request, chosen, form, "改负责人", "改负责人", "新负责人从现在起在工作台看到这些任务")


@require_POST
@needs("service_logs.do_task")
def task_postpone(request: Request) -> HttpResponse:
    """Put the optional ones of the chosen tasks off; mandatory ones keep their deadline and are named."""
    chosen = _chosen(request)
    free = [task for task in chosen if task.kind == Kind.OPTIONAL]
    form = PostponeForm(_answer(request))
    if form.is_valid():
        moved = task_edits.postpone(free, form.cleaned_data["due_on"], by=request.user, today=timezone.localdate())
        return _back(request, f"{moved} 件选做已顺延到 {form.cleaned_data['due_on']:%Y-%m-%d}")
    kept = len(chosen) - len(free)
    text = "只有选做可以顺延" + (f"；所选的 {kept} 件必做保持原时限" if kept else "")
    return _ask(request, free, form, "顺延选做任务", "顺延任务", text)


@require_POST
@needs("service_logs.assign_task")
def task_cancel(request: Request) -> HttpResponse:
    chosen, form = _chosen(request), ReasonForm(_answer(request))
    if form.is_valid():
        ended = task_edits.cancel(chosen, reason=form.cleaned_data["reason"], by=request.user)
        return _back(request, f"{ended} 件任务已取消")
    return _ask(request, chosen, form, "取消任务", "取消任务", "取消的任务不计入完成率，原因留在审计中", crit=True)


@require_POST
@needs("service_logs.do_task")
def task_messages(request: Request) -> HttpResponse:
    """Write down that one text went to the clients of the chosen message tasks."""
    chosen = [task for task in _chosen(request) if task.channel in MESSAGES]
    form = MessageForm(_answer(request))
    if form.is_valid():
        ledger = log_messages(chosen, text=form.cleaned_data["text"], by=request.user)
        refused = sum(ledger.skipped.values())
        return _back(
            request, f"已登记发送 {ledger.changed} 位" + (f"，{refused} 位拒绝此渠道，未发送" if refused else "")
        )
    text = "按所选任务逐位登记一条服务日志，拒绝此渠道的客户自动剔除"
    return _ask(request, chosen, form, "登记群发消息", "登记发送", text)


@require_http_methods(["GET", "POST"])
@needs("service_logs.close_task")
def task_done(request: Request, pk: int) -> HttpResponse:
    task = get_object_or_404(known_tasks(request.user).select_related("branch"), pk=pk)
    if not may_close(request.user, task):
        raise PermissionDenied("只能办结自己的任务")
    if awaits_release(task):
        return _release(request, task)
    if needs_contact(task):
        raise NeedsContact("必做的 MOT 与到期联系须记服务日志才能办结", href=_log(task), verb="记服务日志")
    form = DoneForm(request.POST or None)
    if form.is_valid():
        done = complete_tasks([task], result=form.cleaned_data["result"], by=request.user)
        messages.success(request, f"任务「{task.title}」已办结" if done else "这件任务此前已结束，没有改动")
        return redirect(task)
    context = {"title": f"办结「{task.title}」", "text": f"{task.client.name}，不产生服务日志", "verb": "办结任务"}
    cancel = {"cancel_href": task.get_absolute_url(), "form": form}
    return render(request, "confirm.html", {**context, **cancel}, status=422 if form.is_bound else 200)


def _release(request: Request, task: Task) -> HttpResponse:
    """Ask compliance for its word on the case."""
    form = ReleaseForm(request.POST or None)
    if form.is_valid():
        made = decide(task, form.cleaned_data["verdict"], note=form.cleaned_data["note"], by=request.user)
        messages.success(
            request, f"已放行，交给 {made.owner}" if made and made.owner else "已记下结论，客户经理没有任务"
        )
        return redirect(task)
    context = {
        "title": f"审核「{task.title}」", "text": f"{task.client.name}：{task.why}", "verb": "记下结论",
        "cancel_href": task.get_absolute_url(), "form": form,
    }  # fmt: skip
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


def _log(task: Task) -> str:
    return f"{reverse('service_logs:contact_create')}?client={task.client_id}"


def _clients(request: Request) -> list[Client]:
    asked = [*request.GET.getlist("client"), *request.GET.getlist("clients"), *request.POST.getlist("clients")]
    asked += request.POST.getlist("ids")  # the ticked rows of the client list
    ids = [int(pk) for part in asked for pk in part.split(",") if pk.strip().isdecimal()]
    found = Client.objects.visible_to(request.user).filter(pk__in=ids[:MOST], standing__is_closed=False)
    return list(found.select_related("standing", "branch").order_by("-standing__value", "pk"))


def _chosen(request: Request) -> list[Task]:
    """Return the tasks named in `ids` that the user may know of and that are still owed."""
    ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isdecimal()]
    owed = known_tasks(request.user).owed().filter(pk__in=ids[:MOST])
    return list(owed.select_related("branch").order_by("due_at", "pk"))


def _answer(request: Request) -> QueryDict | None:
    """Return what was typed on the page that asks, None when the list sent the tasks."""
    return request.POST if "asked" in request.POST else None


def _ask(
    request: Request, chosen: Sequence[Task], form: Form, title: str, verb: str, text: str, *, crit: bool = False
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": title, "verb": verb, "text": text, "crit": crit, "form": form, "tasks": chosen,
        "named": chosen[:NAMED], "more": max(len(chosen) - NAMED, 0), "back": request.POST.get("back", ""),
        "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "service_logs/task_ask.html", context, status=422 if form.is_bound else 200)


def _back(request: Request, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect(f"{reverse('service_logs:task_list')}?{request.POST.get('back', '')}")
