"""Editing what the house keeps about a client: archive and consent, and what happens when two people do so at once."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clients.forms import ArchiveForm, PreferenceForm, archive_in_words, preference_labels, preferences_in_words
from clients.models import ChannelPreference, Client
from clients.operations.archive import edit_archive, set_preferences
from clients.queries.page import held_preferences
from clients.views.detail import seen
from office.conflict import Line, conflict_lines, opened_with, settled, typed
from office.http import Request, needs
from office.queries.audit import last_entry


@require_http_methods(["GET", "POST"])
@needs("clients.edit_client")
def client_edit(request: Request, pk: int) -> HttpResponse:
    client = seen(request, pk)
    present = ArchiveForm(instance=client)
    names = ArchiveForm.Meta.fields
    data = settled(request.POST, names, lambda name: present[name].value()) if request.method == "POST" else None
    form = ArchiveForm(data, instance=copy(client))  # cleaning writes into it
    if data is not None and form.is_valid():
        if form.cleaned_data["version"] != client.version:
            lines = conflict_lines(
                {name: str(form.fields[name].label) for name in names},
                opened_with(form.cleaned_data["original"]),
                archive_in_words(client),
                archive_in_words(form.instance),
            )
            entry = "clients.archive_edited"
            return _conflict(request, client, lines, data, {"title": "改资料", "again": "clients:edit", "entry": entry})
        changes = {name: form.cleaned_data[name] for name in names}
        edit_archive(client, changes, version=client.version, by=request.user)
        messages.success(request, "客户资料已保存")
        return redirect(f"{client.get_absolute_url()}?tab=archive")
    context = {"client": client, "form": form}
    return render(request, "clients/client_edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("clients.edit_client")
def client_preferences(request: Request, pk: int) -> HttpResponse:
    client = seen(request, pk)
    held = held_preferences(client)
    names = list(preference_labels())
    data = settled(request.POST, names, lambda name: held.get(name, "unknown")) if request.method == "POST" else None
    form = PreferenceForm(data, held=held, version=client.version)
    if data is not None and form.is_valid():
        if form.cleaned_data["version"] != client.version:
            lines = _consent_lines(opened_with(form.cleaned_data["original"]), held, form.states())
            words = {"title": "联系意愿", "again": "clients:preferences", "entry": "clients.preferences_set"}
            return _conflict(request, client, lines, data, words, "source")
        set_preferences(
            client, form.states(), form.cleaned_data["source"], version=client.version, on=timezone.localdate(),
            by=request.user,
        )  # fmt: skip
        messages.success(request, "联系意愿已保存")
        return redirect(client)
    purposes = ChannelPreference.Purpose.labels
    context = {"client": client, "form": form, "purposes": purposes}
    return render(request, "clients/client_preferences.html", context, status=422 if form.is_bound else 200)


def _consent_lines(original: Mapping[str, str], held: dict[str, str], mine: dict[str, str]) -> list[Line]:
    """Return the conflict of consents; what a client refused meanwhile stays refused."""
    lines = conflict_lines(preference_labels(), original, preferences_in_words(held), preferences_in_words(mine))
    denied = ChannelPreference.State.DENIED.label
    return [
        replace(line, why="客户的拒绝优先，不能改回") if line.theirs == denied and not line.is_same else line
        for line in lines
    ]


def _conflict(
    request: Request, client: Client, lines: list[Line], data: QueryDict, page: Mapping[str, str], *more: str
) -> HttpResponse:
    """Show what was there, what the other one saved and what was typed here, to be decided field by field."""
    free = [line.field for line in lines if not line.is_locked]
    locked = [(line.name, "theirs") for line in lines if line.is_locked]
    context = {
        "title": page["title"],
        "subject": client.name,
        "back": client.get_absolute_url(),
        "again": reverse(page["again"], args=[client.pk]),
        "lines": lines,
        "typed": [*typed(data, [*free, *more]), *locked],
        "version": client.version,
        "original": data.get("original", ""),
        "last": last_entry(client, page["entry"]),
    }
    return render(request, "conflict.html", context, status=409)
