"""What is known of a client's accounts with other brokers, and so of our share of what he has (RET-07, RET-10)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from clients.models import Client
from clients.models.scope import ClientRows
from office.models import Branch


class OtherAccountQuerySet(ClientRows["OtherAccount"]):
    pass


class OtherAccount(models.Model):
    """One account elsewhere, as far as the client told; a client may open three."""

    class Source(models.TextChoices):
        CLIENT = "client", "客户告知"
        TALK = "talk", "谈话得知"
        TRANSFER = "transfer", "转出记录"
        OTHER = "other", "其他"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="other_accounts")
    broker = models.CharField("券商", max_length=60)
    assets_fen = models.BigIntegerField("估计资产", null=True)  # unknown without
    is_most_used = models.BooleanField("最常用", default=False)
    source = models.CharField("来源", max_length=10, choices=Source)
    is_agreed = models.BooleanField("客户同意登记", default=False)
    learnt_on = models.DateField("得知")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField("已不在", null=True)  # closed there, or won back
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = OtherAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "其他券商账户"
        constraints = [
            models.UniqueConstraint(fields=["client", "broker"], condition=Q(ended_on=None), name="other_account_once"),
            models.CheckConstraint(
                condition=Q(source="transfer") | Q(is_agreed=True), name="other_account_agreed"
            ),  # our own record of what went there needs no word of his
            models.CheckConstraint(condition=Q(assets_fen=None) | Q(assets_fen__gte=0), name="other_assets_not_owed"),
        ]
        indexes = [
            models.Index(fields=["branch", "-learnt_on", "-id"], condition=Q(ended_on=None), name="other_by_branch")
        ]

    def __str__(self) -> str:
        return f"{self.broker}"
