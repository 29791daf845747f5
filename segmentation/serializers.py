"""What the API says of value."""

from __future__ import annotations

from rest_framework import serializers

from clients.models import ClientStanding


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
