"""An index of every part of a caller's name; its function needs no extension."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

PIECES = """
CREATE FUNCTION complaints_pieces(name text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT substr(lower(name), start, size))
    FROM generate_series(1, length(name)) start, generate_series(1, least(8, length(name) - start + 1)) size
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0003_extension_declined"),
    ]

    operations = [
        migrations.RunSQL(PIECES, "DROP FUNCTION complaints_pieces(text)"),
        migrations.AddIndex(
            model_name="complaint",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    models.F("caller_name"),
                    function="complaints_pieces",
                    output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
                ),
                fastupdate=False,  # few are written, and each is found at once
                name="complaint_caller",
            ),
        ),
    ]
