"""The base of every view of the API."""

from __future__ import annotations

import hashlib
import time
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.settings import api_settings

from office.api.authentication import KeyAuthentication, PersonAuthentication
from office.api.calls import write_down
from office.api.paging import CursorPaging
from office.api.parsers import SmallJSON
from office.api.permissions import READING, Door, MayCall
from office.api.throttles import PerCaller


class AlwaysJSON(BaseContentNegotiation):
    """Answers JSON whatever is accepted: there is nothing else to choose."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        kind = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        renderer: BaseRenderer = renderers[0]
        return renderer, renderer.media_type


class ApiView(GenericAPIView[Any]):
    """What all views share: callers, doors, limits, the book of calls, ETags of what is read.

    A view states `reads` and `writes`, what opens GET and the other methods; without one the method is closed.
    """

    authentication_classes = [KeyAuthentication, PersonAuthentication]
    permission_classes = [MayCall]
    throttle_classes = [PerCaller]
    parser_classes = [SmallJSON]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AlwaysJSON
    pagination_class = CursorPaging
    filter_backends = [DjangoFilterBackend]
    metadata_class = None
    http_method_names = ["get", "head", "post", "put"]

    says: dict[str, str] = {}  # method → what it does, in the words of the description
    reads: Door | None = None
    writes: Door | None = None
    order: tuple[str, ...] = ("pk",)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        self.started = time.monotonic()
        self.subjects = [str(value) for value in kwargs.values()]
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if any("\x00" in value for value in kwargs.values() if isinstance(value, str)):
            raise Http404

    def slow_down(self, request: Request) -> None:
        """Count a call against its caller's limit. Raises Throttled."""
        super().check_throttles(request)

    def check_permissions(self, request: Request) -> None:
        self.slow_down(request)  # first: who may not call is slowed down as well
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Do nothing: the call was counted before its permissions were looked at, and counts once."""

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(request, Request):
            subjects = [value.replace("\x00", "") for value in self.subjects]
            write_down(request, response, self.started, subjects)
        response["Cache-Control"] = "private, no-cache" if request.method in READING else "no-store"
        patch_vary_headers(response, ["Authorization", "Cookie"])
        if request.method in READING and response.status_code == 200:
            response.add_post_render_callback(lambda rendered: _unless_known(request, rendered))
        return response

    def checked(self, shape: type[Serializer[Any]]) -> dict[str, Any]:
        """Return the clean values of the body. Raises ValidationError, answered 422 field by field."""
        try:
            return dict(shape_of(shape).run_validation(self.request.data))
        except ValidationError as refused:
            if isinstance(refused.detail, list):  # of the body as a whole
                raise ValidationError({api_settings.NON_FIELD_ERRORS_KEY: refused.detail}) from refused
            raise


@cache
def shape_of(shape: type[Serializer[Any]]) -> Serializer[Any]:
    """Return the one serializer of its kind, unbound: its fields are put together once, not for everybody who waits."""
    return shape()


class ListView(ListModelMixin, ApiView):
    """A list by cursor; `get_queryset` begins with `visible_to`."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        known = self._known()
        wrong = {name: _why(name in known, values) for name, values in request.query_params.lists()}
        if any(wrong.values()):
            raise ValidationError({name: [ErrorDetail(why)] for name, why in wrong.items() if why})
        return self.list(request, *args, **kwargs)

    def _known(self) -> set[str]:
        filters = getattr(self, "filterset_class", None)
        return {"cursor", "limit"} | (set(filters.get_filters()) if filters else set())


@extend_schema(exclude=True)
class NothingHere(ApiView):
    """Any other address below /api/v1/: the one error shape, no page."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.perform_authentication(request)
        self.slow_down(request)
        raise Http404


def _why(is_known: bool, values: list[str]) -> str:
    """Return what is wrong with a question: it is never answered as if it had not been asked."""
    if not is_known:
        return "没有这个筛选项"
    if len(values) > 1:
        return "只能给出一次"
    return "" if values[0] else "不能留空"


def _unless_known(request: HttpRequest | Request, response: Any) -> HttpResponseBase | None:
    """Give an answer its ETag; 304 if the caller holds it already."""
    response["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    plain = request._request if isinstance(request, Request) else request
    return get_conditional_response(plain, etag=response["ETag"], response=response)
