"""What the counter delivered: the book of batches, one of them, uploads by hand, refused rows as a file."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clients.exporting import quarantine_lines
from clients.forms import UploadForm
from clients.models import ImportBatch
from clients.operations import deliveries
from clients.operations.archive import record_quarantine_export
from clients.queries import batches as queries
from clients.tasks import import_batch
from office.http import Request, needs, part
from office.paging import capped_count, count_label, keyset_page
from office.understanding import unclear

PAGE_SIZE = 50
TABS = {"overview": "概览", "refused": "隔离行", "corrections": "更正"}
UNFINISHED = (ImportBatch.State.RECEIVED, ImportBatch.State.RUNNING)


@require_GET
@needs("clients.view_importbatch")
def batch_list(request: Request) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in ImportBatch.State.values else ""
    rows = queries.batch_list(request.user, state)
    page = keyset_page(rows, ["-received_at", "-pk"], request.GET.get("after", ""), PAGE_SIZE)
    context = {"page": page, "state": state, "states": ImportBatch.State.choices, "next_url": _at(request, page.next)}
    return render(request, "clients/batch_list.html", context | {"previous_url": _at(request, page.previous)})


@require_http_methods(["GET", "POST"])
@needs("clients.import_feed")
def batch_upload(request: Request) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        batch = deliveries.receive_upload(form.cleaned_data["sent"], timezone.localtime(), by=request.user)
        import_batch.delay_on_commit(batch.pk)
        messages.success(request, f"已收到 {len(form.cleaned_data['sent'])} 个文件，正在后台导入")
        return redirect("clients:batch_detail", pk=batch.pk)
    return render(request, "clients/batch_upload.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
@needs("clients.view_importbatch")
def batch_detail(request: Request, pk: int) -> HttpResponse:
    batch = _seen(request, pk)
    tab = request.GET.get("tab", "overview")
    tab = tab if tab in TABS else "overview"
    refused = queries.refused_rows(batch, request.user)
    corrected = queries.corrections(batch, request.user)
    counts = {"overview": None, "refused": capped_count(refused), "corrections": capped_count(corrected)}
    context = {
        "batch": batch,
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"?tab={key}", "current": key == tab, "count": _label(counts[key])}
            for key, label in TABS.items()
        ],
        "is_unfinished": batch.state in UNFINISHED,
        "has_files": deliveries.folder_of(batch) is not None,
        **_tab(request, batch, tab),
    }
    response = render(request, part(request, "clients/batch_detail.html", "batch"), context)
    if request.htmx and not context["is_unfinished"]:  # the page was waiting for this
        response["HX-Refresh"] = "true"
    return response


@require_POST
@needs("clients.import_feed")
def batch_rerun(request: Request, pk: int) -> HttpResponse:
    batch = deliveries.run_again(_seen(request, pk), by=request.user)
    import_batch.delay_on_commit(batch.pk)
    messages.success(request, "已重新排队导入，数据相同的行不会变化")
    return redirect("clients:batch_detail", pk=batch.pk)


@require_POST
@needs("clients.view_importbatch")
def quarantine_export(request: Request, pk: int) -> StreamingHttpResponse:
    batch, file = _seen(request, pk), request.GET.get("file", "")
    if file and not queries.is_file_key(file):
        raise unclear("文件")
    rows = queries.refused_rows(batch, request.user, file, request.GET.get("reason", ""))
    record_quarantine_export(batch, rows.count(), by=request.user)
    lines = quarantine_lines(rows.iterator(chunk_size=2_000))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="quarantine-{batch.pk}.csv"'
    return response


def _tab(request: Request, batch: ImportBatch, tab: str) -> dict[str, object]:
    """Return what the chosen tab shows."""
    if tab == "overview":
        return {"files": queries.files_of(batch), "totals": queries.control_totals(batch, request.user)}
    if tab == "corrections":
        changes = queries.corrections(batch, request.user)
        told = keyset_page(changes, ["file_id", "key", "pk"], request.GET.get("after", ""), PAGE_SIZE)
        return {"page": told, "next_url": _at(request, told.next), "previous_url": _at(request, told.previous)}
    everything = queries.refused_rows(batch, request.user)
    file, reason = request.GET.get("file", ""), request.GET.get("reason", "")
    rows = queries.refused_rows(batch, request.user, file, reason)
    page = keyset_page(rows, ["file_id", "line", "pk"], request.GET.get("after", ""), PAGE_SIZE)
    return {
        "page": page,
        "reasons": queries.reasons(everything),
        "chosen": reason,
        "files": [one for one in queries.files_of(batch) if one.refused],
        "chosen_file": file,
        "query": request.GET.urlencode(),
        "next_url": _at(request, page.next),
        "previous_url": _at(request, page.previous),
    }


def _seen(request: Request, pk: int) -> ImportBatch:
    rows = ImportBatch.objects.visible_to(request.user).select_related("by", "supersedes")
    return get_object_or_404(rows, pk=pk)


def _label(count: int | None) -> str | None:
    return None if count is None else count_label(count)


def _at(request: Request, cursor: str) -> str:
    if not cursor:
        return ""
    query = request.GET.copy()
    query["after"] = cursor
    return f"?{query.urlencode()}"
