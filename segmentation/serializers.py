"""What the API says of value."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from clients.models import ClientStanding
from clients.serializers import VISIBLE
from segmentation.models import ManagerChangeRequest


class ScoreOut(serializers.ModelSerializer[ClientStanding]):
    """What the last published night found out about one client; scores run from 0 to 100, the parts add up."""

    client_no = serializers.CharField(source="client.client_no")
    as_of = serializers.DateField(source="branch.data_as_of", allow_null=True)

    class Meta:
        model = ClientStanding
        fields = [
            *("client_no", "as_of", "value", "commission_points", "purchasing_points", "assets_points", "rank"),
            *("percentile", "tier", "grade", "value_type", "is_core", "is_provisional", "is_stale"),
            *("assets_fen", "commission_fen", "contribution_fen", "turnover_fen"),
        ]
        read_only_fields = fields


class ChangeIn(serializers.Serializer[Any]):
    """A client's wish for another manager; he need not say why."""

    client_no = serializers.RegexField(VISIBLE, max_length=32)
    wished = serializers.RegexField(
        VISIBLE, max_length=20, required=False, help_text="希望的经理工号；缺省由营业部安排"
    )
    reason = serializers.ChoiceField(ManagerChangeRequest.Reason.choices, default=ManagerChangeRequest.Reason.UNSAID)
    words = serializers.CharField(max_length=400, required=False, default="", help_text="客户的话")
    channel = serializers.ChoiceField(ManagerChangeRequest.Channel.choices, default=ManagerChangeRequest.Channel.API)


class ChangeOut(serializers.ModelSerializer[ManagerChangeRequest]):
    """The request as it was taken in."""

    client_no = serializers.CharField(source="client.client_no")
    wished = serializers.CharField(source="wished.staff_no", default=None, allow_null=True)

    class Meta:
        model = ManagerChangeRequest
        fields = ["id", "client_no", "wished", "reason", "channel", "asked_at", "state"]
        read_only_fields = fields
