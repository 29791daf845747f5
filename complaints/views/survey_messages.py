"""Messages of surveys that wait to be sent: without an outside gate the staff sends them by hand, and says so."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from complaints.feedback_books import WAYS, link_workbook, workbook_answer
from complaints.forms.survey import PurposeForm
from complaints.operations.surveys import message_text, note_sent, record_messages, record_shown
from complaints.queries.surveys import sendable
from office.http import Request, needs
from office.paging import keyset_page

PAGE = 50


@require_GET
@needs("complaints.run_survey")
def survey_waiting(request: Request) -> HttpResponse:
    """What may be sent now, oldest first; the words are shown one at a time, or exported with a purpose."""
    rows = sendable(request.user, timezone.now())
    page = keyset_page(rows, ["not_before", "pk"], request.GET.get("after", ""), size=PAGE)
    lines = [{"message": row, "way": WAYS.get(row.way, row.way)} for row in page]
    return render(request, "complaints/survey_waiting.html", {"lines": lines, "page": page, "count": rows.count()})


@require_POST
@never_cache
@needs("complaints.run_survey")
def survey_message(request: Request, pk: int) -> HttpResponse:
    """The words of one message, to be copied; that they were read is noted."""
    message = get_object_or_404(sendable(request.user, timezone.now()), pk=pk)
    record_shown(message, by=request.user)
    context = {
        "message": message, "client": message.invitation.client, "way": WAYS.get(message.way, message.way),
        "text": message_text(message, _site(request)),
    }  # fmt: skip
    return render(request, "complaints/survey_message.html", context)


@require_POST
@needs("complaints.run_survey")
def survey_sent(request: Request) -> HttpResponse:
    """Note that the chosen messages went out."""
    chosen = [int(pk) for pk in request.POST.getlist("ids") if pk.isdecimal() and len(pk) < 19]
    sent = note_sent(list(sendable(request.user, timezone.now()).filter(pk__in=chosen)), by=request.user)
    messages.success(request, f"已标记 {sent:,} 条为已发送" if sent else "没有标记：请先选择仍待发送的短信")
    return redirect("complaints:survey_waiting")


@require_http_methods(["GET", "POST"])
@needs("complaints.run_survey")
def survey_waiting_export(request: Request) -> HttpResponse:
    """Hand everything that may be sent now over as a workbook, with a purpose."""
    rows = list(sendable(request.user, timezone.now()))
    form = PurposeForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {
            "title": "导出待发送短信", "verb": "导出 Excel", "form": form,
            "text": f"共 {len(rows):,} 条，每条含客户号、姓名、发送方式与含链接的正文。发送后请标为已发送。",
            "cancel_href": reverse("complaints:survey_waiting"),
        }  # fmt: skip
        return render(request, "confirm.html", context, status=422 if form.is_bound else 200)
    record_messages(len(rows), reason=form.cleaned_data["reason"], by=request.user)
    site = _site(request)
    return workbook_answer(link_workbook([(row, message_text(row, site)) for row in rows]), "survey-messages")


def _site(request: Request) -> str:
    return request.build_absolute_uri("/").rstrip("/")
