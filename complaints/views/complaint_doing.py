"""The address of every act on a complaint: GET shows its form, POST takes it; what is refused keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from complaints.forms.complaint_acts import ActForm
from complaints.models import Complaint
from complaints.views.complaint_acts import Act
from office.errors import Conflict, DomainError
from office.http import Request, needs, part


def view_of(act: Act) -> Callable[..., HttpResponseBase]:
    """Return the view of one act: GET shows its form, POST takes it."""

    @require_http_methods(["GET", "POST"])
    @needs(act.permission)
    def view(request: Request, pk: int) -> HttpResponse:
        complaint = get_object_or_404(_rows(request), pk=pk)
        asked = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = act.form(*asked, complaint=complaint, by=request.user, on=timezone.localdate())
        if not form.is_valid():
            return _page(request, act, complaint, form, 422 if form.is_bound else 200)
        try:
            act.run(complaint, by=request.user, **form.cleaned_data)
        except Conflict:
            return _outrun(request, act, complaint, form)
        except DomainError as error:
            if error.status == 403:  # not his to do: the page says so instead of the form
                raise
            form.add_error(None, error.message)
            return _page(request, act, complaint, form, error.status)
        return _done(request, act, complaint)

    return view


def _outrun(request: Request, act: Act, complaint: Complaint, form: ActForm) -> HttpResponse:
    """Show the form again with what was typed, now at the version the other one left."""
    retyped = request.POST.copy()
    retyped["version"] = str(complaint.version)
    again = act.form(retyped, request.FILES, complaint=complaint, by=request.user, on=form.on)
    again.is_valid()
    return _page(request, act, complaint, again, 409, outrun=True)


def _page(
    request: Request, act: Act, complaint: Complaint, form: ActForm, status: int, *, outrun: bool = False
) -> HttpResponse:
    context = {"act": act, "complaint": complaint, "form": form, "outrun": outrun}
    return render(request, part(request, "complaints/act.html", "drawer"), context, status=status)


def _done(request: Request, act: Act, complaint: Complaint) -> HttpResponse:
    messages.success(request, f"投诉 {complaint.no}：{act.verb}，已记入经过")
    if Complaint.objects.visible_to(request.user).filter(pk=complaint.pk).exists():
        return redirect(complaint)
    return redirect("complaints:list")  # he named himself


def _rows(request: Request) -> QuerySet[Complaint]:
    return Complaint.objects.visible_to(request.user).select_related("branch", "client", "handler")
