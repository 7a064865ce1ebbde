"""`manage.py set_up` turns an empty database into a site; the container waits for it before it answers any request."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from prerender.store.files import FileStore

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_api")]


def set_up() -> str:
    out = StringIO()
    call_command("set_up", stdout=out, verbosity=0)
    return out.getvalue()


class TestSetUp:
    def test_ends_well_on_an_empty_database_where_the_finder_has_to_wait_and_can_be_run_again(self):
        said = set_up()

        assert "The site is ready." in said
        before = FileStore().file("/en/").read_bytes()
        assert not FileStore().file("/en/help/").exists()

        set_up()

        assert FileStore().file("/en/").read_bytes() == before

    def test_fails_where_the_site_could_not_be_rendered(self, monkeypatch):
        def fail(*args, **options):
            raise CommandError("Another process is rendering, and will render this too.", returncode=2)

        monkeypatch.setattr("prerender.management.commands.prerender.Command.handle", fail)

        with pytest.raises(CommandError) as failure:
            set_up()

        assert failure.value.returncode == 2
