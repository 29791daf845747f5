"""What came in from the counter, what was refused and why, and what a correction changed."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from clients.models.scope import M
from office.models import Branch
from office.rights import Principal, branch_ids


class BatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the deliveries that hold rows of the user's branch, or of none that is known yet."""
        named = ImportBatch.branches.through.objects.filter(importbatch=OuterRef("pk"))
        return self.filter(Exists(named.filter(branch__in=branch_ids(user))) | ~Exists(named))


class BranchRows(models.QuerySet[M]):
    """Rows told about a delivery: those of other branches stay with them."""

    def visible_to(self, user: Principal) -> Self:
        """Keep the rows of the user's branch, and those of which nobody could tell whose they are."""
        return self.filter(Q(branch__in=branch_ids(user)) | Q(branch=None))


class ImportBatch(models.Model):
    """One delivery of counter files, read as a whole; the same delivery twice is the same batch."""

    class State(models.TextChoices):
        RECEIVED = "received", "已接收"
        RUNNING = "running", "导入中"
        DONE = "done", "完成"
        PARTLY = "partly", "部分完成"
        FAILED = "failed", "失败"

    class Source(models.TextChoices):
        COUNTER = "uf_counter", "柜台"
        MANUAL = "manual", "人工"
        API = "api", "接口"

    source = models.CharField("来源", max_length=12, choices=Source, default=Source.COUNTER)
    label = models.CharField("名称", max_length=120)  # the folder's name, never its path
    as_of = models.DateField("业务日期", null=True)
    content_hash = models.CharField("内容指纹", max_length=64, db_index=True)  # the same files again change nothing
    state = models.CharField("状态", max_length=10, choices=State, default=State.RECEIVED)
    received_at = models.DateTimeField("接收", auto_now_add=True)
    started_at = models.DateTimeField("开始", null=True)
    finished_at = models.DateTimeField("结束", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    branches = models.ManyToManyField(Branch, related_name="batches")
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    totals = models.JSONField("控制总数", default=dict)  # branch code → name → {"file": …, "manifest": …}
    totals_agree = models.BooleanField("总数一致", null=True)  # null: there was nothing to compare with
    error = models.TextField("错误", blank=True)

    objects = BatchQuerySet.as_manager()

    repeated = False  # set by import_feed on what it returns: this delivery had come before, nothing was done

    class Meta:
        verbose_name = "导入批次"
        permissions = [("import_feed", "导入柜台数据")]
        indexes = [models.Index(fields=["-received_at"], name="batch_latest")]  # clients:batch_list

    def __str__(self) -> str:
        return self.label


class ImportFile(models.Model):
    """One file of a batch: it lands whole or not at all."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="files")
    name = models.CharField("文件", max_length=120)
    kind = models.CharField("内容", max_length=24)
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField("编码", max_length=12, blank=True)
    state = models.CharField("状态", max_length=10, choices=ImportBatch.State, default=ImportBatch.State.RECEIVED)
    rows = models.BigIntegerField("行数", default=0)
    inserted = models.BigIntegerField("新增", default=0)
    changed = models.BigIntegerField("更正", default=0)
    unchanged = models.BigIntegerField("未变", default=0)
    refused = models.BigIntegerField("隔离", default=0)
    first_day = models.DateField("最早日期", null=True)  # of its rows; null where rows have no day
    seconds = models.FloatField("耗时（秒）", default=0)
    error = models.TextField("错误", blank=True)
    notes = models.JSONField("提示", default=list)  # Chinese sentences: what was ignored, left out or counted once

    class Meta:
        verbose_name = "导入文件"
        constraints = [models.UniqueConstraint(fields=["batch", "name"], name="file_once_per_batch")]

    def __str__(self) -> str:
        return self.name


class QuarantineRow(models.Model):
    """One refused row, kept with the reason; personal values are cut from `raw`."""

    file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="quarantine")
    line = models.BigIntegerField("行号")  # 1 is the header
    column = models.CharField("列", max_length=40, blank=True)
    value = models.CharField("值", max_length=200, blank=True)
    code = models.CharField("原因代码", max_length=32)
    reason = models.CharField("原因", max_length=200)
    raw = models.TextField("原始行", blank=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")

    objects = BranchRows.as_manager()

    class Meta:
        verbose_name = "隔离行"
        indexes = [models.Index(fields=["file", "line"], name="quarantine_in_order")]  # clients:batch_detail

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"


class FactChange(models.Model):
    """One value that a corrected delivery changed."""

    file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="changes")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    key = models.CharField("记录", max_length=80)
    day = models.DateField("日期", null=True)  # a change before the window's day makes the night rebuild it
    before = models.JSONField("原值")
    after = models.JSONField("新值")

    objects = BranchRows.as_manager()

    class Meta:
        verbose_name = "更正"
        indexes = [models.Index(fields=["file", "key"], name="change_in_order")]  # clients:batch_detail

    def __str__(self) -> str:
        return self.key

    @property
    def told(self) -> list[tuple[str, str | None, str | None]]:
        """The changed columns in words: (what, before, after)."""
        return [(name, self.before.get(name), self.after.get(name)) for name in self.after]
