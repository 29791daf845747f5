"""The request as our views see it, and the door in front of an action."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from office.rights import holders

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


def needs(permission: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let only holders of `permission` ("app.codename") into a view; the 403 page names the posts that hold it."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied(f"这一项由{'、'.join(holders(permission)) or '系统管理员'}办理。")
            return view(request, *args, **kwargs)

        return guarded

    return decorate
