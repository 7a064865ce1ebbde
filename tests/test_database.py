"""The tests' own database: what a test finds in it does not depend on the tests before it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import transaction
from wagtail.models import Locale, Page, ReferenceIndex, Site

from campaigns.models import Activity, Partner
from tests.factories.campaigns import ActivityFactory, PartnerFactory
from tests.support.database import way_of_rendering
from tests.support.postgresql.creation import digests_of_migrations, goes_on_from
from tests.support.queries import queries

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper


class TestTemplate:
    @pytest.fixture
    def migrations(self, settings: SettingsWrapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The folder with the migrations of an app."""
        monkeypatch.syspath_prepend(tmp_path)
        package = tmp_path / "migrations_of_a_test"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "0001_initial.py").write_text("operations = []")
        settings.MIGRATION_MODULES = {"home": package.name}
        return package

    def test_is_another_one_when_a_migration_changes(self, migrations: Path):
        before = digests_of_migrations()

        (migrations / "0001_initial.py").write_text("operations = [1]")

        assert digests_of_migrations() != before
        assert not goes_on_from(digests_of_migrations(), before)

    def test_goes_on_from_an_earlier_one_when_a_migration_is_added(self, migrations: Path):
        before = digests_of_migrations()

        (migrations / "0002_more.py").write_text("operations = []")

        assert digests_of_migrations() != before
        assert goes_on_from(digests_of_migrations(), before)
        assert not goes_on_from(before, digests_of_migrations())

    def test_extends_no_template_without_digests(self):
        assert not goes_on_from(digests_of_migrations(), {})

    def test_is_the_same_while_none_does(self):
        assert digests_of_migrations() == digests_of_migrations()


@pytest.mark.django_db(transaction=True)
class TestFlush:
    def test_brings_back_what_the_migrations_made_and_nothing_else(self):
        Locale.objects.create(language_code="de")
        Page.objects.filter(depth=2).delete()
        Site.objects.all().delete()

        call_command("flush", interactive=False, reset_sequences=False, verbosity=0)

        assert [page.slug for page in Page.objects.order_by("path")] == ["root", "home"]
        assert Site.objects.count() == 1
        assert [locale.language_code for locale in Locale.objects.all()] == ["en"]


class TestRenderedFixture:
    def test_is_another_one_where_error_pages_are_in_other_languages(self, settings: SettingsWrapper):
        """Tests of prerendering render only English files; a test that reuses those would lack the other languages."""
        everywhere = way_of_rendering()

        settings.INTERFACE_LANGUAGES = ["en"]

        assert way_of_rendering() != everywhere


@pytest.mark.django_db
class TestReferences:
    """They are written when they are first read (tests/support/indexes.py)."""

    @pytest.fixture
    def partner(self) -> Partner:
        return PartnerFactory()

    @pytest.fixture
    def activity(self, partner: Partner) -> Activity:
        return ActivityFactory(partner=partner)

    def test_are_there_when_they_are_read(self, partner: Partner, activity: Activity):
        assert ReferenceIndex.get_references_to(partner).count() == 1

    def test_are_those_of_the_last_save(self, partner: Partner, activity: Activity):
        activity.partner = PartnerFactory()
        activity.save()

        assert not ReferenceIndex.get_references_to(partner).exists()

    def test_are_gone_with_what_referred(self, partner: Partner, activity: Activity):
        activity.delete()

        assert not ReferenceIndex.get_references_to(partner).exists()

    def test_that_a_savepoint_took_back_are_written_again(self, partner: Partner, activity: Activity):
        with transaction.atomic():
            assert ReferenceIndex.get_references_to(partner).exists()
            transaction.set_rollback(True)

        assert ReferenceIndex.get_references_to(partner).exists()

    def test_are_written_unseen_by_who_counts_queries(self, partner: Partner, activity: Activity):
        ContentType.objects.get_for_model(partner)  # queried once in a process

        assert queries(lambda: ReferenceIndex.get_references_to(partner).exists()) == 1
