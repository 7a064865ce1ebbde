from django.db import migrations
from django.db.models import F, Func, Value


def rename_detail(apps, schema_editor, before="fields", after="expertise"):
    """What a member shows is a list of the names of details."""
    members = apps.get_model("network", "Member").objects.filter(shown__contains=[before])
    members.update(shown=Func(F("shown"), Value(before), Value(after), function="array_replace"))


def rename_back(apps, schema_editor):
    rename_detail(apps, schema_editor, before="expertise", after="fields")


class Migration(migrations.Migration):
    dependencies = [("network", "0001_initial")]

    operations = [
        migrations.RenameModel(old_name="Field", new_name="Expertise"),
        migrations.RenameField(model_name="member", old_name="fields", new_name="expertise"),
        migrations.RunPython(rename_detail, rename_back),
    ]
