"""What client managers themselves say of the clients they would serve (自我建议, MGR-03)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clients.models import Client
from office.models import Branch, Employee


class SuitedKinds(models.Model):
    """The kinds of clients one manager says suit him, as codes of segmentation.suggestions."""

    employee = models.OneToOneField(Employee, on_delete=models.PROTECT, primary_key=True, related_name="suited_kinds")
    kinds = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    note = models.CharField("说明", max_length=160, blank=True)
    changed_at = models.DateTimeField("更改", auto_now=True)

    class Meta:
        verbose_name = "适合的客户类别"

    def __str__(self) -> str:
        return f"{self.employee_id}: {'、'.join(self.kinds)}"


class SuggestionQuerySet(models.QuerySet["ClientSuggestion"]):
    def visible_to(self, user: Employee) -> SuggestionQuerySet:
        """Keep a manager's own; who sees the matrix sees those of the branch."""
        rows = self.filter(branch_id=user.branch_id or 0)
        return rows if user.has_perm("segmentation.view_matrix") else rows.filter(employee=user)


class ClientSuggestion(models.Model):
    """One client a manager would like to have, or to give up. It weighs in the fit and binds nobody."""

    class Kind(models.TextChoices):
        WANT = "want", "希望服务"
        RELEASE = "release", "建议转出"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="client_suggestions")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="suggestions")
    kind = models.CharField("建议", max_length=8, choices=Kind)
    note = models.CharField("理由", max_length=160)
    said_on = models.DateField("日期")

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = "对客户的建议"
        constraints = [models.UniqueConstraint(fields=["employee", "client"], name="suggestion_once_per_pair")]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.kind} {self.client_id}"
