"""Indexes of what is rare in a long service log."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("service_logs", "0010_found_by_branch"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["branch", "result", "-at", "-id"], name="contact_by_result"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("undone_at", None), models.Q(("need", ""), _negated=True)),
                fields=["branch", "-at", "-id"],
                name="contact_with_need",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("undone_at", None), models.Q(("promise", ""), _negated=True)),
                fields=["branch", "-at", "-id"],
                name="contact_promising",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("corrected_at__isnull", False)),
                fields=["branch", "-at", "-id"],
                name="contact_corrected",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("undone_at__isnull", False)), fields=["branch", "-at", "-id"], name="contact_undone"
            ),
        ),
    ]
