from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_exit_addresses'),
    ]

    operations = [
        # Its value is now a row of ExitAddress.
        migrations.RemoveField(
            model_name='sitesettings',
            name='exit_url',
        ),
    ]
