"""The page behind a one-time link: a client answers without login and learns nothing but the questions."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from complaints.errors import AnsweredAlready, SurveyOver
from complaints.forms.survey import AnswerForm
from complaints.models import Invitation
from complaints.operations.survey_answers import answer_by_link
from complaints.queries.surveys import invitation_of_link, link_is_good
from office.counting import counted

MOST_ASKED, SECONDS = 40, 600  # pages of one address in ten minutes: nobody tries links out
TEMPLATE = "complaints/survey_public.html"
USED = ("您已经回答过", "每个链接只能使用一次，您的回答已经收到。谢谢！")
OVER = ("链接已失效", "这个链接无效、已过期，或调查已经结束。")
BUSY = ("访问过于频繁", "请十分钟后再试。")


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def survey_public(request: HttpRequest, token: str) -> HttpResponse:
    """Show the questionnaire of an unused link and take the answers once; 410 for a used or dead one."""
    if not _within_rate(request):
        return _say(request, BUSY, 429)
    invitation = invitation_of_link(token)
    if invitation is None:
        return _say(request, OVER, 404)
    if not link_is_good(invitation, timezone.now(), timezone.localdate()):
        return _say(request, USED if invitation.state == Invitation.State.ANSWERED else OVER, 410, invitation)
    questions = invitation.run.questionnaire.questions.order_by("number")
    form = AnswerForm([question.ask for question in questions], request.POST or None)
    if form.is_valid():
        return _take(request, invitation, token, form)
    context = {"run": invitation.run, "branch": invitation.run.branch, "form": form}
    response = render(request, TEMPLATE, context, status=422 if form.is_bound else 200)
    return _private(response)


def _take(request: HttpRequest, invitation: Invitation, token: str, form: AnswerForm) -> HttpResponse:
    try:
        answer_by_link(token, form.answers())
    except AnsweredAlready:
        return _say(request, USED, 410, invitation)
    except SurveyOver:
        return _say(request, OVER, 410, invitation)
    return _say(request, ("谢谢您的回答", invitation.run.questionnaire.thanks), 201, invitation)


def _say(
    request: HttpRequest, words: tuple[str, str], status: int, invitation: Invitation | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"said": words, "branch": invitation.run.branch if invitation else None}
    return _private(render(request, TEMPLATE, context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the link from travelling on: neither to other sites nor into search machines.

    To our own site it goes: with "no-referrer" a browser sends its answers as from nowhere, and they are refused.
    """
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _within_rate(request: HttpRequest) -> bool:
    address = hashlib.sha256(request.META.get("REMOTE_ADDR", "").encode()).hexdigest()[:24]
    return counted(f"survey.public:{address}", SECONDS) <= MOST_ASKED
