"""The counter's questions and requests by REST; nothing here waits for anything."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from clients.models import Account, Client
from clients.queries.desk import desk_clients
from office.api.authentication import caller
from office.api.filters import Flag, Moment
from office.api.idempotency import once
from office.api.permissions import Door
from office.api.views import ApiView, ListView, shape_of
from office.models import Employee, Scope
from office.tasks import soon_together
from retention.models import ClosureRequest
from retention.operations.closures import register_request
from retention.operations.desk import open_card
from retention.queries.card import card
from retention.serializers import CardOut, RegisteredOut, RequestIn, RequestOut
from service_logs.queries.scripts import script_for

ANY_REASON = "other"  # the script for who gives no reason
READ = (  # of a client and what is joined to him: all of it would take as long to read as the rest of the answer
    *("client_no", "name", "phone_masked", "id_no_masked", "status", "id_valid_to", "risk_valid_to"),
    *("branch__code", "branch__name", "branch__calendar"),
    *("standing__tier", "standing__grade", "standing__value_type"),
    *("standing__manager__staff_no", "standing__manager__name"),
)


class CounterClient(ApiView):
    """One client as the counter may see him; a person's look is written down and limited as at the desk."""

    says = {"GET": "柜台查询一位客户"}
    reads = Door(Scope.COUNTER_READ, "retention.register_request")
    serializer_class: Any = CardOut

    @extend_schema(responses={200: CardOut})
    def get(self, request: Request, client_no: str) -> Response:
        user, now = caller(request), timezone.now()
        client = get_object_or_404(desk_clients(user).only(*READ), client_no=client_no)
        if isinstance(user, Employee):
            open_card(client, by=user, now=now)
        return Response(_shaped(CardOut, card(client, user, now)))


class CounterRequests(ApiView):
    """A request to leave, registered at once: number, deadline, lawful grounds, card and script."""

    says = {"POST": "登记销户、撤指定、转托管或转户申请"}
    writes = Door(Scope.COUNTER_WRITE, "retention.register_request")
    serializer_class: Any = RequestIn

    @extend_schema(request=RequestIn, responses={201: RegisteredOut})
    @once
    def post(self, request: Request) -> Response:
        said, user = self.checked(RequestIn), caller(request)
        client = get_object_or_404(desk_clients(user).only(*READ), client_no=said.pop("client_no"))
        account = _account(client, said.pop("account_no", None))
        made = register_request(client, by=user, account=account, tells=False, **said)
        soon_together("retention.tasks.tell_managers", made.branch_id)
        self.subjects += [client.client_no, made.request_no]
        told = {
            "made": made,
            "card": card(client, user, timezone.now(), kind=made.kind),
            "script": script_for(f"retention.{made.reason or ANY_REASON}", made.branch),
        }
        return Response(_shaped(RegisteredOut, told), status=201)


class RequestView(ApiView):
    """Whatever reads requests."""

    serializer_class: Any = RequestOut
    queryset = ClosureRequest.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        return ClosureRequest.objects.visible_to(caller(self.request)).select_related("client", "account")


class CounterRequest(RequestView):
    """How one request stands."""

    says = {"GET": "一件申请的进度"}
    reads = Door(Scope.COUNTER_READ, "retention.view_request")

    @extend_schema(responses={200: RequestOut})
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.get_queryset(), pk=min(pk, 2**63 - 1))
        self.subjects.append(found.request_no)
        return Response(_shaped(RequestOut, found))


class RequestFilter(FilterSet):  # type: ignore[misc]  # the library has no types
    """Which requests are listed."""

    client_no = django_filters.CharFilter(field_name="client__client_no", label="客户号", max_length=32)
    kind = django_filters.ChoiceFilter(choices=ClosureRequest.Kind.choices)
    state = django_filters.ChoiceFilter(choices=ClosureRequest.State.choices)
    is_breached = Flag(field_name="breached_at", lookup_expr="isnull", exclude=True, label="曾超过时限")
    requested_from = Moment(field_name="requested_at", lookup_expr="gte", label="申请时间不早于")
    deadline_until = Moment(field_name="deadline_at", lookup_expr="lte", label="时限不晚于")


class RequestList(RequestView, ListView):
    """The requests in reach of the caller, the latest first."""

    says = {"GET": "销户与转户申请"}
    reads = Door(Scope.REQUESTS_READ, "retention.view_request")
    filterset_class = RequestFilter
    order = ("-pk",)


def _shaped(shape: type[Serializer[Any]], told: object) -> Any:
    return shape_of(shape).to_representation(told)


def _account(client: Client, account_no: str | None) -> Account | None:
    if account_no is None:
        return None
    found = client.accounts.filter(account_no=account_no).first()
    if found is None:
        raise ValidationError({"account_no": ["该客户没有这个账户"]})
    return found
