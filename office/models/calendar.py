"""Which days are worked and which are traded."""

from django.db import models
from django.db.models import Q


class CalendarDay(models.Model):
    """One day of one calendar; a make-up Saturday is worked but not traded."""

    calendar = models.CharField("日历", max_length=8, default="XSHG")
    day = models.DateField("日期")
    is_working = models.BooleanField("工作日")
    is_trading = models.BooleanField("交易日")
    note = models.CharField("说明", max_length=40, blank=True)

    class Meta:
        verbose_name = "日历"
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="calendar_day_once"),
            models.CheckConstraint(condition=Q(is_working=True) | Q(is_trading=False), name="trading_day_is_worked"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
