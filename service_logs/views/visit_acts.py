"""What is done to one return visit: called, recorded, given to somebody, its recording named."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from office.errors import Conflict
from office.http import Request, needs
from service_logs.errors import NotTheCaller, TooLate
from service_logs.forms.visits import AssignVisitForm, RecordForm, RecordingForm
from service_logs.models import ReturnVisit, Script
from service_logs.operations.visits import (
    add_recording,
    assign_visit,
    note_try,
    record_visit,
    refuse_dependent,
)
from service_logs.queries.scripts import script_for
from service_logs.queries.visits import eligible_callers, next_call, own_calls
from service_logs.rules.visits import TOPICS
from service_logs.views.visits import seen


@require_http_methods(["GET", "POST"])
@needs("service_logs.make_visit")
def visit_record(request: Request, pk: int) -> HttpResponse:
    """One call on one screen: the script, the five topics, the client beside them."""
    visit, today = seen(request, pk), timezone.localdate()
    if visit.state != ReturnVisit.State.OPEN:
        raise TooLate("此次回访已经登记，内容不再更改")
    if visit.caller_id not in (None, request.user.pk):
        raise NotTheCaller("此次回访已分派他人；请先改派再登记")
    refuse_dependent(visit, request.user, today)
    script = script_for(visit.script_key, visit.branch)
    form = RecordForm(request.POST or None, visit=visit, questions=_questions(script))
    if not form.is_valid():
        return _call(request, visit, form, script, 422 if form.is_bound else 200)
    try:
        record_visit(visit, form.said(), version=form.cleaned_data["version"], by=request.user, today=today)
    except Conflict:
        return _outrun(request, visit, script)
    messages.success(request, f"{visit.client} 的回访已登记：{visit.get_outcome_display()}")
    return _onwards(request, visit)


def _questions(script: Script | None) -> list[str]:
    """Return what is asked: the script's lines, one for each topic, else the house's own."""
    lines = script.question_lines if script else []
    return lines if len(lines) == len(TOPICS) else [topic.question for topic in TOPICS]


def _outrun(request: Request, visit: ReturnVisit, script: Script | None) -> HttpResponse:
    """Show the call again with what was typed, now at the version that somebody else left."""
    visit.refresh_from_db()
    retyped = request.POST.copy()
    retyped["version"] = str(visit.version)
    again = RecordForm(retyped, visit=visit, questions=_questions(script))
    return _call(request, visit, again, script, 409, outrun=True)


def _call(
    request: Request, visit: ReturnVisit, form: RecordForm, script: Script | None, status: int, *, outrun: bool = False
) -> HttpResponse:
    may_unmask = request.user.has_perm("clients.unmask_client")
    context = {
        "visit": visit, "client": visit.client, "form": form, "script": script, "today": timezone.localdate(),
        "left": own_calls(request.user).count(), "outrun": outrun,
        "unmask_url": f"{reverse('clients:unmask', args=[visit.client_id])}?field=phone" if may_unmask else "",
    }  # fmt: skip
    return render(request, "service_logs/visit_record.html", context, status=status)


@require_POST
@needs("service_logs.make_visit")
def visit_tried(request: Request, pk: int) -> HttpResponse:
    visit = seen(request, pk)
    version = _version(request)
    note_try(visit, version=version, by=request.user, now=timezone.now())
    done = visit.state == ReturnVisit.State.DONE
    words = "三日未接通，按无法联系结束" if done else f"未接通，已记 {visit.tries} 次"
    messages.success(request, f"{visit.client}：{words}")
    return _onwards(request, visit)


@require_http_methods(["GET", "POST"])
@needs("service_logs.plan_visits")
def visit_assign(request: Request, pk: int) -> HttpResponse:
    visit, today = seen(request, pk), timezone.localdate()
    form = AssignVisitForm(request.POST or None, visit=visit, among=eligible_callers(visit, today))
    if form.is_valid():
        assign_visit(
            visit, form.cleaned_data["caller"], version=form.cleaned_data["version"], by=request.user, today=today
        )
        messages.success(request, f"{visit.client} 的回访由{form.cleaned_data['caller']}办理")
        return redirect(visit)
    return _ask(request, visit, form, "分派回访", f"{visit.client}·{visit.get_kind_display()}", "分派")


@require_http_methods(["GET", "POST"])
@needs("service_logs.make_visit")
def visit_recording(request: Request, pk: int) -> HttpResponse:
    visit = seen(request, pk)
    form = RecordingForm(request.POST or None, initial={"version": visit.version})
    if form.is_valid():
        values = form.cleaned_data
        add_recording(
            visit, values["recording_ref"], version=values["version"], by=request.user, today=timezone.localdate()
        )
        messages.success(request, "录音编号已补录")
        return redirect(visit)
    is_denied = visit.recognised == ReturnVisit.Recognised.NO
    text = "客户否认开发关系；补录后关系即删除" if is_denied else "补录后不能更改"
    return _ask(request, visit, form, "补录录音编号", text, "补录")


def _ask(
    request: Request, visit: ReturnVisit, form: AssignVisitForm | RecordingForm, title: str, text: str, verb: str
) -> HttpResponse:
    context = {"title": title, "text": text, "verb": verb, "form": form, "cancel_href": visit.get_absolute_url()}
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


def _onwards(request: Request, visit: ReturnVisit) -> HttpResponse:
    """Lead to the next call, to one's calls when there is none."""
    following = next_call(request.user, visit, timezone.localdate())
    if following is None:
        return redirect("service_logs:visit_calls")
    return redirect("service_logs:visit_record", pk=following.pk)


def _version(request: Request) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
