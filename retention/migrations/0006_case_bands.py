"""A branch says from which band on the night opens a case."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0003_service_keys"),
        ("retention", "0005_other_account_consent"),
    ]

    operations = [
        migrations.AddField(
            model_name="retentionsetting",
            name="opens_from",
            field=models.SmallIntegerField(
                choices=[(2, "预警及以上"), (3, "仅警报")], default=3, verbose_name="夜间开案的风险"
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionsetting",
            constraint=models.CheckConstraint(
                condition=models.Q(("opens_from__in", (2, 3))), name="retention_opens_from_warning"
            ),
        ),
    ]
