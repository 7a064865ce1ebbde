"""A member has each part in a practice once: rows that a form stored twice are removed by the migration."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from network.models import PracticeMember
from tests.factories.network import MemberFactory, PracticeFactory

MIGRATION = import_module("network.migrations.0003_members_of_a_practice_once")


@pytest.mark.django_db
class TestMigration:
    def test_removes_doubles_from_the_table_and_the_versions(self, home):
        practice, (ines, jo) = PracticeFactory(), MemberFactory.create_batch(2)
        (constraint,) = PracticeMember._meta.constraints
        rows = [(ines, "runs"), (ines, "studies"), (jo, "runs"), (ines, "runs"), (ines, "runs")]
        connection.check_constraints()
        with connection.schema_editor() as editor:
            editor.remove_constraint(PracticeMember, constraint)
            for member, part in rows:
                PracticeMember.objects.create(practice=practice, member=member, part=part)
            version = practice.save_revision()
            connection.check_constraints()

            MIGRATION.remove_doubles(apps, editor)
            editor.add_constraint(PracticeMember, constraint)

        version.refresh_from_db()
        kept = [(row["member"], row["part"]) for row in version.content["people"]]
        assert sorted(kept) == sorted(practice.people.values_list("member", "part"))
        assert sorted(kept) == sorted((member.pk, part) for member, part in rows[:3])
        with pytest.raises(IntegrityError), transaction.atomic():
            PracticeMember.objects.create(practice=practice, member=ines, part="runs")
