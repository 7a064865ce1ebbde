from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("press", "0001_initial")]

    operations = [migrations.RenameModel(old_name="Change", new_name="PendingChange")]
