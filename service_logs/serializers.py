"""What the API says of tasks."""

from __future__ import annotations

from rest_framework import serializers

from service_logs.models import Task


class TaskOut(serializers.ModelSerializer[Task]):
    """One thing owed to one client."""

    client_no = serializers.CharField(source="client.client_no")
    owner = serializers.CharField(source="owner.staff_no", default=None, allow_null=True)
    mot_code = serializers.CharField(source="rule.code", default=None, allow_null=True)

    class Meta:
        model = Task
        fields = [
            *("id", "client_no", "owner", "source", "kind", "title", "channel", "mot_code", "made_on", "due_at"),
            *("state", "done_at", "result"),
        ]
        read_only_fields = fields
