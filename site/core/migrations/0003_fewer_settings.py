from django.db import migrations


class Migration(migrations.Migration):
    """The app that they are for has settings of its own, and copies them before."""

    dependencies = [("core", "0002_settings_shows_coverage")]

    operations = [
        migrations.RemoveField(model_name="sitesettings", name="corrections_email"),
        migrations.RemoveField(model_name="sitesettings", name="shows_coverage"),
    ]
