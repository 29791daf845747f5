"""An account elsewhere is noted with the client's consent, or known from our own transfers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("retention", "0004_cases")]

    operations = [
        migrations.AddField(
            model_name="otheraccount",
            name="is_agreed",
            field=models.BooleanField(default=False, verbose_name="客户同意登记"),
        ),
        migrations.AddConstraint(
            model_name="otheraccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", "transfer"), ("is_agreed", True), _connector="OR"),
                name="other_account_agreed",
            ),
        ),
    ]
