"""Putting an entry of the log right, or taking it back within minutes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from office.conflict import conflict_lines, opened_with, settled, typed
from office.http import Request, needs
from office.queries.audit import last_entry
from service_logs.forms.contact import CorrectForm, shown
from service_logs.models import Contact
from service_logs.operations.contacts import correct_contact, undo_contact

FIELDS: list[str] = CorrectForm.Meta.fields


@require_http_methods(["GET", "POST"])
@needs("service_logs.do_task")
def contact_edit(request: Request, pk: int) -> HttpResponse:
    held = _seen(request, pk)
    present = CorrectForm(instance=held)
    data = settled(request.POST, FIELDS, lambda name: present[name].value()) if request.method == "POST" else None
    form = CorrectForm(data, instance=_seen(request, pk))
    if data is not None and form.is_valid():
        if form.cleaned_data["version"] != held.version:
            return _conflict(request, held, form, data)
        changes = {name: form.cleaned_data[name] for name in FIELDS}
        correct_contact(held, changes, version=held.version, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "服务日志已更正，原内容留在审计中")
        return redirect(held)
    context = {"form": form, "contact": held, "client": held.client, "today": timezone.localdate()}
    return render(request, "service_logs/contact_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("service_logs.do_task")
def contact_undo(request: Request, pk: int) -> HttpResponse:
    contact = undo_contact(_seen(request, pk), by=request.user)
    messages.success(request, f"已撤回 {contact.client.name} 的服务日志，相关任务恢复为待办")
    return redirect(contact)


def _seen(request: Request, pk: int) -> Contact:
    seen = Contact.objects.visible_to(request.user).select_related("client__standing", "client__branch", "branch")
    return get_object_or_404(seen, pk=pk)


def _conflict(request: Request, held: Contact, form: CorrectForm, data: QueryDict) -> HttpResponse:
    """Show what was there, what the other one saved and what was typed here, to be decided field by field."""
    labels = {name: str(form.fields[name].label) for name in FIELDS}
    context = {
        "title": "更正服务日志",
        "subject": held.client.name,
        "back": held.get_absolute_url(),
        "again": reverse("service_logs:contact_edit", args=[held.pk]),
        "lines": conflict_lines(labels, opened_with(data.get("original", "")), shown(held), shown(form.instance)),
        "typed": typed(data, [*FIELDS, "reason"]),
        "version": held.version,
        "original": data.get("original", ""),
        "last": last_entry(held, "service_logs.contact_corrected"),
    }
    return render(request, "conflict.html", context, status=409)
