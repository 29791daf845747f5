"""One complaint: what was said, how it stands, what may be done; its letter, record, papers and hidden values."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clients.models import Client
from complaints.errors import FactMissing
from complaints.models import Attachment, Complaint, State
from complaints.operations.showing import PERSONAL, record_opening, reveal
from complaints.queries import lists
from complaints.queries.offered import offered
from complaints.queries.scope import may_read_words
from complaints.rules.wording import APPEAL
from complaints.views.complaint_acts import ACTS, Act
from complaints.views.complaint_lists import moment
from office.http import Request, needs, part
from office.menu import link

STAGES = (State.ACCEPTED, State.INVESTIGATING, State.HANDLING, State.FEEDBACK, State.CLOSED)
ANSWERED = (State.FEEDBACK, State.CLOSED)


@require_GET
@needs("complaints.view_complaint")
def detail(request: Request, pk: int) -> HttpResponse:
    complaint = seen(request, pk)
    reads = may_read_words(complaint, request.user)
    waits = complaint.state == State.HANDLING and bool(complaint.plan) and complaint.merged_into_id is None
    acts = [ACTS[key] for key in offered(complaint, request.user, timezone.now())]
    context = {
        "complaint": complaint,
        "client": _client(request, complaint),
        "reads": reads,
        "acts": acts,
        "lead_act": _lead(acts, waits=waits),
        "waits_for_approval": reads and waits,
        "stages": _stages(complaint),
        "clocks": lists.clocks_of(complaint),
        "contact_href": link("service_logs:contact_detail", complaint.contact_id) if complaint.contact_id else "",
        "may_reveal": reads and request.user.has_perm("complaints.handle_complaint"),
        "has_letter": reads and _has_letter(complaint),
        **(_words(complaint) if reads else {}),
        **moment(request),
    }
    return render(request, "complaints/detail.html", context)


@require_GET
@needs("complaints.view_complaint")
def letter(request: Request, pk: int) -> HttpResponse:
    """The answer as a letter, to be printed, with the ways to appeal (CMP-07)."""
    complaint = readable(request, pk)
    if not _has_letter(complaint):
        raise FactMissing(
            "处理方案批准后，或不予受理时，才能出具答复函", href=complaint.get_absolute_url(), verb="返回投诉"
        )
    context = {"complaint": complaint, "appeal": complaint.appeal_text or APPEAL, "today": timezone.localdate()}
    return render(request, "complaints/letter.html", context)


@require_GET
@needs("complaints.view_complaint")
def record(request: Request, pk: int) -> HttpResponse:
    """The record of the complaint with its eight points, to be printed and signed (CMP-09)."""
    return render(request, "complaints/record.html", {"complaint": readable(request, pk)})


@require_POST
@needs("complaints.handle_complaint")
def show(request: Request, pk: int, field: str) -> HttpResponse:
    """Show one hidden value in full, once; who looked stands in the audit book."""
    complaint = readable(request, pk)
    if field not in PERSONAL:
        raise Http404
    shown = reveal(complaint, field, by=request.user, address=request.META.get("REMOTE_ADDR"))
    template = "clients/_unmasked.html" if request.htmx else "complaints/shown.html"
    response = render(request, template, {"complaint": complaint, "shown": shown, "label": PERSONAL[field]})
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@needs("complaints.view_complaint")
def attachment(request: Request, pk: int) -> FileResponse:
    """Hand out one paper as a download; its name and kind were checked when it came."""
    paper = get_object_or_404(Attachment.objects.visible_to(request.user).select_related("complaint"), pk=pk)
    try:
        opened = paper.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("文件不在存储中") from error
    record_opening(paper, by=request.user)
    response = FileResponse(opened, as_attachment=True, filename=paper.name, content_type=paper.mime)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@needs("complaints.view_complaint")
def client_panel(request: Request, pk: int) -> HttpResponse:
    """The complaints of one client as a part of his page; without any there is no panel, not even its heading."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    rows = list(lists.of_client(request.user, client.pk)[:8])
    context = {"client": client, "rows": rows, **moment(request)}
    if not rows and request.htmx:
        return HttpResponse("")
    return render(request, part(request, "complaints/client_panel.html", "panel"), context)


def seen(request: Request, pk: int) -> Complaint:
    """Return a complaint the user may know of, with the people in it; anything else is unknown (404)."""
    rows = Complaint.objects.visible_to(request.user).select_related(
        "branch", "client", "handler", "recorder", "approver", "planned_by", "reviewer", "extension_by", "merged_into"
    )
    return get_object_or_404(rows, pk=pk)


def readable(request: Request, pk: int) -> Complaint:
    """Return a complaint whose words the user may read; who knows the outline only is refused (403)."""
    complaint = seen(request, pk)
    if not may_read_words(complaint, request.user):
        raise PermissionDenied("您只能查看这件投诉的概要。内容由办理人、登记人和合规查看。")
    return complaint


def _client(request: Request, complaint: Complaint) -> Client | None:
    if complaint.client_id is None:
        return None
    rows = Client.objects.visible_to(request.user).select_related("standing__manager")
    return rows.filter(pk=complaint.client_id).first()


def _words(complaint: Complaint) -> dict[str, Any]:
    return {
        "steps": lists.timeline(complaint),
        "parties": complaint.parties.select_related("employee").order_by("named_at", "pk"),
        "papers": complaint.attachments.order_by("added_at", "pk"),
        "referrals": complaint.referrals.select_related("employee").order_by("sent_at", "pk"),
        "repeats": complaint.repeats.only("no").order_by("received_at", "pk"),
    }


def _has_letter(complaint: Complaint) -> bool:
    return complaint.state in ANSWERED or complaint.state == State.REJECTED


def _lead(acts: list[Act], *, waits: bool) -> Act | None:
    """Return the act of the filled button; while a plan waits for approval, its author has none."""
    first = acts[0] if acts else None
    return first if first and first.leads and not (waits and first.key == "propose") else None


def _stages(complaint: Complaint) -> list[tuple[str, str]]:
    """Return the five stages in words, each as passed ("dn"), present ("cur cur-i") or to come ("")."""
    if complaint.state not in STAGES:
        return [(STAGES[0].label, "dn"), (complaint.get_state_display(), "cur cur-i")]
    place = STAGES.index(State(complaint.state))
    place += complaint.state == State.CLOSED  # nothing is left to do
    looks = ["dn" if here < place else "cur cur-i" if here == place else "" for here in range(len(STAGES))]
    return [(stage.label, look) for stage, look in zip(STAGES, looks, strict=True)]
