"""Codes of practices: their meanings, and their names in a language."""

from collections.abc import Mapping

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from network.vocabulary import models as categories
from network.vocabulary.details import CategoryGroup


class PreventionLevel(models.TextChoices):
    """Stage at which a practice intervenes."""

    PRIMARY = "primary", _("For everybody, before anything has happened")
    SECONDARY = "secondary", _("For people at risk, before anybody is harmed")
    TERTIARY = "tertiary", _("After harm, so that it does not happen again")


class DeliveryMode(models.TextChoices):
    """Way in which a practice reaches people."""

    ONE_TO_ONE = "one_to_one", _("One to one, face to face")
    GROUP = "group", _("In a group")
    PHONE = "phone", _("By phone")
    ONLINE = "online", _("Live online, by chat or video")
    SELF_GUIDED = "self_guided", _("Self-guided, online or on paper")
    CLASSROOM = "classroom", _("In a class or a course")
    MEDIA = "media", _("Through media and posters")


class Profession(models.TextChoices):
    """Profession of the people who deliver a practice."""

    PSYCHOLOGIST = "psychologist", _("Psychologists and psychotherapists")
    PHYSICIAN = "physician", _("Physicians")
    NURSE = "nurse", _("Nurses")
    SOCIAL_WORKER = "social_worker", _("Social workers")
    TEACHER = "teacher", _("Teachers and youth workers")
    PROBATION = "probation", _("Probation and prison staff")
    POLICE_OFFICER = "police_officer", _("Police officers")
    TRAINER = "trainer", _("Trainers of professionals")
    VOLUNTEER = "volunteer", _("Trained volunteers")
    COMMUNICATOR = "communicator", _("Communication specialists")


class PracticeOutcome(models.TextChoices):
    """Intended outcome of a practice.

    Evidence is rated separately for each.
    """

    OFFENDING = "offending", pgettext_lazy("outcome of a practice", "Fewer children are abused")
    ABUSE_MATERIAL = "abuse_material", pgettext_lazy("outcome of a practice", "Less use of abuse material")
    RISK = "risk", pgettext_lazy("outcome of a practice", "Less of what makes abuse more likely")
    HELP_SEEKING = "help_seeking", pgettext_lazy("outcome of a practice", "More people look for help")
    WELLBEING = "wellbeing", pgettext_lazy("outcome of a practice", "People are better and cope better")
    DISCLOSURE = "disclosure", pgettext_lazy("outcome of a practice", "Children tell someone earlier")
    SKILLS = "skills", pgettext_lazy("outcome of a practice", "Professionals know what to do")
    KNOWLEDGE = "knowledge", pgettext_lazy("outcome of a practice", "People know more about abuse")


class EvidenceRating(models.TextChoices):
    """Strength of the evidence that a practice changes one outcome.

    The last two are as visible as the first.
    """

    EFFECTIVE = "effective", pgettext_lazy("evidence", "Effective")
    PROMISING = "promising", pgettext_lazy("evidence", "Promising")
    PRUDENT = "prudent", pgettext_lazy("evidence", "Prudent")
    PIONEERING = "pioneering", pgettext_lazy("evidence", "Pioneering")
    NO_EFFECT = "no_effect", pgettext_lazy("evidence", "No effect")
    HARM = "harm", pgettext_lazy("evidence", "Harm")

    @property
    def meaning(self) -> str:
        """Return the meaning of the rating, for professionals."""
        return str(MEANINGS[self])

    @property
    def plainly(self) -> str:
        """Return the meaning of the rating, in a sentence in plain language."""
        return str(PLAIN_MEANINGS[self])


MEANINGS = {
    EvidenceRating.EFFECTIVE: _("Several sound studies with a comparison group agree that it works."),
    EvidenceRating.PROMISING: _("At least one sound study with a comparison group says that it works."),
    EvidenceRating.PRUDENT: _(
        "Well founded and used with care, with good results, but never compared with doing without it."
    ),
    EvidenceRating.PIONEERING: _("New, with a good reason to expect that it works. Too early to tell."),
    EvidenceRating.NO_EFFECT: _("Sound studies found no difference between those who had it and those who did not."),
    EvidenceRating.HARM: _("Sound studies found that it made things worse."),
}
PLAIN_MEANINGS = {
    EvidenceRating.EFFECTIVE: _("It works: several good studies agree."),
    EvidenceRating.PROMISING: _("It probably works: at least one good study says so."),
    EvidenceRating.PRUDENT: _("There are good reasons for it, but it has not been tested against doing without it."),
    EvidenceRating.PIONEERING: _("It is new. It is too early to say whether it works."),
    EvidenceRating.NO_EFFECT: _("It does not work: good studies found no difference."),
    EvidenceRating.HARM: _("It does harm: good studies found that it made things worse."),
}


class WouldAgain(models.TextChoices):
    """Answer of those who have used a practice to whether they would do so again."""

    YES = "yes", pgettext_lazy("would you do it again?", "Yes")
    WITH_CHANGES = "with_changes", pgettext_lazy("would you do it again?", "Yes, but differently")
    NO = "no", pgettext_lazy("would you do it again?", "No")


# Fields with codes of a practice: codes with a fixed meaning, and categories that members choose from as well.
CHOICES: Mapping[str, type[models.TextChoices]] = {
    "levels": PreventionLevel,
    "modes": DeliveryMode,
    "professions": Profession,
}
CATEGORIES: Mapping[str, CategoryGroup] = {
    "populations": CategoryGroup.POPULATION,
    "work_settings": CategoryGroup.SETTING,
    "methods": CategoryGroup.METHOD,
}
# In the order in which they are shown.
GROUPS = ("populations", "levels", "modes", "work_settings", "methods", "professions")


def all_named(language: str) -> dict[str, dict[str, str]]:
    """Return field → code → name in a language: choices in their own order, categories sorted by name.

    One query.
    """
    vocabulary = categories.vocabulary(language)
    with translation.override(language):
        chosen = {group: {choice.value: str(choice.label) for choice in choices} for group, choices in CHOICES.items()}
    return chosen | {group: vocabulary.names[category] for group, category in CATEGORIES.items()}


def named(group: str, language: str) -> dict[str, str]:
    """Return code → name of the codes of a field in a language.

    Raises KeyError for an unknown one.
    """
    return all_named(language)[group]
