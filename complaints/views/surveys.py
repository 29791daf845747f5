"""Surveys: the list, one run with its progress, its links and reminders, its forums."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clients.models import AnswerSheet
from complaints.feedback_books import link_workbook, workbook_answer
from complaints.forms.survey import ForumForm, LinksForm, RunForm
from complaints.models import Forum, SurveyRun
from complaints.operations.survey_answers import hold_forum
from complaints.operations.surveys import (
    edit_run,
    end_run,
    make_reminders,
    make_run,
    mark_sent,
    message_text,
    open_run,
    record_links,
)
from complaints.queries.surveys import (
    draw,
    forum_list,
    links_for,
    progress,
    progress_of_runs,
    to_call,
    waiting_messages,
)
from complaints.rules.surveys import LOW_SCORE
from office.http import Request, needs
from office.paging import keyset_page

SHEETS = 20


@require_GET
@needs("complaints.view_survey")
def survey_list(request: Request) -> HttpResponse:
    rows = SurveyRun.objects.visible_to(request.user).select_related("questionnaire")
    page = keyset_page(rows, ["-opens_on", "-pk"], request.GET.get("after", ""), size=30)
    found, today = progress_of_runs(page.rows), timezone.localdate()
    lines = [{"run": run, "progress": found[run.pk], "state": run.shown_state(today)} for run in page]
    return render(request, "complaints/survey_list.html", {"lines": lines, "page": page, "today": today})


@require_http_methods(["GET", "POST"])
@needs("complaints.run_survey")
def survey_create(request: Request) -> HttpResponse:
    form = RunForm(request.POST or None, by=request.user, today=timezone.localdate())
    if form.is_valid():
        run = make_run(form.plan(), by=request.user)
        messages.success(request, "调查已保存，核对人数后开始")
        return redirect(run)
    return _run_form(request, form, None)


@require_http_methods(["GET", "POST"])
@needs("complaints.run_survey")
def survey_edit(request: Request, pk: int) -> HttpResponse:
    run = _run(request, pk)
    form = RunForm(request.POST or None, by=request.user, today=timezone.localdate(), run=run)
    if form.is_valid():
        return redirect(edit_run(run, form.plan(), by=request.user))
    return _run_form(request, form, run)


@require_GET
@needs("complaints.view_survey")
def survey_detail(request: Request, pk: int) -> HttpResponse:
    run = _run(request, pk)
    user, now, today = request.user, timezone.now(), timezone.localdate()
    sheets = AnswerSheet.objects.visible_to(user).filter(invitation__run=run).select_related("client", "about")
    if request.GET.get("show") == "low":
        sheets = sheets.filter(score__lte=LOW_SCORE)
    channels, waiting = progress(run), waiting_messages(run, now)
    context: dict[str, Any] = {
        "run": run,
        "today": today,
        "state": run.shown_state(today),
        "is_draft": run.state == SurveyRun.State.DRAFT,
        "takes_answers": run.takes_answers(today),
        "total": channels.pop(""),
        "channels": [(AnswerSheet.Channel(key).label, found) for key, found in channels.items()],
        "draw": draw(user, run) if run.state == SurveyRun.State.DRAFT else None,
        "labels": dict(AnswerSheet.Channel.choices),
        "waiting": waiting.count(),
        "due": waiting.filter(not_before__lte=now).count(),
        "calls": to_call(user, run).count(),
        "forums": forum_list(user, run),
        "page": keyset_page(sheets, ["-at", "-pk"], request.GET.get("after", ""), size=SHEETS),
        "show": request.GET.get("show", ""),
        "may_run": user.has_perm("complaints.run_survey"),
    }
    return render(request, "complaints/survey_detail.html", context)


@require_http_methods(["GET", "POST"])
@needs("complaints.run_survey")
def survey_open(request: Request, pk: int) -> HttpResponse:
    run = _run(request, pk)
    if request.method == "POST":
        count = open_run(run, by=request.user)
        messages.success(request, f"调查已开始，向 {count:,} 位客户询问")
        return redirect(run)
    text = "开始后名单与问卷不再改变。在线问卷的链接生成后等待发送，系统不直接发出短信、邮件或企业微信。"
    return _ask(request, run, f"开始「{run.title}」", text, "开始调查")


@require_http_methods(["GET", "POST"])
@needs("complaints.run_survey")
def survey_end(request: Request, pk: int) -> HttpResponse:
    run = _run(request, pk)
    if request.method == "POST":
        end_run(run, by=request.user)
        messages.success(request, "调查已结束，各人可查看自己的结果")
        return redirect(run)
    return _ask(request, run, f"提前结束「{run.title}」", "结束后不再接受回答，未发送的邀请与提醒作废。", "结束调查")


@require_POST
@needs("complaints.run_survey")
def survey_remind(request: Request, pk: int) -> HttpResponse:
    run = _run(request, pk)
    count = make_reminders(run, by=request.user)
    messages.success(request, f"生成 {count:,} 条提醒，等待发送" if count else "目前没有到提醒时间的客户")
    return redirect(run)


@require_http_methods(["GET", "POST"])
@needs("complaints.run_survey")
def survey_links(request: Request, pk: int) -> HttpResponse:
    run, now = _run(request, pk), timezone.now()
    rows = links_for(request.user, run, now)
    form = LinksForm(request.POST or None)
    if not form.is_valid():
        text = (
            f"待发送 {rows.count():,} 条，每条含客户号、姓名、发送方式、最早发送时间、正文与一次性链接。"
            "自己服务的客户不在其中，由他人发送。"
        )
        return _ask(request, run, "导出待发送链接", text, "导出 Excel", form)
    held = list(rows)
    sent = mark_sent(held, at=now) if form.cleaned_data["mark_sent"] else 0
    record_links(run, len(held), sent=sent, reason=form.cleaned_data["reason"], by=request.user)
    site = request.build_absolute_uri("/").rstrip("/")
    return workbook_answer(link_workbook([(row, message_text(row, site)) for row in held]), f"survey-links-{run.pk}")


@require_http_methods(["GET", "POST"])
@needs("complaints.run_survey")
def forum_create(request: Request, pk: int) -> HttpResponse:
    run = _run(request, pk)
    form = ForumForm(request.POST or None, by=request.user, today=timezone.localdate())
    if form.is_valid():
        values = form.cleaned_data
        told = {name: values[name] for name in ("held_on", "place", "minutes", "host")}
        forum = hold_forum(run, values["clients"], **told, by=request.user)
        messages.success(request, "座谈会已登记，请逐位录入问卷")
        return redirect(forum)
    status = 422 if form.is_bound else 200
    return render(request, "complaints/forum_create.html", {"run": run, "form": form}, status=status)


@require_GET
@needs("complaints.view_survey")
def forum_detail(request: Request, pk: int) -> HttpResponse:
    rows = Forum.objects.visible_to(request.user).select_related("run", "host")
    forum = get_object_or_404(rows, pk=pk)
    attendees = forum.attendees.select_related("client__standing", "manager").order_by("client__pinyin", "pk")
    context = {
        "forum": forum,
        "attendees": attendees,
        "takes_answers": forum.run.takes_answers(timezone.localdate()),
        "may_run": request.user.has_perm("complaints.run_survey"),
    }
    return render(request, "complaints/forum_detail.html", context)


def _run(request: Request, pk: int) -> SurveyRun:
    rows = SurveyRun.objects.visible_to(request.user).select_related("questionnaire", "branch", "made_by")
    return get_object_or_404(rows, pk=pk)


def _run_form(request: Request, form: RunForm, run: SurveyRun | None) -> HttpResponse:
    back = run.get_absolute_url() if run else reverse("complaints:survey_list")
    status = 422 if form.is_bound else 200
    return render(request, "complaints/survey_edit.html", {"form": form, "run": run, "back": back}, status=status)


def _ask(
    request: Request, run: SurveyRun, title: str, text: str, verb: str, form: LinksForm | None = None
) -> HttpResponse:
    context = {"title": title, "text": text, "verb": verb, "form": form, "cancel_href": run.get_absolute_url()}
    return render(request, "confirm.html", context, status=422 if form is not None and form.is_bound else 200)
