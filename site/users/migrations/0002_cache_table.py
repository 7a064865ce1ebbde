from django.core.management import call_command
from django.db import migrations


def make_cache_table(apps, schema_editor):
    """Create the cache table, where sign-in attempts are counted across all processes."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial")]
    operations = [migrations.RunPython(make_cache_table, migrations.RunPython.noop, elidable=False)]
