# Adds whether the size of a sensitive page tells which page it is. Until they are rendered again, those of earlier
# releases do, so that no page promises otherwise.

from django.db import migrations, models


def mark_unpadded_pages(apps, schema_editor):
    rows = apps.get_model("prerender", "PrerenderedPath").objects
    rows.filter(path__regex=r"^/[^/]+/(help/|embed/[a-z]{2}/)", rendered_at__isnull=False).exclude(kind="moved").update(
        recognisable=True
    )


class Migration(migrations.Migration):

    dependencies = [
        ('prerender', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='prerenderedpath',
            name='recognisable',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(mark_unpadded_pages, migrations.RunPython.noop),
    ]
