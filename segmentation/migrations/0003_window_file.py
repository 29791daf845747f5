from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('segmentation', '0002_value'),
    ]

    operations = [
        migrations.RenameField(model_name='windowstate', old_name='batch_id', new_name='file_id'),
    ]
