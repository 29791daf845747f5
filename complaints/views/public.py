"""The public page of a branch: anybody may complain, nobody learns anything but a number and a day."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from complaints.errors import FactMissing
from complaints.forms.complaint_intake import PublicForm
from complaints.models import Channel, Complaint
from complaints.operations import take_in
from complaints.queries.matching import client_of
from office.counting import counted, is_first
from office.http import Request
from office.models import Branch, Employee

SALT, OPENED = "complaints.public", "complaints.public.opened"
MOST_PER_HOUR = 10  # of one address
MOST_OF_BRANCH = 60  # of all addresses together, in an hour
HOUR = 3600
QUICKEST, LONGEST = timedelta(seconds=3), timedelta(hours=6)  # between opening the page and sending it
BUSY = "提交过于频繁，请一小时后再试，或拨打营业部投诉电话。"
STALE = "页面已过期或提交过快，请核对内容后再次提交。"
SENT = "这份投诉已经提交，请不要重复提交。"
REFUSED = "未能提交，请拨打营业部投诉电话。"


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def public_form(request: HttpRequest, token: str) -> HttpResponse:
    """Let anybody write a complaint to the branch that `token` names."""
    branch = _branch(token)
    if request.method == "GET":
        return _page(request, branch, PublicForm(initial={"opened": _opened_now()}), 200)
    if not _within_rate(request, branch):
        return _page(request, branch, None, 429, BUSY)
    form = PublicForm(request.POST)
    refusal, status = (_refusal(form), 422) if form.is_valid() else ("", 422)
    if form.is_valid() and not refusal:
        try:
            complaint = _take(branch, form)
        except FactMissing as error:
            refusal = error.message
        else:
            return _page(request, branch, None, 201, complaint=complaint)
    return _page(request, branch, _reopened(request), 409 if refusal == SENT else status, refusal)


def public_address(request: Request) -> str:
    """Return the address of the public page of the user's branch, to be put on its site or on a poster."""
    assert request.user.branch is not None
    token = signing.Signer(salt=SALT, sep=".").sign(request.user.branch.code)
    return request.build_absolute_uri(reverse("complaints:public_form", args=[token]))


def _branch(token: str) -> Branch:
    try:
        code = signing.Signer(salt=SALT, sep=".").unsign(token)
    except signing.BadSignature as error:
        raise Http404 from error
    branch = Branch.objects.filter(code=code).first()
    if branch is None:
        raise Http404
    return branch


def _opened_now() -> str:
    return signing.dumps(get_random_string(12), salt=OPENED)


def _refusal(form: PublicForm) -> str:
    """Return why a well-formed complaint is not taken, "" if it is; each opening of the page serves once."""
    if form.cleaned_data["website"]:
        return REFUSED
    opened = form.cleaned_data["opened"]
    try:
        signing.loads(opened, salt=OPENED, max_age=LONGEST)
    except signing.BadSignature:
        return STALE
    try:
        signing.loads(opened, salt=OPENED, max_age=QUICKEST)
    except signing.SignatureExpired:
        return "" if is_first(_key("opened", opened), int(LONGEST.total_seconds())) else SENT
    return STALE


def _within_rate(request: HttpRequest, branch: Branch) -> bool:
    """Count this sending; False beyond what one address, or all of them, may send in an hour."""
    address = request.META.get("REMOTE_ADDR", "")
    one = counted(_key("address", f"{branch.pk}:{address}"), HOUR)
    return one <= MOST_PER_HOUR and counted(_key("branch", str(branch.pk)), HOUR) <= MOST_OF_BRANCH


def _take(branch: Branch, form: PublicForm) -> Complaint:
    said = form.cleaned_data
    return take_in(
        branch,
        by=None,
        channel=Channel.ONLINE,
        category=said["category"],
        content=said["content"],
        caller_name=said["caller_name"],
        account_no=said["account_no"].strip(),
        phone=said["phone"],
        client=client_of(branch, account_no=said["account_no"], phone=said["phone"]),
        parties=_named(branch, said["persons"]),
    )


def _named(branch: Branch, text: str) -> list[Employee]:
    """Return the staff whose whole name stands in `text`: they are kept out from the first moment."""
    names = [name for name in re.split(r"[\s,，、;；/]+", text) if name]
    return list(Employee.objects.filter(branch=branch, name__in=names).order_by("pk")) if names else []


def _reopened(request: HttpRequest) -> PublicForm:
    """Return the form with what was typed and a new opening."""
    typed = request.POST.copy()
    typed["opened"] = _opened_now()
    typed["website"] = ""
    return PublicForm(typed)


def _page(
    request: HttpRequest,
    branch: Branch,
    form: PublicForm | None,
    status: int,
    refusal: str = "",
    complaint: Complaint | None = None,
) -> HttpResponse:
    due = complaint.clocks.filter(step="result").first() if complaint else None
    context = {"branch": branch, "form": form, "refusal": refusal, "complaint": complaint, "due": due}
    return render(request, "complaints/public_form.html", context, status=status)


def _key(what: str, value: str) -> str:
    return f"complaints:public:{what}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
