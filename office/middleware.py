"""What stands around every page."""

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import ResolverMatch

from office.errors import DomainError


class CallerAddressMiddleware:
    """Lets REMOTE_ADDR be the caller's own where a proxy stands in front: limits per address would else be one for all.

    The proxy writes the address it saw at the end of X-Forwarded-For; what stands before it, anybody may have written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECURE_PROXY_SSL_HEADER:
            told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
            with suppress(ValueError):
                request.META["REMOTE_ADDR"] = str(ip_address(told))
        return self.get_response(request)


class DomainErrorMiddleware:
    """Turns a refused rule into a page of its own, or into the flash part of the page that asked by htmx."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; who opens an address that takes forms alone, as a sign-in in between does, reads so."""
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a broken rule with its words instead of an error page."""
        if not isinstance(error, DomainError):
            return None
        template = "409.html#refusal" if getattr(request, "htmx", False) else "409.html"
        response = render(request, template, {"error": error}, status=error.status)
        if getattr(request, "htmx", False):
            response["HX-Retarget"] = "#flash"
            response["HX-Reswap"] = "innerHTML"
        return response


class PasswordChangeMiddleware:
    """Lets who signed in with an issued password do nothing but change it or leave."""

    OPEN = {"office:password_change", "office:logout", "office:health"}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        """Lead who must change the password to that page, whatever was asked for."""
        match = request.resolver_match
        if not getattr(request.user, "must_change_password", False) or (match and self._is_open(match)):
            return None
        return redirect("office:password_change")

    def _is_open(self, match: ResolverMatch) -> bool:
        return match.view_name in self.OPEN or match.namespace == "api"  # the API refuses by itself, in its own shape
