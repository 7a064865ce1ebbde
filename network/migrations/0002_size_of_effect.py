# Adds an optional column: no row changes.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('network', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='evidencereview',
            name='effect',
            field=models.CharField(blank=True, db_default='', max_length=80, verbose_name='Size of the effect'),
        ),
    ]
