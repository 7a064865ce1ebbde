"""A member has each part in a practice once.

Rows that a form stored twice are removed, in the table and in the versions: they say the same.
"""

from typing import Any

from django.db import migrations, models


def remove_doubles(apps: Any, schema_editor: Any) -> None:
    seen = set()
    PracticeMember = apps.get_model('network', 'PracticeMember')
    for row in PracticeMember.objects.order_by('pk'):
        if (key := (row.practice_id, row.member_id, row.part)) in seen:
            row.delete()
        seen.add(key)
    versions = apps.get_model('wagtailcore', 'Revision').objects.filter(
        content_type__app_label='network', content_type__model='practice'
    )
    for version in versions.iterator():
        people = version.content.get('people', [])
        first = {(row.get('member'), row.get('part')): row for row in reversed(people)}
        kept = [row for row in people if first[row.get('member'), row.get('part')] is row]
        if len(kept) < len(people):
            version.content['people'] = kept
            version.save(update_fields=['content'])


class Migration(migrations.Migration):

    dependencies = [
        ('network', '0002_size_of_effect'),
    ]

    operations = [
        migrations.RunPython(remove_doubles, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='practicemember',
            constraint=models.UniqueConstraint(fields=('practice', 'member', 'part'), name='one_part_of_a_member_in_a_practice', violation_error_message='The same member is there twice. Remove one.'),
        ),
    ]
