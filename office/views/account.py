"""Signing in and out, the own password, and whether the system is alive."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as sign_in
from django.contrib.auth import logout as sign_out
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from redis.exceptions import RedisError

from office.forms import LoginForm, OwnPasswordForm
from office.http import Request
from office.menu import link, menu_for
from office.models import Employee
from office.operations.staff import note_password_change
from office.queries.account import help_phone


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Sign in by staff number and password, and lead on to the page that was asked for."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    form = LoginForm(request, request.POST or None)
    if form.is_valid() and form.user is not None:
        sign_in(request, form.user)
        return redirect(_safe(request, wanted, form.user))
    context = {"form": form, "next": wanted, "tries_left": form.tries_left, "help_phone": help_phone()}
    return render(request, "office/login.html", context, status=422 if form.is_bound else 200)


def locked(request: HttpRequest, *told: object) -> HttpResponse:
    """Say that a staff number is locked and whom to call; axes asks for this page."""
    return render(request, "office/locked.html", {"help_phone": help_phone()}, status=429)


@require_POST
def logout(request: Request) -> HttpResponse:
    """End the session."""
    sign_out(request)
    return redirect("office:login")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_change(request: Request) -> HttpResponse:
    """Let a person change the own password; other sessions end with it."""
    form = OwnPasswordForm(request.user, request.POST or None)
    if form.is_valid():
        form.save()  # Django's own: hashes and saves the one field
        note_password_change(request.user)
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已修改，其他设备需要重新登录")
        return redirect(_home(request.user))
    return render(request, "office/password_change.html", {"form": form}, status=422 if form.is_bound else 200)


@login_not_required
@never_cache
@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 if database and broker answer, else 503; it says which, and nothing else."""
    parts = {"database": _database_answers(), "broker": _broker_answers()}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _home(user: Employee) -> str:
    """Return where a day begins: the desk, else the first page the person may open."""
    entries = menu_for(user, "")
    return link(settings.LOGIN_REDIRECT_URL) or (entries[0].url if entries else link("office:notice_list"))


def _safe(request: HttpRequest, wanted: str, user: Employee) -> str:
    """Return `wanted` if it is an address of ours, else the first page after the login."""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and ours else _home(user)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    try:
        cache.get("health")
    except RedisError:
        return False
    return True
