"""What an employee keeps on the desk: views saved and notices received."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """A list with its filters, order and columns under a name of the employee's own."""

    employee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField("页面", max_length=40)  # the url name of the list
    name = models.CharField("名称", max_length=30)
    query = models.CharField("条件", max_length=1000, blank=True)  # the query string after "?"

    class Meta:
        verbose_name = "保存的视图"
        constraints = [models.UniqueConstraint(fields=["employee", "page", "name"], name="view_name_once")]

    def __str__(self) -> str:
        return self.name


class Notice(models.Model):
    """A line behind the bell of one employee; `key` keeps the same news from arriving twice."""

    employee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    key = models.CharField(max_length=100)
    text = models.CharField("内容", max_length=200)
    url = models.CharField("去向", max_length=200, blank=True)
    created_at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("已读", null=True, blank=True)

    class Meta:
        verbose_name = "通知"
        constraints = [models.UniqueConstraint(fields=["employee", "key"], name="notice_once")]

    def __str__(self) -> str:
        return self.text
