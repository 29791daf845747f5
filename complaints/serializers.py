"""What the API says of complaints: how each stands and until when, never what was said or by whom."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from complaints.models import Clock, Complaint
from complaints.rules.remaining import time_left
from office.queries import calendar


class ClockOut(serializers.ModelSerializer[Clock]):
    """One deadline; `left` says in words what is left of it, null once it is stopped."""

    left = serializers.SerializerMethodField()
    is_late = serializers.SerializerMethodField()

    class Meta:
        model = Clock
        fields = ["step", "started_at", "due_at", "is_provisional", "paused_at", "stopped_at", "left", "is_late"]
        read_only_fields = fields

    def get_left(self, clock: Clock) -> str | None:
        if clock.stopped_at is not None:
            return None
        days = calendar(clock.complaint.branch.calendar)
        return time_left(days, clock.due_at, timezone.now(), paused=clock.paused_at is not None).words

    def get_is_late(self, clock: Clock) -> bool:
        return clock.is_breached(timezone.now())


class ComplaintOut(serializers.ModelSerializer[Complaint]):
    """One complaint in outline; nobody, person or key, reads its words, names or telephone numbers here."""

    branch = serializers.CharField(source="branch.code")
    client_no = serializers.CharField(source="client.client_no", default=None, allow_null=True)
    handler = serializers.CharField(source="handler.staff_no", default=None, allow_null=True)
    is_merged = serializers.SerializerMethodField()
    clocks = ClockOut(many=True)

    class Meta:
        model = Complaint
        fields = [
            *("no", "branch", "client_no", "state", "channel", "category", "business_class", "persons_class"),
            *("urgency", "reasonableness", "received_at", "due_at", "is_paused", "ended_at", "is_merged"),
            *("handler", "clocks"),
        ]
        read_only_fields = fields

    def get_is_merged(self, complaint: Any) -> bool:
        return complaint.merged_into_id is not None
