"""The operators' guides on data and incidents are complete: every table, the code's deadlines, the buttons."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import EmailField
from django.utils.module_loading import import_string

from config.settings.base import ROOT
from network.models import Member

# Our apps, as they are installed on a real site.
OURS = {
    "campaigns", "core", "analytics", "helpline", "home", "network", "operations", "prerender", "translating", "users",
}  # fmt: skip
# Labels that users press in an incident, or that members press to use their rights.
LABELS = {
    "incidents.md": (
        "Immediately: confirm, warn, close, hide", "Close the report", "Compare and decide",
        "Delete everything about this member", "Hide", "Hide it from the public", "Hide the member",
        "Laws of countries", "List me again", "Mark it as closed", "May sign in", "Pause my profile",
        "Public pages", "Promoted in search", "Release", "Remove the passkeys", "Report", "Reported conversations",
        "Revoke", "Set an alert", "Support lines", "Take it off the list", "Unpublish", "To check", "Undelivered mail",
        "Who changed what",
    ),
    "data-protection.md": (
        "Close the report", "Delete everything about this member", "Delete your account and keep your profile",
        "Download everything we hold about you", "Hide", "Hide it from the public",
        "Leave the network and delete everything", "Let ORCID confirm my iD", "May sign in", "Pause my profile",
        "The same as a table (CSV)", "To check", "Who changed what",
        "Your data", "Your profile for an address book (vCard)",
    ),
}  # fmt: skip
# `*Reports → Mail*`, `**Hide**`; menus are joined by an arrow, or by a single quotation mark.
EMPHASIS = re.compile(r"(?<![*\w])\*{1,2}([^*\n]+)\*{1,2}(?![*\w])")
STEP = re.compile(r" [\u203a\u2192] ")
UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}


def page(name: str) -> str:
    return (ROOT / "docs/operators" / name).read_text()


def section(title: str) -> str:
    return page("data-protection.md").split(f"\n## {title}\n")[1].split("\n## ")[0]


def tables_in(title: str) -> list[str]:
    """Return the tables of our apps that a section names, as often as it does."""
    names = re.findall(r"`([a-z]+)\.([A-Z]\w+)`", section(title))
    return [f"{app}.{model}" for app, model in names if app in OURS]


def deadlines() -> list[tuple[str, timedelta]]:
    """Return the rows of the table of deadlines that have a length and a place in the code."""
    rows = re.findall(
        r"^\|[^|]+\|[^|]*?(\d+) (day|hour|minute)s?\b[^|]*\| `([\w.]+)` \|$",
        section("Retention periods"),
        re.MULTILINE,
    )
    return [(path, int(number) * UNITS[unit]) for number, unit, path in rows]


def headings_of(text: str) -> set[str]:
    """Return the fragments by which the headings of a page are linked, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


class TestTables:
    def test_are_each_named_once(self):
        there = {model._meta.label for model in apps.get_models() if model._meta.app_label in OURS}
        named = tables_in("Records of processing activities") + tables_in("Tables without personal data")

        assert set(named) == there
        assert sorted(named) == sorted(set(named))

    def test_that_lead_to_a_person_are_in_the_records(self):
        people = {get_user_model(), Member}
        lead = {
            model._meta.label
            for model in apps.get_models()
            if model._meta.app_label in OURS
            for field in model._meta.local_fields
            if isinstance(field, EmailField) or field.related_model in people
        }

        assert lead & set(tables_in("Tables without personal data")) == set()
        assert "network.Message" in lead


class TestDeadlines:
    def test_are_those_of_the_code(self):
        stated = deadlines()

        def in_code(path: str) -> timedelta:
            try:
                value = import_string(path)
            except ImportError:  # a key of a setting
                name, _, key = path.rpartition(".")
                value = import_string(name)[key]
            return value if isinstance(value, timedelta) else timedelta(seconds=value)

        assert stated == [(path, in_code(path)) for path, _length in stated]

    def test_are_all_compared(self):
        """A row whose length cannot be parsed does not count as equal."""
        places = set(re.findall(r"\| `([\w.]+)` \|$", section("Retention periods"), re.MULTILINE))

        assert places == {path for path, _length in deadlines()}


@pytest.mark.parametrize("name", LABELS)
class TestPages:
    def test_name_buttons_as_they_are(self, name):
        catalogue = (ROOT / "locale/de/LC_MESSAGES/django.po").read_text()
        said = {part for text in EMPHASIS.findall(page(name)) for part in STEP.split(text)}

        assert set(LABELS[name]) - said == set()
        assert {label for label in LABELS[name] if f'\nmsgid "{label}"\n' not in catalogue} == set()

    def test_link_to_headings_that_are_there(self, name):
        folder = ROOT / "docs/operators"
        broken = []
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page(name)):
            file, _hash, heading = target.partition("#")
            there = folder / (file or name)
            if not there.exists() or (heading and heading not in headings_of(there.read_text())):
                broken.append(target)

        assert broken == []
