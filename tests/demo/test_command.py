"""`make demo` refuses a demonstration with the tables of another version."""

import pytest
from django.core.management import CommandError
from django.db import connection

from demo.management.commands.demo import Command

pytestmark = pytest.mark.django_db


class TestTables:
    def test_of_this_version_are_used(self):
        Command().require_tables()

    def test_of_another_version_are_refused_with_the_way_to_load_it_again(self, settings):
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE operations_backupoutcome")

        with pytest.raises(CommandError) as refusal:
            Command().require_tables()

        assert "without operations_backupoutcome" in str(refusal.value)
        assert f"delete {settings.VAR} " in str(refusal.value)
