"""The service log: its list and one entry."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from office.http import Request, part
from office.paging import count_beside, count_label, keyset_page
from service_logs.filters import ContactFilter
from service_logs.models import Contact
from service_logs.queries.contacts import contact_list
from service_logs.rules.counting import UNDO_MINUTES
from service_logs.views import lists

PAGE = "service_logs:contact_list"
PAGE_SIZE = 50
ORDER = ["-at", "-pk"]
READY = (
    ("全部日志", ""),
    ("客户主动", "initiator=client"),
    ("记有需求", "holds=need"),
    ("记有承诺", "holds=promise"),
    ("提出投诉", "result=complaint_raised"),
)


@require_GET
@permission_required("service_logs.view_task", raise_exception=True)
def list_contacts(request: Request) -> HttpResponse:
    form = ContactFilter(request.GET, branch_id=request.user.branch_id)
    form.is_valid()  # a filter that cannot be read is left out and shown with its reason
    rows = contact_list(request.user, form.cleaned_data)
    page = keyset_page(rows, ORDER, request.GET.get("after", ""), PAGE_SIZE)
    context = {
        "page": page,
        "today": timezone.localdate(),
        "form": form,
        "chips": [chip for chip in lists.chips(form, request.GET) if chip["key"] != form["result"].label],
        "quick": form["result"],
        "quick_said": lists.in_words(form.fields["result"], form.cleaned_data.get("result") or []),
        "count": count_label(count_beside(page, rows)),
        "count_words": f"本页 {len(page)} 条",
        "next_url": lists.at(request.GET, page.next),
        "previous_url": lists.at(request.GET, page.previous),
        "views": lists.views(request, PAGE, READY),
        "save_href": lists.save_href(request, PAGE),
        "query": request.GET.urlencode(),
    }
    return render(request, part(request, "service_logs/contact_list.html", "table"), context)


@require_GET
@permission_required("service_logs.view_task", raise_exception=True)
def contact_detail(request: Request, pk: int) -> HttpResponse:
    seen = Contact.objects.visible_to(request.user).select_related("client__standing", "author", "script")
    contact = get_object_or_404(seen, pk=pk)
    context = {
        "contact": contact,
        "client": contact.client,
        "standing": contact.client.standing,
        "tasks": contact.tasks.select_related("rule", "signal").order_by("due_at", "pk"),
        "today": timezone.localdate(),
        "may_undo": _may_undo(request, contact),
        "may_correct": contact.undone_at is None and _may_correct(request, contact),
    }
    return render(request, "service_logs/contact_detail.html", context)


def _may_undo(request: Request, contact: Contact) -> bool:
    fresh = contact.made_at > timezone.now() - timedelta(minutes=UNDO_MINUTES)
    return contact.author_id == request.user.pk and contact.undone_at is None and fresh


def _may_correct(request: Request, contact: Contact) -> bool:
    own = contact.author_id == request.user.pk and request.user.has_perm("service_logs.do_task")
    return own or request.user.has_perm("service_logs.assign_task")
