"""Single events of the counter by REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clients.models import AccountEvent
from clients.operations.events import Event, tell_event
from clients.serializers import EventIn, EventOut
from office.api.authentication import caller
from office.api.idempotency import once
from office.api.permissions import Door
from office.api.views import ApiView
from office.models import Scope
from office.tasks import soon_together


class Events(ApiView):
    """One event as it happens: kept as a fact, and what it means for today follows within a minute."""

    says = {"POST": "送入一笔事件：开户、资金进出、申请销户、转出"}
    writes = Door(Scope.EVENTS, "clients.import_feed")
    serializer_class: Any = EventIn

    @extend_schema(request=EventIn, responses={200: EventOut, 201: EventOut})
    @once
    def post(self, request: Request) -> Response:
        values = self.checked(EventIn)
        today = timezone.localdate()
        event, is_new = tell_event(Event(**{"day": today, **values}), today, by=caller(request))
        self.subjects.append(event.event_no)
        if is_new:
            soon_together("branchcrm.tasks.raise_same_day", event.branch_id)
        told = AccountEvent.objects.select_related("account", "client").get(event_no=event.event_no, day=event.day)
        return Response(EventOut(told).data, status=201 if is_new else 200)
