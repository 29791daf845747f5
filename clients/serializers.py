"""What the API says of clients: personal values masked, money in whole fen."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.validators import MinValueValidator
from rest_framework import serializers

from clients.feed.refusal import masked
from clients.models import (
    AccountEvent,
    Client,
    FeedPart,
    Grade,
    ImportBatch,
    ImportFile,
    QuarantineRow,
    RestFeed,
    Tier,
    ValueType,
)


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


EARLIEST = date(1990, 1, 1)  # no exchange was open before
VISIBLE = r"^[!-~]+$"  # numbers of the counter are written in visible characters
Kind = AccountEvent.Kind
TOLD_SINGLY = [
    *(Kind.OPEN, Kind.BANK_IN, Kind.BANK_OUT, Kind.TRANSFER_IN, Kind.TRANSFER_OUT),
    *(Kind.CLOSE_REQUEST, Kind.CANCEL_DESIGNATION, Kind.CUSTODY_TRANSFER),
]


class Totals(serializers.DictField):
    """Control totals: branch code → name → rows or yuan."""

    child = serializers.DictField(child=serializers.DecimalField(max_digits=20, decimal_places=2))

    def to_internal_value(self, data: Any) -> dict[str, dict[str, str]]:
        """Keep the numbers as text: they are compared to the fen and stored as JSON."""
        found = super().to_internal_value(data)
        return {code: {name: str(value) for name, value in names.items()} for code, names in found.items()}


class FeedIn(serializers.Serializer[Any]):
    """What a delivery begins with."""

    as_of = serializers.DateField(help_text="业务日期", validators=[MinValueValidator(EARLIEST)])
    control_totals = Totals(required=False, default=dict, help_text="营业部代码 → 名称 → 行数或金额（元）")


class FeedCloseIn(serializers.Serializer[Any]):
    """What a delivery ends with."""

    control_totals = Totals(required=False, default=dict, help_text="与开始时相同；只在这里给出也可以")


class PartOut(serializers.ModelSerializer[FeedPart]):
    """One part as it was kept."""

    class Meta:
        model = FeedPart
        fields = ["kind", "number", "form", "sha256", "size"]
        read_only_fields = fields


class FileOut(serializers.ModelSerializer[ImportFile]):
    """What became of one kind of file."""

    class Meta:
        model = ImportFile
        fields = ["name", "kind", "state", "rows", "inserted", "changed", "unchanged", "refused", "error", "notes"]
        read_only_fields = fields
        extra_kwargs = {"notes": {"help_text": "提示"}}

    notes = serializers.ListField(child=serializers.CharField())


class BatchOut(serializers.ModelSerializer[ImportBatch]):
    """What the import made of a delivery."""

    files = FileOut(many=True)
    totals_agree = serializers.BooleanField(allow_null=True, help_text="控制总数是否一致；null 表示没有可比的")
    totals = serializers.DictField(child=serializers.DictField(child=serializers.DictField()))

    class Meta:
        model = ImportBatch
        fields = ["id", "state", "totals_agree", "totals", "files"]
        read_only_fields = fields


class FeedOut(serializers.ModelSerializer[RestFeed]):
    """A delivery: what came so far, and once it was taken in, what became of it."""

    parts = PartOut(many=True)
    batch = BatchOut(allow_null=True)

    class Meta:
        model = RestFeed
        fields = ["id", "as_of", "state", "error", "opened_at", "closed_at", "parts", "batch"]
        read_only_fields = fields


class QuarantineOut(serializers.ModelSerializer[QuarantineRow]):
    """One refused row with its reason; personal values are masked."""

    file = serializers.CharField(source="file.name")

    class Meta:
        model = QuarantineRow
        fields = ["file", "line", "column", "value", "code", "reason"]
        read_only_fields = fields


class EventIn(serializers.Serializer[Any]):
    """A single event as the counter tells it."""

    event_no = serializers.RegexField(VISIBLE, max_length=32, help_text="事件编号，与夜间文件相同")
    kind = serializers.ChoiceField([(kind.value, kind.label) for kind in TOLD_SINGLY])
    account_no = serializers.RegexField(VISIBLE, max_length=32)
    day = serializers.DateField(required=False, help_text="缺省为今天")
    amount_fen = serializers.IntegerField(required=False, min_value=0, max_value=10**15)
    security_code = serializers.RegexField(VISIBLE, max_length=24, required=False)
    quantity = serializers.DecimalField(max_digits=24, decimal_places=6, required=False, min_value=0)
    note = serializers.CharField(max_length=160, required=False)
    client_no = serializers.RegexField(VISIBLE, max_length=32, required=False, help_text="开户时必填")
    client_name = serializers.CharField(max_length=120, required=False, help_text="新客户开户时必填")
    branch = serializers.RegexField(VISIBLE, max_length=8, required=False, help_text="新客户开户时必填")


class EventOut(serializers.ModelSerializer[AccountEvent]):
    """The event as it was kept."""

    account_no = serializers.CharField(source="account.account_no")
    client_no = serializers.CharField(source="client.client_no")

    class Meta:
        model = AccountEvent
        fields = ["event_no", "kind", "account_no", "client_no", "day"]
        read_only_fields = fields
