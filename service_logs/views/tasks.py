"""The list of tasks and one task."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from office.http import Request, part
from office.paging import capped_count, count_label, keyset_page
from service_logs.filters import task_filter
from service_logs.models import MESSAGES, Task
from service_logs.queries.scope import known_tasks
from service_logs.queries.scripts import scripts_beside
from service_logs.queries.tasks import DEFAULT_SORT, awaits_release, may_close, needs_contact, order_of, task_list
from service_logs.views import lists

PAGE = "service_logs:task_list"
PAGE_SIZE = 50
READY = (
    ("未完成", ""),
    ("今日到期", "state=owed&due=today"),
    ("已逾期", "state=owed&due=late"),
    ("力争", "state=owed&kind=aim"),
    ("没有负责人", "state=owed&owner=none"),
    ("待群发", "state=owed&channel=messages"),
    ("今日完成", "state=done&done=today"),
    ("全部任务", "state=all"),
)


@require_GET
@permission_required("service_logs.view_task", raise_exception=True)
def list_tasks(request: Request) -> HttpResponse:
    day = timezone.localdate()
    form = task_filter(request.GET, request.user.branch_id)
    rows = task_list(request.user, form.cleaned_data, day)
    sort = request.GET.get("sort", DEFAULT_SORT)
    page = keyset_page(rows, order_of(sort), request.GET.get("after", ""), PAGE_SIZE, keys_first=True)
    context = {
        "page": page,
        "today": day,
        "form": form,
        "chips": lists.chips(form, request.GET),
        "count": count_label(capped_count(rows)),
        "count_words": f"本页 {len(page)} 件",
        "next_url": lists.at(request.GET, page.next),
        "previous_url": lists.at(request.GET, page.previous),
        "views": lists.views(request, PAGE, READY),
        "save_href": lists.save_href(request, PAGE),
        "query": request.GET.urlencode(),
        "is_messages": form.cleaned_data.get("channel") in ("messages", *MESSAGES),
    }
    return render(request, part(request, "service_logs/task_list.html", "table"), context)


@require_GET
@permission_required("service_logs.view_task", raise_exception=True)
def task_detail(request: Request, pk: int) -> HttpResponse:
    seen = known_tasks(request.user).select_related(
        "client__standing__manager", "rule", "signal", "owner", "done_by", "contact__author"
    )
    task = get_object_or_404(seen, pk=pk)
    also = known_tasks(request.user).owed().filter(client=task.client).exclude(pk=task.pk).order_by("due_at", "pk")
    context = {
        "task": task,
        "client": task.client,
        "standing": task.client.standing,
        "also": also if task.state in Task.OWED else [],
        "today": timezone.localdate(),
        "needs_contact": needs_contact(task),
        "awaits_release": awaits_release(task),
        "scripts": scripts_beside([task], request.user.branch) if request.user.branch else [],
        "may_close": may_close(request.user, task),
        "overdue": task.is_overdue(timezone.now()),
    }
    return render(request, "service_logs/task_detail.html", context)
