import django.db.models.deletion
from django.db import migrations, models


def copy_from_site_settings(apps, schema_editor):
    ours = apps.get_model("helpline", "HelplineSettings")
    for row in apps.get_model("core", "SiteSettings").objects.all():
        ours.objects.create(
            site_id=row.site_id, corrections_email=row.corrections_email, shows_coverage=row.shows_coverage
        )


def copy_back(apps, schema_editor):
    settings = apps.get_model("core", "SiteSettings").objects
    for row in apps.get_model("helpline", "HelplineSettings").objects.all():
        settings.filter(site_id=row.site_id).update(
            corrections_email=row.corrections_email, shows_coverage=row.shows_coverage
        )


class Migration(migrations.Migration):
    dependencies = [
        ("helpline", "0011_identifiers_alike"),
        ("wagtailcore", "0098_apitoken"),
        ("core", "0002_settings_shows_coverage"),
    ]
    # Which takes away what is copied here.
    run_before = [("core", "0003_fewer_settings")]

    operations = [
        migrations.CreateModel(
            name="HelplineSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("corrections_email", models.EmailField(blank=True, help_text="Where people report a wrong number. Shown on the contact page.", max_length=254, verbose_name="address for corrections")),
                ("shows_coverage", models.BooleanField(default=False, help_text="A map and a table in every language, below the finder. They also show where nobody answers yet.", verbose_name="show the public where and when somebody answers")),
                ("site", models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, to="wagtailcore.site")),
            ],
            options={"verbose_name": "helpline settings"},
        ),
        migrations.RunPython(copy_from_site_settings, copy_back),
    ]
