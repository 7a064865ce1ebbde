from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0004_outgoing_mail")]

    operations = [migrations.RenameModel(old_name="File", new_name="UploadedDocument")]
