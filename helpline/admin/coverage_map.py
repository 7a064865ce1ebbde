"""The coverage map in the admin: where and when no service answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from core.admin.views import AdminView
from core.languages import names, tree
from helpline.finder import queries
from helpline.finder.content.coverage.answers import Coverage, week_of
from helpline.finder.content.coverage.coverage_map import WORRIED, CoverageMap, group_names
from helpline.vocabulary import codes


def may_see(user: AbstractUser | AnonymousUser) -> bool:
    """Return whether the user may view or change programmes."""
    return bool(user.has_perm("helpline.view_programme") or user.has_perm("helpline.change_programme"))


@dataclass(frozen=True, slots=True)
class LanguageCoverage:
    """A public language, with the number of countries of the map that have each grade in it."""

    code: str
    name: str
    countries: list[int]

    @classmethod
    def of_language(cls, found: dict[str, Coverage], code: str, group: str) -> LanguageCoverage:
        legend = CoverageMap.of(found, code, group).legend
        return cls(code, names.language_name(code), [number for _grade, number in legend])


class CoverageMapView(AdminView, TemplateView):
    """Show where and when no service answers, by country, language and group.

    The map covers the languages of each country or any one language.
    A table compares the languages of the site.
    """

    template_name = "helpline/admin/coverage_map.html"
    page_title = _("Coverage map")
    header_icon = "globe"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return may_see(user)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        choices, groups = language_choices(), group_names()
        asked = self.request.GET.get("language", "")
        language = asked if asked in choices else ""
        group = self.request.GET.get("people", "")
        group = group if group in groups else WORRIED
        today = timezone.localdate()
        found = queries.coverage_of_week(today=today)
        return super().get_context_data(
            map=CoverageMap.of(found, language, group),
            week=week_of(today),
            language=language,
            choices=choices.items(),
            unknown=asked if asked not in {"", *choices} else "",
            group=group,
            groups=groups.items(),
            spoken=[LanguageCoverage.of_language(found, code, group) for code in tree.public_codes()],
            **kwargs,
        )


def language_choices() -> dict[str, str]:
    """Return code → name of the languages of the site and those that listings can answer in, sorted by name."""
    known = {code: names.language_name(code) for code in [*settings.LANGUAGE_TABLE, *codes.LANGUAGES]}
    return dict(sorted(known.items(), key=lambda pair: names.sort_key(pair[1])))
