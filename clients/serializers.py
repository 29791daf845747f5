"""What the API says of clients: personal values masked, money in whole fen."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from clients.feed.refusal import masked
from clients.models import Client, Grade, Tier, ValueType


class ClientOut(serializers.ModelSerializer[Client]):
    """One client as the archive and the present standing have him."""

    name_masked = serializers.SerializerMethodField()
    branch = serializers.CharField(source="branch.code")
    manager = serializers.CharField(source="standing.manager.staff_no", default=None, allow_null=True)
    tier = serializers.ChoiceField(Tier.choices, source="standing.tier", default=Tier.GENERAL)
    grade = serializers.ChoiceField(Grade.choices, source="standing.grade", default=Grade.POTENTIAL)
    value_type = serializers.ChoiceField(
        ValueType.choices, source="standing.value_type", default=ValueType.UNCLASSIFIED
    )

    class Meta:
        model = Client
        fields = [
            *("client_no", "branch", "kind", "name_masked", "phone_masked", "id_no_masked", "id_valid_to", "status"),
            *("opened_on", "risk_level", "risk_valid_to", "importance", "service_mode", "manager"),
            *("tier", "grade", "value_type"),
        ]
        read_only_fields = fields

    def get_name_masked(self, client: Any) -> str:
        return masked(client.name)
