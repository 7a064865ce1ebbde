"""Abstract bases and choices of records with texts in several languages."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.languages import names
from core.languages.tree import fallbacks
from core.publishing import publication_checks

# The texts of one material are in left-to-right and right-to-left languages.
AUTO_DIRECTION = {"dir": "auto"}


def language_choices() -> list[tuple[str, str]]:
    """Return all languages in the settings: partners supply files in languages that are not public yet."""
    return [*settings.LANGUAGES]


def country_choices() -> list[tuple[str, str]]:
    return names.countries()


def one_for_each_language(record: str, *, name: str) -> models.UniqueConstraint:
    """Return the constraint that a record has one row of texts for each language."""
    return models.UniqueConstraint(
        fields=(record, "language"),
        name=name,
        violation_error_message=_("There are two texts in the same language. Remove one."),
    )


class InLanguage(models.Model):
    """Abstract base of per-language rows of a record."""

    language = models.CharField(_("language"), max_length=20, choices=language_choices)

    class Meta:
        abstract = True

    @property
    def autonym(self) -> str:
        """The name of the language in itself."""
        return settings.LANGUAGE_TABLE[self.language].autonym

    @property
    def direction(self) -> str:
        return settings.LANGUAGE_TABLE[self.language].direction


class WordsInLanguage(InLanguage):
    """Abstract base of the texts of a record in one language, public as soon as they are saved."""

    WORDS: tuple[str, ...] = ()
    # The source texts that these were translated from, by field; empty if unknown.
    made_from = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        publication_checks.ensure(self)

    def words(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.WORDS}

    @staticmethod
    def nearest[Words: WordsInLanguage](every: Iterable[Words], language: str) -> Words | None:
        """Return the texts in a language or else in its nearest fallback."""
        by_language = {words.language: words for words in every}
        order = [*fallbacks(language), *by_language]
        return next((by_language[code] for code in order if code in by_language), None)
