"""What stands around every page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from office.errors import DomainError


class DomainErrorMiddleware:
    """Turns a refused rule into a page of its own, or into the flash part of the page that asked by htmx."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        template = "409.html#refusal" if getattr(request, "htmx", False) else "409.html"
        response = render(request, template, {"error": error}, status=error.status)
        if getattr(request, "htmx", False):
            response["HX-Retarget"] = "#flash"
            response["HX-Reswap"] = "innerHTML"
        return response
