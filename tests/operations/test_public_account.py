"""The public site's database account, as the operators' guide creates it, serves visitors and reads no secrets."""

import re
from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from home.models import HomePage
from tests.factories.core import StandardPageFactory
from tests.support.named import code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("search_index")]

_BEFORE, _HEADING, SECTION = code("docs/operators/first-steps.md").partition(
    "## A database account for the public site"
)
STATEMENTS = SECTION.partition("```sql")[2].partition("```")[0]
SECRET = re.findall(r"\w+_?\w+", STATEMENTS.partition("REVOKE SELECT ON")[2].partition("FROM")[0])


@pytest.fixture
def only_reading(home: HomePage) -> Iterator[None]:
    StandardPageFactory(parent=home, title="About us")
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS)
        cursor.execute("SET ROLE waymark_public")
        yield
        cursor.execute("RESET ROLE")


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return "permission denied" in str(error)
    return False


def test_answers_visitors(public: Client, only_reading):
    found = public.get("/en/search/?q=about").content.decode()

    assert "About us" in found
    assert public.get("/hsds/en/services?page=2").status_code == 200


def test_reads_nothing_that_opens_anything_and_writes_nothing(only_reading):
    assert len(SECRET) > 10
    assert [table for table in SECRET if not refused(f"SELECT 1 FROM {table}")] == []  # noqa: S608
    assert refused("UPDATE wagtailcore_page SET title = 'x'")
    assert refused("DELETE FROM helpline_supportline")
