from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0008_opened_by_hand"),
    ]

    operations = [
        migrations.AddField(
            model_name="retentioncase",
            name="concern",
            field=models.CharField(blank=True, max_length=200, verbose_name="开案缘由"),
        ),
    ]
