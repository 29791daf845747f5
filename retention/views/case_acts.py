"""What is done in a case: the one talk or none, offers, let go, the end, what was learnt, who goes on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from office.http import Request, needs
from office.models import Employee
from retention.forms.cases import AnswerForm, CloseForm, HandOverForm, LearnForm, OfferForm, TalkForm
from retention.forms.closures import Versioned
from retention.models import RetentionCase
from retention.operations.cases import (
    answer_offer,
    close_case,
    decline_talk,
    hand_over,
    let_go,
    note_learning,
    offer,
    record_talk,
)
from retention.queries.case_facts import owners_of
from retention.queries.cases import setting_of
from retention.views.cases import MENU, seen_case
from retention.views.lists import posted

ASKS: dict[str, dict[str, Any]] = {
    "talk": {"title": "记录谈话", "text": "每件申请只谈一次，客户愿意才谈；申请的时限照常走。", "verb": "记录谈话"},
    "offer": {"title": "提出方案", "text": "只能提出适当性允许的方案，内容留档。", "verb": "记下方案"},
    "close": {"title": "结案", "text": "按客户最后的决定填写；结果不计入任何人的考核。", "verb": "结案"},
    "learn": {"title": "补记所学", "text": "所学进入原因统计和演练情景。", "verb": "记下所学"},
    "hand_over": {"title": "转交", "text": "只能交给营销岗位的人员；其他岗位只告知和记录。", "verb": "转交"},
}


@require_http_methods(["GET", "POST"])
@needs("retention.work_case")
def case_talk(request: Request, pk: int) -> HttpResponse:
    found = seen_case(request, pk)
    given = {"version": found.version, "at": timezone.localtime(), "reason": found.reason}
    form = TalkForm(posted(request), initial=given, longest=setting_of(found.branch_id).talk_minutes)
    if not form.is_valid():
        return _ask(request, found, form, "talk")
    record_talk(found, by=request.user, **form.cleaned_data)
    return _told(request, found, f"已记录 {form.cleaned_data['minutes']} 分钟的谈话")


@require_POST
@needs("retention.work_case")
def case_decline(request: Request, pk: int) -> HttpResponse:
    found = seen_case(request, pk)
    decline_talk(found, by=request.user, version=_version(request))
    return _told(request, found, "已记下客户不愿谈，不再打扰，个案已结")


@require_POST
@needs("retention.work_case")
def case_let_go(request: Request, pk: int) -> HttpResponse:
    found = seen_case(request, pk)
    let_go(found, by=request.user, version=_version(request))
    return _told(request, found, "已放行，个案已结；请照常、友好地办理")


@require_http_methods(["GET", "POST"])
@needs("retention.make_offer")
def case_offer(request: Request, pk: int) -> HttpResponse:
    found = seen_case(request, pk)
    given = {"version": found.version}
    form = OfferForm(posted(request), initial=given, client=found.client, today=timezone.localdate())
    if not form.is_valid():
        return _ask(request, found, form, "offer")
    made = offer(found, by=request.user, **form.cleaned_data)
    return _told(request, found, f"已记下{made.get_kind_display()}方案，等客户答复")


@require_POST
@needs("retention.make_offer")
def case_answer(request: Request, pk: int, offer_pk: int) -> HttpResponse:
    found = seen_case(request, pk)
    made = get_object_or_404(found.offers.select_related("case"), pk=offer_pk)
    form = AnswerForm(request.POST)
    answer_offer(made, form["answer"].value() or "", by=request.user)
    return _told(request, found, f"已记下客户答复：{made.get_answer_display()}")


@require_http_methods(["GET", "POST"])
@needs("retention.work_case")
def case_close(request: Request, pk: int) -> HttpResponse:
    found = seen_case(request, pk)
    form = CloseForm(posted(request), initial={"version": found.version, "reason": found.reason})
    if not form.is_valid():
        return _ask(request, found, form, "close")
    close_case(found, by=request.user, **form.cleaned_data)
    return _told(request, found, f"{found.case_no} 已结：{found.get_outcome_display()}")


@require_http_methods(["GET", "POST"])
@needs("retention.work_case")
def case_learn(request: Request, pk: int) -> HttpResponse:
    found = seen_case(request, pk)
    given = {"version": found.version, "reason": found.reason, "learning": found.learning}
    form = LearnForm(posted(request), initial=given)
    if not form.is_valid():
        return _ask(request, found, form, "learn")
    note_learning(found, by=request.user, **form.cleaned_data)
    return _told(request, found, "已记下所学")


@require_http_methods(["GET", "POST"])
@needs("retention.hand_over_case")
def case_hand_over(request: Request, pk: int) -> HttpResponse:
    found = seen_case(request, pk)
    people = Employee.objects.filter(pk__in=[one.pk for one in owners_of(found.branch) if one.pk != found.owner_id])
    given = {"version": found.version}
    form = HandOverForm(posted(request), initial=given, people=people.order_by("pinyin", "pk"))
    if not form.is_valid():
        return _ask(request, found, form, "hand_over")
    hand_over(found, form.cleaned_data["owner"], by=request.user, version=form.cleaned_data["version"])
    messages.success(request, f"{found.case_no} 已交给 {found.owner.name}")
    return redirect(MENU)  # it may be out of sight now


def _version(request: Request) -> int:
    """Return the version a single press was made on; 0, which no case has, if it tells none."""
    form = Versioned(request.POST)
    return int(form.cleaned_data["version"]) if form.is_valid() else 0


def _ask(request: Request, found: RetentionCase, form: Versioned, act: str) -> HttpResponse:
    told = ASKS[act] | {"form": form, "cancel_href": reverse("retention:case_detail", args=[found.pk]), "menu": MENU}
    told["title"] = f"{told['title']} {found.case_no}"
    return render(request, "confirm.html", told, status=422 if form.is_bound else 200)


def _told(request: Request, found: RetentionCase, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect(found)
