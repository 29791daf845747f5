"""The request as our views see it."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from office.models import Employee


class Request(HttpRequest):
    """A request behind the login: who asks, and whether htmx does."""

    user: "Employee"
    htmx: "HtmxDetails"


def part(request: Request, template: str, name: str) -> str:
    """Return `template#name` for an htmx request that is not boosted, else the whole page."""
    return f"{template}#{name}" if request.htmx and not request.htmx.boosted else template
