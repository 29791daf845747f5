"""Taking a complaint in at the desk, and what is told to who complained."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_http_methods

from clients.models import Client
from complaints.errors import FactMissing, KnownTransfer
from complaints.forms.complaint_intake import IntakeForm
from complaints.models import Channel, Complaint
from complaints.operations import take_in
from complaints.queries.matching import client_of, clients_matching
from complaints.rules.wording import CLOSING_WORDS, GUIDANCE, acknowledgement
from complaints.views.complaint_detail import readable
from office.http import Request, needs


@require_http_methods(["GET", "POST"])
@needs("complaints.take_complaint")
def create(request: Request) -> HttpResponse:
    """Write a complaint down; ?client=7 comes from a page of the client, ?contact=9&at=… from an entry of the log."""
    looking = "look" in request.POST  # the search button of those without JavaScript
    form = IntakeForm(
        request.POST if request.method == "POST" and not looking else None, by=request.user, initial=_known(request)
    )
    if form.is_valid():
        try:
            return _taken(request, _take(request, form))
        except (FactMissing, KnownTransfer) as error:
            form.add_error(None, error.message)
    find = request.POST.get("find", "")
    context = {
        "form": form,
        "chosen": _chosen(request),
        "find": find,
        "matches": _matches(request, find) if looking else None,
        "guidance": GUIDANCE,
        "closing_words": CLOSING_WORDS,
    }
    return render(request, "complaints/create.html", context, status=422 if form.is_bound else 200)


@require_GET
@needs("complaints.take_complaint")
def pick(request: Request) -> HttpResponse:
    """Clients within reach by number, phone or name: the part beside the form."""
    find = request.GET.get("find", "").strip()
    return render(request, "complaints/_pick.html", {"find": find, "matches": _matches(request, find)})


@require_GET
@needs("complaints.view_complaint")
def acknowledged(request: Request, pk: int) -> HttpResponse:
    """What is said or handed to who complained: number, deadline, who answers; to be printed."""
    complaint = readable(request, pk)
    due = complaint.clocks.filter(step="result").order_by("started_at").first()
    handler = complaint.handler.name if complaint.handler else ""
    due_at = due.due_at if due else complaint.received_at
    context = {
        "complaint": complaint,
        "text": acknowledgement(complaint.no, due_at, handler, complaint.branch.complaint_phone),
        "closing_words": CLOSING_WORDS,
    }
    return render(request, "complaints/acknowledged.html", context)


def _take(request: Request, form: IntakeForm) -> Complaint:
    said, branch = form.record(), request.user.branch
    if branch is None:
        raise FactMissing("您不属于任何营业部，不能登记投诉")
    if said["client"] is None:
        said["client"] = client_of(branch, account_no=said["account_no"], phone=said["phone"])
    return take_in(branch, by=request.user, **said)


def _taken(request: Request, complaint: Complaint) -> HttpResponse:
    """Lead on to what is told to the caller; who named himself learns the number alone."""
    messages.success(request, f"投诉已受理，编号 {complaint.no}")
    if Complaint.objects.visible_to(request.user).filter(pk=complaint.pk).exists():
        return redirect("complaints:acknowledged", pk=complaint.pk)
    return redirect("complaints:list")


def _known(request: Request) -> dict[str, Any]:
    """Return what is known when the form opens: all that was typed, or what the address says."""
    if request.method == "POST":
        return {name: value for name, value in request.POST.items() if value}
    known: dict[str, Any] = {name: request.GET[name] for name in ("client", "contact") if request.GET.get(name)}
    if request.GET.get("channel") in Channel.values:
        known["channel"] = request.GET["channel"]
    if at := _moment(request.GET.get("at", "")):
        known["received_at"] = at
    return known


def _moment(words: str) -> datetime | None:
    """Return the moment an address names, None if it names none."""
    try:
        return parse_datetime(words)
    except ValueError:
        return None


def _chosen(request: Request) -> Client | None:
    asked = request.POST.get("client") or request.GET.get("client") or ""
    if not asked.isdecimal() or len(asked) > 18:
        return None
    return Client.objects.visible_to(request.user).select_related("standing__manager").filter(pk=int(asked)).first()


def _matches(request: Request, find: str) -> list[Client]:
    find = find.replace("\x00", "").strip()
    return list(clients_matching(request.user, account_no=find, phone=find, name=find)) if len(find) > 1 else []
