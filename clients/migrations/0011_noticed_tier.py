"""The tier that signals saw last stands beside the tier itself, so that the night compares them without a join."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0010_papers_by_index")]

    operations = [
        migrations.AddField(
            model_name="clientstanding",
            name="noticed_tier",
            field=models.CharField(
                choices=[("general", "普通"), ("silver", "银卡"), ("gold", "金卡"), ("platinum", "白金"), ("diamond", "钻石")],
                default="",
                max_length=10,
            ),
        ),
    ]
