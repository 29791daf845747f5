"""The editor of questionnaires: versions, a draft with its preview, what is in force."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clients.models import Questionnaire
from clients.operations.questionnaires import (
    Words,
    activate_questionnaire,
    new_version,
    retire_questionnaire,
    start_questionnaire,
    write_questionnaire,
)
from clients.queries.questionnaires import questionnaire_groups, versions_of
from clients.questionnaire_form import CodeForm, QuestionSet, RevisionForm, WordsForm, rows_of
from clients.questionnaires import flaws
from office.http import Request, needs

OPENING, THANKS = "您好，想听听您的意见，大约需要两分钟。您愿意回答几个问题吗？", "谢谢您的回答。"
DRAFT = Questionnaire.State.DRAFT


@require_GET
@needs("clients.edit_questionnaire")
def questionnaire_list(request: Request) -> HttpResponse:
    return render(request, "clients/questionnaire_list.html", {"groups": questionnaire_groups(request.user)})


@require_http_methods(["GET", "POST"])
@needs("clients.edit_questionnaire")
def questionnaire_create(request: Request) -> HttpResponse:
    form = CodeForm(request.POST or None, initial={"purpose": Questionnaire.Purpose.SATISFACTION})
    if form.is_valid():
        values = form.cleaned_data
        made = start_questionnaire(
            values["code"], Words(values["title"], values["purpose"], OPENING, THANKS), by=request.user
        )
        return redirect("clients:questionnaire_edit", made.pk)
    status = 422 if form.is_bound else 200
    return render(request, "clients/questionnaire_create.html", {"form": form}, status=status)


@require_GET
@needs("clients.edit_questionnaire")
def questionnaire_detail(request: Request, pk: int) -> HttpResponse:
    shown = _questionnaire(request, pk)
    questions = list(shown.questions.order_by("number"))
    context = {
        "shown": shown,
        "asks": [(question, row["asked_words"]) for question, row in zip(questions, rows_of(questions), strict=True)],
        "flaws": flaws([question.ask for question in questions]) if shown.state == DRAFT else [],
        "versions": versions_of(request.user, shown.code),
        "is_draft": shown.state == DRAFT,
        "may_retire": shown.state == Questionnaire.State.ACTIVE and shown.branch_id is not None,
    }
    return render(request, "clients/questionnaire_detail.html", context)


@require_http_methods(["GET", "POST"])
@needs("clients.edit_questionnaire")
def questionnaire_edit(request: Request, pk: int) -> HttpResponse:
    draft = _questionnaire(request, pk)
    names = ("title", "purpose", "opening", "thanks", "revision")
    form = WordsForm(request.POST or None, initial={name: getattr(draft, name) for name in names})
    rows = QuestionSet(request.POST or None, initial=rows_of(list(draft.questions.order_by("number"))), prefix="q")
    is_valid = form.is_valid()
    if rows.is_valid() and is_valid:
        write_questionnaire(draft, form.words(), rows.asks(), revision=form.cleaned_data["revision"], by=request.user)
        messages.success(request, "草稿已保存，可预览后启用")
        return redirect(draft)
    status = 422 if form.is_bound else 200
    context: dict[str, Any] = {"form": form, "rows": rows, "draft": draft, "is_draft": draft.state == DRAFT}
    return render(request, "clients/questionnaire_edit.html", context, status=status)


@require_POST
@needs("clients.edit_questionnaire")
def questionnaire_version(request: Request, pk: int) -> HttpResponse:
    made = new_version(_questionnaire(request, pk), by=request.user)
    return redirect("clients:questionnaire_edit", made.pk)


@require_http_methods(["GET", "POST"])
@needs("clients.edit_questionnaire")
def questionnaire_activate(request: Request, pk: int) -> HttpResponse:
    draft = _questionnaire(request, pk)
    form = RevisionForm(request.POST or None, initial={"revision": draft.revision})
    if form.is_valid():
        activate_questionnaire(draft, revision=form.cleaned_data["revision"], by=request.user)
        messages.success(request, f"「{draft.title}」第 {draft.version} 版已启用，以后不再改变")
        return redirect(draft)
    return _ask(request, draft, "启用", "启用后这一版不再修改；正在进行的调查仍用原来的一版。", form)


@require_http_methods(["GET", "POST"])
@needs("clients.edit_questionnaire")
def questionnaire_retire(request: Request, pk: int) -> HttpResponse:
    shown = _questionnaire(request, pk)
    if request.method == "POST":
        retire_questionnaire(shown, by=request.user)
        messages.success(request, f"「{shown.title}」已停用")
        return redirect(shown)
    return _ask(request, shown, "停用", "停用后不能再用它开始新的调查；公司有统一问卷时改用公司的。")


def _questionnaire(request: Request, pk: int) -> Questionnaire:
    rows = Questionnaire.objects.visible_to(request.user).select_related("author", "activated_by")
    return get_object_or_404(rows, pk=pk)


def _ask(
    request: Request, shown: Questionnaire, verb: str, text: str, form: RevisionForm | None = None
) -> HttpResponse:
    context = {
        "title": f"{verb}「{shown.title}」第 {shown.version} 版", "text": text, "verb": verb, "form": form,
        "cancel_href": shown.get_absolute_url(),
    }  # fmt: skip
    return render(request, "confirm.html", context, status=422 if form is not None and form.is_bound else 200)
