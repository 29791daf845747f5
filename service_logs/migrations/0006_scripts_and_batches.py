import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0003_service_keys"),
        ("service_logs", "0005_hidden_from"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Script",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, verbose_name="编号")),
                (
                    "scene",
                    models.CharField(
                        choices=[
                            ("mot", "MOT 事件"),
                            ("retention", "挽留"),
                            ("complaint", "投诉"),
                            ("visit", "回访"),
                            ("stage", "投顾四阶段"),
                        ],
                        max_length=10,
                        verbose_name="场景",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("statistics", "统计服务"),
                            ("recognition", "认知服务"),
                            ("trust", "信任服务"),
                            ("sales", "销售服务"),
                        ],
                        max_length=12,
                        verbose_name="阶段",
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="标题")),
                ("text", models.TextField(max_length=2000, verbose_name="话术")),
                ("questions", models.TextField(blank=True, max_length=1000, verbose_name="关键问题")),
                ("avoid", models.TextField(blank=True, max_length=1000, verbose_name="不可说")),
                ("version", models.PositiveSmallIntegerField(default=1, verbose_name="版本")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "待审核"), ("approved", "在用"), ("retired", "停用")],
                        default="draft",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("approved_at", models.DateTimeField(null=True, verbose_name="审核")),
                ("written_at", models.DateTimeField(auto_now=True, verbose_name="编写")),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="office.branch"
                    ),
                ),
            ],
            options={
                "verbose_name": "话术",
                "permissions": [("approve_script", "审核与停用话术")],
            },
        ),
        migrations.AddField(
            model_name="contact",
            name="script",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="service_logs.script",
                verbose_name="话术",
            ),
        ),
        migrations.CreateModel(
            name="TaskBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.UUIDField(unique=True)),
                ("title", models.CharField(max_length=80, verbose_name="事项")),
                ("due_on", models.DateField(verbose_name="时限")),
                ("query", models.CharField(blank=True, max_length=1000, verbose_name="条件")),
                ("made_count", models.PositiveIntegerField(default=0, verbose_name="任务（件）")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="建立")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回")),
                ("withdrawn_count", models.PositiveIntegerField(default=0, verbose_name="撤回（件）")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="office.branch"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "批量任务",
            },
        ),
        migrations.AddConstraint(
            model_name="script",
            constraint=models.UniqueConstraint(
                fields=("branch", "key", "version"), name="script_version_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="script",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("branch", "key"),
                name="script_one_draft",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="script",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "approved")),
                fields=("branch", "key"),
                name="script_one_in_force",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="script",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None), models.Q(("approved_by", models.F("author")), _negated=True), _connector="OR"
                ),
                name="script_approved_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="taskbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("withdrawn_at", None), ("withdrawn_by__isnull", False), _connector="OR"),
                name="batch_withdrawn_by_somebody",
            ),
        ),
    ]
