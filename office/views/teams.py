"""Teams of the branch."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from office.forms import TeamForm
from office.http import Request, needs
from office.operations import teams as operations
from office.queries import staff as queries
from office.views.staff import home


@require_GET
@needs("office.view_staff")
def team_list(request: Request) -> HttpResponse:
    """List the teams with leader and size."""
    return render(request, "office/team_list.html", {"teams": queries.team_list(request.user)})


@require_http_methods(["GET", "POST"])
@needs("office.edit_staff")
def team_create(request: Request) -> HttpResponse:
    """Make a team."""
    form = TeamForm(request.POST or None, branch=home(request))
    if form.is_valid():
        team = operations.create_team(form.cleaned_data["name"], form.cleaned_data["leader"], by=request.user)
        messages.success(request, f"团队「{team.name}」已建立")
        return redirect("office:team_list")
    return _ask(request, form, {"title": "新建团队", "verb": "建立团队"})


@require_http_methods(["GET", "POST"])
@needs("office.edit_staff")
def team_edit(request: Request, pk: int) -> HttpResponse:
    """Rename a team or give it another leader."""
    team = get_object_or_404(queries.team_list(request.user), pk=pk)
    form = TeamForm(request.POST or None, branch=team.branch, initial={"name": team.name, "leader": team.leader})
    if form.is_valid():
        operations.edit_team(team, form.cleaned_data["name"], form.cleaned_data["leader"], by=request.user)
        messages.success(request, f"团队「{team.name}」已保存")
        return redirect("office:team_list")
    return _ask(request, form, {"title": f"编辑团队「{team.name}」", "verb": "保存团队"})


def _ask(request: Request, form: TeamForm, context: dict[str, object]) -> HttpResponse:
    context |= {"form": form, "cancel_href": reverse("office:team_list")}
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)
