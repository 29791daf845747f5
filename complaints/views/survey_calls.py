"""Asking by phone and at forums: whom to call, the script with the questions, and what was answered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clients.models import AnswerSheet
from clients.questionnaires import points_of
from complaints.forms.survey import AnswerForm, RefusalForm
from complaints.models import Invitation, SurveyRun
from complaints.operations.survey_answers import answer_for, check_not_own, note_refusal, note_unreached
from complaints.queries.surveys import to_call
from complaints.rules.surveys import is_low
from office.http import Request, needs

PAGE = 50


@require_GET
@needs("complaints.run_survey")
def survey_calls(request: Request, pk: int) -> HttpResponse:
    runs = SurveyRun.objects.visible_to(request.user).select_related("questionnaire")
    run = get_object_or_404(runs, pk=pk)
    rows = to_call(request.user, run)
    context = {"run": run, "rows": rows[:PAGE], "count": rows.count(), "takes_answers": _takes(run)}
    return render(request, "complaints/survey_calls.html", context)


@require_http_methods(["GET", "POST"])
@needs("complaints.run_survey")
def survey_answer(request: Request, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    check_not_own(invitation, request.user)
    questions = invitation.run.questionnaire.questions.order_by("number")
    form = AnswerForm([question.ask for question in questions], request.POST or None)
    if form.is_valid():
        sheet = answer_for(invitation, form.answers(), by=request.user)
        messages.success(request, _said(invitation, sheet))
        return redirect(_back(invitation))
    context: dict[str, Any] = {
        "invitation": invitation,
        "run": invitation.run,
        "client": invitation.client,
        "form": form,
        "is_open": invitation.state in (Invitation.State.WAITING, Invitation.State.UNREACHABLE),
        "takes_answers": _takes(invitation.run),
        "back": _back(invitation),
    }
    return render(request, "complaints/survey_answer.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("complaints.run_survey")
def survey_refused(request: Request, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    check_not_own(invitation, request.user)
    form = RefusalForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        note_refusal(invitation, never_again=form.cleaned_data["never_again"], by=request.user)
        messages.success(request, "已登记为拒绝回答")
        return redirect(_back(invitation))
    context = {
        "title": f"{invitation.client.name}不愿回答", "text": "登记后这次调查不再询问这位客户。", "verb": "登记拒绝",
        "form": form, "cancel_href": reverse("complaints:survey_answer", args=[invitation.pk]),
    }  # fmt: skip
    return render(request, "confirm.html", context)


@require_POST
@needs("complaints.run_survey")
def survey_unreached(request: Request, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    note_unreached(invitation, by=request.user)
    messages.success(request, "已记一次未接通")
    return redirect(_back(invitation))


@require_GET
@needs("complaints.view_survey")
def sheet_detail(request: Request, pk: int) -> HttpResponse:
    rows = AnswerSheet.objects.visible_to(request.user).select_related(
        "client", "about", "by", "questionnaire", "invitation__run"
    )
    sheet = get_object_or_404(rows, pk=pk)
    asks = [question.ask for question in sheet.questionnaire.questions.order_by("number")]
    lines = [
        {"ask": ask, "answer": _words(ask.options, held), "points": points_of(ask, held)}
        for ask in asks
        if (held := sheet.answers.get(str(ask.number))) is not None
    ]
    context = {"sheet": sheet, "lines": lines, "is_low": is_low(sheet.score)}
    return render(request, "complaints/sheet_detail.html", context)


def _invitation(request: Request, pk: int) -> Invitation:
    rows = Invitation.objects.visible_to(request.user).select_related(
        "run__questionnaire", "run__branch", "client__standing", "manager"
    )
    return get_object_or_404(rows, pk=pk)


def _takes(run: SurveyRun) -> bool:
    return run.takes_answers(timezone.localdate())


def _back(invitation: Invitation) -> str:
    if invitation.channel == AnswerSheet.Channel.FORUM:
        forum = invitation.forums.order_by("-pk").first()
        return forum.get_absolute_url() if forum else invitation.run.get_absolute_url()
    return reverse("complaints:survey_calls", args=[invitation.run_id])


def _said(invitation: Invitation, sheet: AnswerSheet) -> str:
    if not is_low(sheet.score):
        return "回答已保存"
    if invitation.run.low_opens == SurveyRun.LowOpens.COMPLAINT:
        return "回答已保存，低分已登记为投诉，由其他人处理"
    return "回答已保存，低分将由其他人跟进"


def _words(options: Any, held: Any) -> str:
    labels = {option.code: option.label for option in options}
    return "、".join(labels.get(str(code), str(code)) for code in (held if isinstance(held, list) else [held]))
