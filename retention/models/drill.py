"""Scenario drills: a scene from a past case without its names, who took part, how it went, what was learnt."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from office.models import Branch, Employee, Team

BEST = 5  # of a line of the scoring sheet
SHEET = {"listen": "倾听", "no_pressure": "不施压", "lawful": "合规", "clear": "说清楚"}
# What each line of the sheet looks at (SKL-01, SKL-02, SKL-05, DNI-07).
LOOKS_AT = {
    "listen": "多听少说，不打断，不清楚的复述一遍，最后归纳客户的问题和需要",
    "no_pressure": "客户愿谈才谈，只谈一次，手续照办，不劝第二遍",
    "lawful": "不承诺收益，不许诺费率，不轻许做不到的事；不合理的要求说明理由后婉拒",
    "clear": "时限、费用、手续说清楚，答应的事写下期限",
}


def mark(label: str) -> models.PositiveSmallIntegerField[int | None, int | None]:
    """Return a line of the scoring sheet, empty until the drill is held."""
    return models.PositiveSmallIntegerField(label, null=True)


class DrillQuerySet(models.QuerySet["Drill"]):
    def visible_to(self, user: Employee) -> Self:
        """Keep the drills of the user's branch."""
        return self.filter(branch_id=user.branch_id or 0)


class Drill(models.Model):
    """One drill of a team, or of the whole branch. `scene` holds nothing that leads back to a client."""

    class State(models.TextChoices):
        PLANNED = "planned", "已安排"
        HELD = "held", "已演练"
        CANCELLED = "cancelled", "已取消"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    title = models.CharField("题目", max_length=60)
    scene = models.JSONField("情景", default=dict)  # retention.rules.scene
    planned_on = models.DateField("日期")
    led_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    participants = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    state = models.CharField("状态", max_length=10, choices=State, default=State.PLANNED)
    held_on = models.DateField("演练日", null=True)
    listen = mark("倾听")
    no_pressure = mark("不施压")
    lawful = mark("合规")
    clear = mark("说清楚")
    lessons = models.CharField("所学", max_length=600, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DrillQuerySet.as_manager()

    class Meta:
        verbose_name = "情景演练"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="held")
                | Q(held_on__isnull=False, **{f"{name}__range": (1, BEST) for name in SHEET}) & ~Q(lessons=""),
                name="drill_held_is_scored",
            )
        ]
        indexes = [models.Index(fields=["branch", "-planned_on", "-id"], name="drill_calendar")]

    def __str__(self) -> str:
        return f"{self.title} {self.planned_on:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("retention:drill_detail", args=[self.pk])

    @property
    def marks(self) -> list[tuple[str, int | None]]:
        """The scoring sheet in words; it judges the drill and no single person."""
        return [(label, getattr(self, name)) for name, label in SHEET.items()]

    @property
    def total(self) -> int | None:
        """The sum of the sheet, None before the drill."""
        found = [value for _, value in self.marks if value is not None]
        return sum(found) if len(found) == len(SHEET) else None
