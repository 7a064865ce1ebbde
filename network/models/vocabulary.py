"""Fixed vocabularies that members choose from, and the one table of their details. Codes are stored, labels are translated."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """What a member does in prevention."""

    RESEARCHER = "researcher", _("Researcher")
    PRACTITIONER = "practitioner", _("Practitioner")
    POLICY = "policy", _("Policy maker")


class WorkSetting(models.TextChoices):
    """Where the work is done."""

    COMMUNITY = "community", pgettext_lazy("where the work is done", "Community")
    HEALTH = "health", pgettext_lazy("where the work is done", "Health care")
    HELPLINE = "helpline", pgettext_lazy("where the work is done", "Helpline")
    EDUCATION = "education", pgettext_lazy("where the work is done", "School or education")
    CHILD_PROTECTION = "child_protection", pgettext_lazy("where the work is done", "Child protection")
    VICTIM_SUPPORT = "victim_support", pgettext_lazy("where the work is done", "Victim support")
    JUSTICE = "justice", pgettext_lazy("where the work is done", "Prison or probation")
    POLICE = "police", pgettext_lazy("where the work is done", "Police")
    ONLINE = "online", pgettext_lazy("where the work is done", "Online")
    UNIVERSITY = "university", pgettext_lazy("where the work is done", "University or institute")
    GOVERNMENT = "government", pgettext_lazy("where the work is done", "Ministry or authority")


class Method(models.TextChoices):
    """How a member works."""

    COUNSELLING = "counselling", _("Counselling")
    THERAPY = "therapy", _("Individual therapy")
    GROUP_WORK = "group_work", _("Group work")
    SELF_HELP = "self_help", _("Guided self-help")
    FAMILY_WORK = "family_work", _("Work with families")
    ASSESSMENT = "assessment", _("Risk and needs assessment")
    TRAINING = "training", _("Training of professionals")
    CAMPAIGNS = "campaigns", _("Campaigns and information")
    SURVEYS = "surveys", _("Surveys")
    INTERVIEWS = "interviews", _("Interviews and other qualitative research")
    TRIALS = "trials", _("Controlled trials")
    EVALUATION = "evaluation", _("Evaluation of programmes")
    REVIEWS = "reviews", _("Reviews of evidence")


class Population(models.TextChoices):
    """The people a member works with or studies."""

    ADULTS = "adults", _("Adults who worry about their own thoughts or behaviour")
    YOUNG_PEOPLE = "young_people", _("Young people who worry about their own thoughts or behaviour")
    CHILDREN = "children", _("Children who show harmful sexual behaviour")
    CONVICTED = "convicted", _("People who have been convicted")
    FAMILIES = "families", _("Families and partners")
    SURVIVORS = "survivors", _("People who were harmed")
    PROFESSIONALS = "professionals", _("Professionals")
    PUBLIC = "public", _("The general public")


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
    ORCID = "orcid", "ORCID"


class DetailAudience(models.TextChoices):
    """Who sees a detail of a member. Each audience sees what the one before it sees, and more."""

    EVERYBODY = "everybody", pgettext_lazy("who sees a detail of a member", "everybody")
    MEMBERS = "members", pgettext_lazy("who sees a detail of a member", "members")
    TEAM = "team", pgettext_lazy("who sees a detail of a member", "only you and the network's team")


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailRule:
    """What is true of one detail, whoever the member is."""

    detail: Detail
    # Who sees it until the member chooses.
    default: DetailAudience = DetailAudience.TEAM
    # Whether it is written in the member's own words, and so in a language.
    is_text: bool = False
    # Its group among the facets, if it is made of codes.
    facet: str = ""
    # What the codes mean, if they are of a fixed vocabulary.
    vocabulary: type[models.TextChoices] | None = None


# Every representation of a member is made from this table, in this order.
DETAILS = (
    DetailRule(detail=Detail.NAME, is_text=True),
    DetailRule(detail=Detail.ROLES, facet="role", vocabulary=Role),
    DetailRule(detail=Detail.AFFILIATION, is_text=True),
    DetailRule(detail=Detail.COUNTRY, facet="country"),
    DetailRule(detail=Detail.LANGUAGES, facet="language"),
    DetailRule(detail=Detail.EXPERTISE, facet="field"),
    DetailRule(detail=Detail.WORK_SETTINGS, facet="setting", vocabulary=WorkSetting),
    DetailRule(detail=Detail.METHODS, facet="method", vocabulary=Method),
    DetailRule(detail=Detail.POPULATIONS, facet="population", vocabulary=Population),
    DetailRule(detail=Detail.ABOUT, is_text=True),
    DetailRule(detail=Detail.OFFERS, is_text=True),
    DetailRule(detail=Detail.NEEDS, is_text=True),
    DetailRule(detail=Detail.ORCID),
)
