"""The bell and the saved views of whoever is signed in."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.forms import ViewForm
from office.http import Request
from office.models import SavedView
from office.operations import notices as bell
from office.operations import views as saving
from office.queries.desk import notice_list, unread_count

NOTICES_PER_PAGE = 30


@require_GET
def notices(request: Request) -> HttpResponse:
    """Show what a person was told, page by page."""
    page = Paginator(notice_list(request.user), NOTICES_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "office/notice_list.html", {"page": page, "unread": unread_count(request.user)})


@require_POST
def notices_read(request: Request) -> HttpResponse:
    """Mark the notices named in `notice` as read, all without any."""
    chosen = [int(pk) for pk in request.POST.getlist("notice") if pk.isdecimal()]
    count = bell.mark_read(request.user, timezone.now(), chosen or None)
    messages.success(request, f"{count} 条通知已标为已读")
    return redirect("office:notice_list")


@require_http_methods(["GET", "POST"])
def view_save(request: Request) -> HttpResponse:
    """Save the filters of a list under a name."""
    page = request.GET.get("page", "")
    url, query = _list_url(page), request.GET.get("query", "")[:1000]
    form = ViewForm(request.POST or None)
    if form.is_valid():
        view = saving.save_view(request.user, page, form.cleaned_data["name"], query)
        messages.success(request, f"视图「{view.name}」已保存")
        return redirect(f"{url}?{query}")
    context = {"title": "保存当前视图", "text": "同名的视图会被替换，只有您自己看得到", "verb": "保存视图"}
    return _ask(request, form, context | {"cancel_href": f"{url}?{query}"})


@require_http_methods(["GET", "POST"])
def view_rename(request: Request, pk: int) -> HttpResponse:
    """Give a saved view of the own another name."""
    view = get_object_or_404(SavedView, pk=pk, employee=request.user)
    form = ViewForm(request.POST or None, initial={"name": view.name})
    back = f"{_list_url(view.page)}?{view.query}"
    if form.is_valid():
        saving.rename_view(view, form.cleaned_data["name"])
        messages.success(request, f"视图已改名为「{view.name}」")
        return redirect(back)
    return _ask(request, form, {"title": f"视图「{view.name}」改名", "verb": "保存名称", "cancel_href": back})


@require_http_methods(["GET", "POST"])
def view_delete(request: Request, pk: int) -> HttpResponse:
    """Remove a saved view of the own."""
    view = get_object_or_404(SavedView, pk=pk, employee=request.user)
    url = _list_url(view.page)
    if request.method == "POST":
        saving.delete_view(view)
        messages.success(request, f"视图「{view.name}」已删除")
        return redirect(url)
    context = {"title": f"删除视图「{view.name}」", "text": "只删除这个视图，不影响任何数据", "verb": "删除视图"}
    return render(request, "confirm.html", context | {"crit": True, "cancel_href": f"{url}?{view.query}"})


def _list_url(page: str) -> str:
    """Return the address of the list a view belongs to; what is no list of ours is unknown."""
    try:
        return reverse(page)
    except NoReverseMatch:
        raise Http404 from None


def _ask(request: Request, form: ViewForm, context: Mapping[str, object]) -> HttpResponse:
    return render(request, "confirm.html", {**context, "form": form}, status=422 if form.is_bound else 200)
