"""Deliveries of the counter by REST."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clients.feed.parts import CSV, KINDS, NDJSON
from clients.models import FeedPart, ImportFile, QuarantineRow, RestFeed
from clients.operations import rest_feeds
from clients.operations.rest_feeds import PartRefused
from clients.serializers import FeedCloseIn, FeedIn, FeedOut, PartOut, QuarantineOut
from office.api.authentication import caller
from office.api.idempotency import once
from office.api.parsers import CsvStream, NdjsonStream
from office.api.permissions import Door
from office.api.views import ApiView, ListView
from office.models import Scope
from office.tasks import soon

FORMS = {CsvStream.media_type: CSV, NdjsonStream.media_type: NDJSON}
SHA = "X-Content-SHA256"
LAST_NUMBER = 10_000  # parts of one kind


class FeedView(ApiView):
    """Whatever concerns one delivery: its sender's, or one for the branch of a person."""

    reads = Door(Scope.FEEDS, "clients.view_importbatch")
    writes = Door(Scope.FEEDS, "clients.import_feed")
    serializer_class: Any = FeedOut
    queryset: Any = RestFeed.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        files = Prefetch("batch__files", ImportFile.objects.order_by("pk"))
        parts = Prefetch("parts", FeedPart.objects.order_by("kind", "number"))
        return RestFeed.objects.visible_to(caller(self.request)).select_related("batch").prefetch_related(parts, files)

    def feed(self) -> RestFeed:
        """Return the delivery the address names; 404 for anybody else's."""
        found: RestFeed = get_object_or_404(self.get_queryset(), pk=min(self.kwargs["pk"], 2**63 - 1))
        return found


class FeedList(ListView, FeedView):
    """Deliveries, the latest first; a new one begins here."""

    says = {"GET": "送入的批次", "POST": "开始送入一批"}
    order = ("-pk",)

    @extend_schema(request=FeedIn, responses={201: FeedOut})
    @once
    def post(self, request: Request) -> Response:
        values = self.checked(FeedIn)
        feed = rest_feeds.open_feed(values["as_of"], values["control_totals"], by=caller(request))
        self.subjects.append(str(feed.pk))
        return Response(FeedOut(feed).data, status=201)


class FeedDetail(FeedView):
    """One delivery: which parts came, whether it was taken in, what became of it."""

    says = {"GET": "一批的状态"}

    def get(self, request: Request, pk: int) -> Response:
        return Response(FeedOut(self.feed()).data)


class FeedParts(FeedView):
    """One part of one kind, as a file."""

    says = {"PUT": "送入一块：CSV 或 NDJSON，可用 gzip 压缩；同一块再送一次即替换"}
    parser_classes = [CsvStream, NdjsonStream]

    @extend_schema(
        request=dict.fromkeys(FORMS, OpenApiTypes.BINARY),
        responses={200: PartOut},
        parameters=[
            OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=sorted(KINDS)),
            OpenApiParameter(
                "number", {"type": "integer", "minimum": 1, "maximum": LAST_NUMBER}, OpenApiParameter.PATH
            ),
            OpenApiParameter(
                SHA, str, OpenApiParameter.HEADER, description="这一块的 SHA-256（十六进制），按送出的字节"
            ),
        ],
    )
    def put(self, request: Request, pk: int, kind: str, number: int) -> Response:
        if kind not in KINDS or not 1 <= number <= LAST_NUMBER:
            raise Http404
        feed = self.feed()
        body: Any = request.data
        if not hasattr(body, "read"):
            raise PartRefused("这一块是空的，或没有 Content-Length")
        form = FORMS[(request.content_type or "").partition(";")[0].strip().lower()]
        part = rest_feeds.put_part(feed, kind, number, form, body, request.headers.get(SHA, ""))
        return Response(PartOut(part).data)


class FeedClose(FeedView):
    """The end of a delivery; from here a worker goes on."""

    says = {"POST": "送完，交给后台导入"}

    @extend_schema(request=FeedCloseIn, responses={202: FeedOut})
    @once
    def post(self, request: Request, pk: int) -> Response:
        values = self.checked(FeedCloseIn)
        feed = rest_feeds.close_feed(self.feed(), values["control_totals"], timezone.now(), by=caller(request))
        soon("clients.tasks.import_rest_feed", feed.pk)
        return Response(FeedOut(feed).data, status=202)


class FeedQuarantine(ListView, FeedView):
    """The refused rows of a delivery, in the order of its files."""

    says = {"GET": "被隔离的行及原因"}
    serializer_class = QuarantineOut
    queryset = QuarantineRow.objects.none()
    order = ("file_id", "line", "pk")

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return QuarantineRow.objects.none()
        mine = RestFeed.objects.visible_to(caller(self.request))
        feed = get_object_or_404(mine, pk=min(self.kwargs["pk"], 2**63 - 1))
        rows = QuarantineRow.objects.visible_to(caller(self.request)).filter(file__batch=feed.batch_id or 0)
        return rows.select_related("file")
