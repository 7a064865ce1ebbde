"""A newcomer adds a page type, as CONTRIBUTING.md says."""

import pytest

from config.settings.base import ROOT

PAGE = "from core.models import BasePage\n\n\nclass {name}(BasePage):\n    parent_page_types = {parents}\n"


class TestPageType:
    @pytest.mark.django_db
    def test_takes_five_files_and_is_then_shown_rendered_and_edited(self, project_copy):
        migrations = sorted((ROOT / "campaigns" / "migrations").glob("[0-9]*.py"))
        project_copy.follow("A new page type")

        assert project_copy.changed() == {
            "campaigns/events/__init__.py",
            "campaigns/events/models.py",
            "campaigns/models/__init__.py",
            "campaigns/templates/campaigns/events_page.html",
            f"campaigns/migrations/{len(migrations) + 1:04}_events_page.py",
        }
        project_copy.succeeds("manage.py", "check")
        project_copy.succeeds("manage.py", "makemigrations", "--check", "--dry-run")
        shown = project_copy.pytest("tests/test_page_types.py", "-k", "EventsPage", **project_copy.database())
        assert "2 passed" in shown.stdout, shown.stdout

    def test_names_the_missing_step(self, project_copy):
        """Four page types, each of which lacks one thing; none has a migration."""
        project_copy.write("campaigns/unlisted/models.py", PAGE.format(name="UnlistedPage", parents=["home.HomePage"]))
        project_copy.write("network/models/bare.py", PAGE.format(name="BarePage", parents=["home.HomePage"]))
        project_copy.write("network/models/nowhere.py", PAGE.format(name="NowherePage", parents=[]))
        listing = project_copy.root / "network/models/__init__.py"
        listing.write_text(
            "from network.models.bare import BarePage\n"
            f"from network.models.nowhere import NowherePage\n{listing.read_text()}"
        )
        project_copy.write("network/templates/network/nowhere_page.html", "")
        models = project_copy.root / "site/home/models.py"
        models.write_text(
            f'{models.read_text()}\n\nclass NoticePage(BasePage):\n    parent_page_types = ["home.HomePage"]\n'
        )
        project_copy.write("site/home/templates/home/notice_page.html", "")

        said = project_copy.complaint("manage.py", "check")

        assert "(core.E016) Nothing imports campaigns.unlisted.models" in said
        assert "network.BarePage: (core.E014) Page type has no template." in said
        assert "network.NowherePage: (core.E015) Pages of this type cannot be created anywhere." in said
        assert "home.NoticePage: (users.E001) Only administrators may edit pages of this type." in said
        assert said.count("E0") == 4
        assert "BarePage" in project_copy.complaint(
            "manage.py", "makemigrations", "--check", "--dry-run", "--skip-checks"
        )
