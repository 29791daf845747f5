"""What service remembered of tiers goes to the standing."""

from django.db import migrations

KEEP = """
UPDATE clients_clientstanding s SET noticed_tier = x.seen_tier
FROM service_logs_servicestanding x WHERE x.client_id = s.client_id AND x.seen_tier <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0011_noticed_tier"), ("service_logs", "0008_failed_numbers")]

    operations = [
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="servicestanding", name="seen_tier"),
    ]
