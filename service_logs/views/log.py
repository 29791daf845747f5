"""The drawer in which a contact is logged; without JavaScript a page of its own."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clients.models import Client, ClientStanding
from clients.queries.search import suggestions
from office.http import Request
from office.menu import link
from service_logs.forms.contact import ContactForm
from service_logs.models import MESSAGES, Contact, Task
from service_logs.operations.contacts import PROMISE, log_contact
from service_logs.queries.catalogue import rule_in_force
from service_logs.queries.contacts import owed_tasks, pre_call
from service_logs.queries.policies import owed_to
from service_logs.queries.scope import day_of
from service_logs.queries.scripts import scripts_beside
from service_logs.queries.today import next_client_id

PROPOSED = 8  # clients offered when none was named


@require_http_methods(["GET", "POST"])
@permission_required("service_logs.do_task", raise_exception=True)
def contact_create(request: Request) -> HttpResponse:
    named = request.POST.get("client") or request.GET.get("client", "")
    if not named:
        return _shown(request, {"found": _found(request), "q": request.GET.get("q", "")})
    client, day = _client(request, named), timezone.localdate()
    tasks = list(owed_tasks(request.user, client))
    form = _form(client, tasks, day, request.POST or None)
    if form.is_valid():
        return _after(request, log_contact(client, by=request.user, **form.entry()), day)
    return _shown(request, _context(request, client, tasks, form, day), status=422 if form.is_bound else 200)


def _form(client: Client, tasks: list[Task], day: date, data: QueryDict | None = None) -> ContactForm:
    first = [task for task in tasks if _is_ticked(task, day)] or tasks[:1]
    return ContactForm(
        data,
        tasks=first,
        owed=tasks,
        feedback=_feedback(client, tasks),
        rhythm_on=_by_rhythm(client, day),
        today=day,
        scripts=scripts_beside(first, client.branch),
    )


def _shown(request: Request, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Return the drawer's content to htmx, the page to a browser without it."""
    template = "service_logs/log.html#drawer" if request.htmx else "service_logs/log.html"
    return render(request, template, {**context, "today": timezone.localdate()}, status=status)


def _context(request: Request, client: Client, tasks: list[Task], form: ContactForm, day: date) -> dict[str, Any]:
    ticked = form.ticked if form.is_bound else {task.pk for task in tasks if _is_ticked(task, day)}
    may_unmask = request.user.has_perm("clients.unmask_client")
    return {
        "client": client,
        "standing": client.standing,
        "form": form,
        "boxes": [(task, task.pk in ticked) for task in tasks],
        "scripts": form.scripts,
        "has_promise": any(_is_promise(task) for task in tasks),
        "card": pre_call(request.user, client, day),
        "post_href": _address(request, client),
        "unmask_href": f"{reverse('clients:unmask', args=[client.pk])}?field=phone" if may_unmask else "",
    }


def _is_ticked(task: Task, day: date) -> bool:
    """Whether a contact closes the task as a matter of course: due until tomorrow, no promise, no message to many."""
    is_soon = timezone.localtime(task.due_at).date() <= day + timedelta(days=1)
    return is_soon and not _is_promise(task) and task.channel not in MESSAGES


def _is_promise(task: Task) -> bool:
    return task.rule is not None and task.rule.code == PROMISE


def _feedback(client: Client, tasks: list[Task]) -> list[str]:
    """Return the answers the first event among the tasks offers, as the branch words them."""
    event = next((task for task in tasks if task.rule is not None), None)
    held = rule_in_force(client.branch, event.rule.number) if event and event.rule else None
    return held.feedback if held else []


def _by_rhythm(client: Client, day: date) -> date | None:
    talk = owed_to(client).talk
    return day + timedelta(days=talk.rhythm_days) if talk else None


def _after(request: Request, contact: Contact, day: date) -> HttpResponse:
    """Say what was saved, and go to the next client or back to where one was."""
    following = _following(request, contact, day) if request.POST.get("then") == "next" else None
    done = contact.tasks.count()
    words = f"已记 {contact.client.name} 的服务日志" + (f"，办结 {done} 件待办" if done else "")
    if not request.htmx:
        messages.success(request, words)
        return redirect(_address(request, following) if following else reverse("today"))
    events: dict[str, Any] = {"toast": {"text": words, **_further(request, contact)}, "contact-logged": {}}
    if following is None:
        answer = HttpResponse(status=204)
        events["drawer-close"] = {}
    else:
        tasks = list(owed_tasks(request.user, following))
        answer = _shown(request, _context(request, following, tasks, _form(following, tasks, day), day))
    answer["HX-Trigger"] = json.dumps(events)
    return answer


def _further(request: Request, contact: Contact) -> dict[str, str]:
    """Return where the words of success lead: to the complaint that was raised, else to the entry."""
    complain = link("complaints:create") if request.user.has_perm("complaints.take_complaint") else ""
    if complain and contact.result == Contact.Result.COMPLAINT_RAISED:
        at = timezone.localtime(contact.at).strftime("%Y-%m-%dT%H:%M")
        known = {"client": contact.client_id, "contact": contact.pk, "channel": contact.channel, "at": at}
        return {"href": f"{complain}?{urlencode(known)}", "verb": "转为投诉"}
    return {"href": contact.get_absolute_url(), "verb": "查看与撤回"}


def _following(request: Request, contact: Contact, day: date) -> Client | None:
    client_id = next_client_id(day_of(request.user, _scope_name(request), day), but=contact.client_id)
    return _client(request, str(client_id)) if client_id is not None else None


def _address(request: Request, client: Client) -> str:
    query = {"client": client.pk, "scope": _scope_name(request)}
    return f"{reverse('service_logs:contact_create')}?{urlencode(query)}"


def _scope_name(request: Request) -> str:
    return request.GET.get("scope", "")


def _found(request: Request) -> QuerySet[ClientStanding] | list[ClientStanding]:
    """Return the clients that were asked for, or those to call next."""
    text = request.GET.get("q", "").strip()
    if text:
        return suggestions(request.user, text)
    due = ClientStanding.objects.visible_to(request.user).filter(is_closed=False, next_contact_on__isnull=False)
    return due.select_related("client").order_by("next_contact_on", "-value", "pk")[:PROPOSED]


def _client(request: Request, named: str) -> Client:
    if not named.isdecimal():
        raise Http404
    seen = Client.objects.visible_to(request.user).select_related("standing", "branch")
    return get_object_or_404(seen, pk=int(named))
