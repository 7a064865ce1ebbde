"""The quick exit leads to an address of a list that two people maintain.

The list starts with Wikipedia, and with the addresses to which the sites lead now.
`0003_remove_exit_url` removes the column: PostgreSQL does not alter a table in the transaction that changed its rows.
"""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

DEFAULT_EXIT = 'https://www.wikipedia.org/'


def keep(apps, schema_editor):
    addresses = apps.get_model('core', 'ExitAddress').objects
    for url in {DEFAULT_EXIT, *apps.get_model('core', 'SiteSettings').objects.values_list('exit_url', flat=True)}:
        address = addresses.create(url=url, approved_at=timezone.now())
        apps.get_model('core', 'SiteSettings').objects.filter(exit_url=url).update(exit=address)


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ExitAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.URLField(help_text='A neutral page that needs no explanation: news, weather, an encyclopedia. Not a personalised page.', unique=True, validators=[django.core.validators.URLValidator(schemes=('https',))], verbose_name='address')),
                ('approved_at', models.DateTimeField(editable=False, null=True, verbose_name='approved at')),
                ('approved_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('proposed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
            ],
            options={
                'verbose_name': 'exit address',
                'verbose_name_plural': 'exit addresses',
                'ordering': ('url',),
                'constraints': [models.CheckConstraint(condition=models.Q(('approved_by', models.F('proposed_by')), _negated=True), name='exit_addresses_take_two_people')],
            },
        ),
        migrations.AddField(
            model_name='sitesettings',
            name='exit',
            field=models.ForeignKey(blank=True, help_text='An approved address of the list “Exit addresses” in the settings. Without a choice, it leads to Wikipedia.', limit_choices_to={'approved_at__isnull': False}, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.exitaddress', verbose_name='quick exit leads to'),
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
