"""The only table of the details of a member, the audiences of details, and the groups of categories."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CategoryGroup(models.TextChoices):
    """The groups of categories (`network.vocabulary.models`).

    Each is a facet of the directory, too.
    """

    ROLE = "role", pgettext_lazy("of a member: researcher, practitioner …", "Role")
    FIELD = "field", _("Fields of work")
    SETTING = "setting", pgettext_lazy("heading: where the work is done", "Where")
    METHOD = "method", _("Methods")
    POPULATION = "population", _("Groups of people")


class Detail(models.TextChoices):
    """The details that a member may show to the public or keep private, one by one."""

    NAME = "name", _("Name")
    ROLES = "roles", pgettext_lazy("of a member: researcher, practitioner …", "Role")
    AFFILIATION = "affiliation", _("Place of work")
    COUNTRY = "country", _("Country")
    LANGUAGES = "languages", _("Languages")
    EXPERTISE = "expertise", _("Fields of work")
    WORK_SETTINGS = "work_settings", pgettext_lazy("heading: where the work is done", "Where")
    METHODS = "methods", _("Methods")
    POPULATIONS = "populations", _("Groups of people")
    ABOUT = "about", _("About")
    OFFERS = "offers", _("Offers")
    NEEDS = "needs", _("Needs")
    PUBLICATIONS = "publications", _("Publications")
    ORCID = "orcid", "ORCID"


class DetailAudience(models.TextChoices):
    """Audience of a detail of a member, from the widest to the narrowest.

    A detail is also visible to the audiences after its own.
    """

    EVERYBODY = "everybody", pgettext_lazy("who sees a detail of a member", "everybody")
    MEMBERS = "members", pgettext_lazy("who sees a detail of a member", "members")
    TEAM = "team", pgettext_lazy("who sees a detail of a member", "only you and the network's team")


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailRule:
    """Properties of one detail, the same for all members."""

    detail: Detail
    # Its audience until the member chooses one.
    default: DetailAudience = DetailAudience.TEAM
    # Whether it is a profile text, which has a language.
    is_text: bool = False
    # Its group among the facets.
    # Their codes are categories, countries or languages; for a text, only whether there is one.
    facet: str = ""

    @property
    def has_categories(self) -> bool:
        return self.facet in CategoryGroup.values


# Facet code of a text that is not empty.
GIVEN = "yes"
# Every representation of a member is made from this table, in this order.
DETAILS = (
    DetailRule(detail=Detail.NAME, is_text=True),
    DetailRule(detail=Detail.ROLES, facet="role"),
    DetailRule(detail=Detail.AFFILIATION, is_text=True),
    DetailRule(detail=Detail.COUNTRY, facet="country"),
    DetailRule(detail=Detail.LANGUAGES, facet="language"),
    DetailRule(detail=Detail.EXPERTISE, facet="field"),
    DetailRule(detail=Detail.WORK_SETTINGS, facet="setting"),
    DetailRule(detail=Detail.METHODS, facet="method"),
    DetailRule(detail=Detail.POPULATIONS, facet="population"),
    DetailRule(detail=Detail.ABOUT, is_text=True),
    DetailRule(detail=Detail.OFFERS, is_text=True, facet="offers"),
    DetailRule(detail=Detail.NEEDS, is_text=True, facet="needs"),
    DetailRule(detail=Detail.PUBLICATIONS),
    DetailRule(detail=Detail.ORCID),
)
