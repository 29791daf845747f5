"""The branch itself and the teams in it."""

from django.db import models


class Branch(models.Model):
    """A 营业部: the unit that owns clients, runs its own night and sees only its own rows."""

    code = models.CharField("代码", max_length=8, unique=True)
    name = models.CharField("名称", max_length=60)
    calendar = models.CharField("交易日历", max_length=8, default="XSHG")
    service_phone = models.CharField("客服热线", max_length=30, blank=True)
    complaint_phone = models.CharField("投诉电话", max_length=30, blank=True)
    quiet_from = models.TimeField("静默开始", default="21:00")
    quiet_until = models.TimeField("静默结束", default="09:00")
    # Written only by the publishing of a night: readers compare it with the last trading day.
    data_as_of = models.DateField("数据截至", null=True, blank=True)
    degraded_on = models.DateField("降级夜间日期", null=True, blank=True)

    class Meta:
        verbose_name = "营业部"

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class Team(models.Model):
    """A 团队 of one branch, with the leader who sees all of its clients."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField("名称", max_length=40)
    leader = models.ForeignKey(
        "office.Employee",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="led_teams",
        verbose_name="团队长",
    )

    class Meta:
        verbose_name = "团队"
        constraints = [models.UniqueConstraint(fields=["branch", "name"], name="team_name_once_per_branch")]

    def __str__(self) -> str:
        return self.name
