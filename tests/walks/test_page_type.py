"""A newcomer adds a page type, as CONTRIBUTING.md says."""

import pytest

from config.settings.base import ROOT

PAGE = "from core.models import BasePage\n\n\nclass {name}(BasePage):\n    parent_page_types = {parents}\n"


class TestPageType:
    @pytest.mark.django_db
    def test_takes_five_files_and_is_then_shown_rendered_and_edited(self, house):
        migrations = sorted((ROOT / "campaigns" / "migrations").glob("[0-9]*.py"))
        house.follow("A new page type")

        assert house.changed() == {
            "campaigns/events/__init__.py",
            "campaigns/events/models.py",
            "campaigns/models/__init__.py",
            "campaigns/templates/campaigns/events_page.html",
            f"campaigns/migrations/{len(migrations) + 1:04}_events_page.py",
        }
        house.succeeds("manage.py", "check")
        house.succeeds("manage.py", "makemigrations", "--check", "--dry-run")
        shown = house.pytest("tests/test_page_types.py", "-k", "EventsPage", **house.database())
        assert "2 passed" in shown.stdout, shown.stdout

    def test_says_what_was_forgotten(self, house):
        """Four page types, each of which lacks one thing; none has a migration."""
        house.write(
            "campaigns/unlisted/models.py", PAGE.format(name="UnlistedPage", parents=["home.HomePage"])
        )
        house.write("network/models/bare.py", PAGE.format(name="BarePage", parents=["home.HomePage"]))
        house.write("network/models/nowhere.py", PAGE.format(name="NowherePage", parents=[]))
        listing = house.root / "network/models/__init__.py"
        listing.write_text(
            "from network.models.bare import BarePage\n"
            f"from network.models.nowhere import NowherePage\n{listing.read_text()}"
        )
        house.write("network/templates/network/nowhere_page.html", "")
        models = house.root / "site/home/models.py"
        models.write_text(
            f'{models.read_text()}\n\nclass NoticePage(BasePage):\n    parent_page_types = ["home.HomePage"]\n'
        )
        house.write("site/home/templates/home/notice_page.html", "")

        said = house.complaint("manage.py", "check")

        assert "(core.E016) Nothing imports campaigns.unlisted.models" in said
        assert "network.BarePage: (core.E014) Page type has no template." in said
        assert "network.NowherePage: (core.E015) Pages of this type cannot be created anywhere." in said
        assert "home.NoticePage: (users.E001) Only administrators may edit pages of this type." in said
        assert said.count("E0") == 4
        assert "BarePage" in house.complaint(
            "manage.py", "makemigrations", "--check", "--dry-run", "--skip-checks"
        )
