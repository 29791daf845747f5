"""What the API says of requests to leave and of who makes them: personal values masked, no amounts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from clients.models import Client, Grade, Tier, ValueType
from clients.serializers import VISIBLE
from office.api.fields import MomentField
from retention.models import Block, ClosureRequest, Reason

UNSAID = "（客户可以不作说明）"


class RequestIn(serializers.Serializer[Any]):
    """A request to leave as the counter tells it."""

    client_no = serializers.RegexField(VISIBLE, max_length=32)
    kind = serializers.ChoiceField(ClosureRequest.Kind.choices)
    account_no = serializers.RegexField(VISIBLE, max_length=32, required=False, help_text="缺省为全部账户")
    is_partial = serializers.BooleanField(default=False)
    part = serializers.CharField(max_length=200, required=False, default="", help_text="部分转出的范围")
    channel = serializers.ChoiceField(ClosureRequest.Channel.choices, default=ClosureRequest.Channel.API)
    reason = serializers.ChoiceField(Reason.choices, required=False, default="", help_text=f"原因{UNSAID}")
    reason_note = serializers.CharField(max_length=400, required=False, default="")
    arrived_at = MomentField(required=False, help_text="到达柜台的时间，用于计算等候")
    requested_at = MomentField(required=False, help_text="缺省为现在")
    settles_on = serializers.DateField(required=False, help_text="最后交收日；缺省由成交记录推算")


class RequestOut(serializers.ModelSerializer[ClosureRequest]):
    """One request and its clock; `due_at` never changes."""

    client_no = serializers.CharField(source="client.client_no")
    account_no = serializers.CharField(source="account.account_no", default=None, allow_null=True)
    reason = serializers.CharField(help_text="空为客户未说明")
    block = serializers.CharField(help_text="法定事由；空为没有")

    class Meta:
        model = ClosureRequest
        fields = [
            *("id", "request_no", "client_no", "account_no", "kind", "is_partial", "part", "channel", "reason"),
            *("requested_at", "settles_on", "registered_at", "due_at", "state", "block", "blocked_at", "freed_at"),
            *("deadline_at", "breached_at", "done_at", "withdrawn_at"),
        ]
        read_only_fields = fields


class GroundOut(serializers.Serializer[Any]):
    """A ground of the law that the facts point to; a person confirms it."""

    block = serializers.ChoiceField(Block.choices)
    words = serializers.CharField(source="label")
    evidence = serializers.CharField()


class ExpiryOut(serializers.Serializer[Any]):
    """Something of the client's that ends or has ended."""

    what = serializers.CharField()
    on = serializers.DateField()
    is_over = serializers.BooleanField()


class OpenRequestOut(serializers.ModelSerializer[ClosureRequest]):
    """A request that is still to be served."""

    class Meta:
        model = ClosureRequest
        fields = ["id", "request_no", "kind", "state", "due_at", "deadline_at"]
        read_only_fields = fields


class CardOut(serializers.Serializer[Any]):
    """What the counter may see of one client."""

    client_no = serializers.CharField(source="client.client_no")
    name_masked = serializers.CharField()
    phone_masked = serializers.CharField(source="client.phone_masked")
    id_no_masked = serializers.CharField(source="client.id_no_masked")
    status = serializers.ChoiceField(Client.Status.choices, source="client.status")
    tier = serializers.ChoiceField(Tier.choices, source="standing.tier")
    grade = serializers.ChoiceField(Grade.choices, source="standing.grade")
    value_type = serializers.ChoiceField(ValueType.choices, source="standing.value_type")
    manager = serializers.CharField(source="standing.manager.staff_no", default=None, allow_null=True)
    manager_name = serializers.CharField(source="standing.manager.name", default=None, allow_null=True)
    open_complaints = serializers.IntegerField()
    expiries = ExpiryOut(many=True)
    events = serializers.ListField(child=serializers.CharField(), help_text="今日待办的 MOT 事项")
    lawful_grounds = GroundOut(many=True, source="grounds")
    open_requests = OpenRequestOut(many=True)


class ScriptRef(serializers.Serializer[Any]):
    """Which script belongs to it: for one talk, if the client wants one."""

    key = serializers.CharField()
    title = serializers.CharField()
    version = serializers.IntegerField()


class RegisteredOut(serializers.Serializer[Any]):
    """A request taken in: its number and deadline, the card with the lawful grounds, the script."""

    request = RequestOut(source="made")
    card = CardOut()
    script = ScriptRef(allow_null=True)
