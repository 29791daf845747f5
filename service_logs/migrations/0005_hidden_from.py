import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("service_logs", "0004_lighter_bulk")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="hidden_from",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), null=True, size=None, verbose_name="回避"
            ),
        )
        for name in ("signal", "task")
    ]
