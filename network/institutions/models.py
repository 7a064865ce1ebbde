"""Places of work, as named by the Research Organization Registry (ROR).

They are loaded from a dump, without requests to ROR.
"""

from collections.abc import Iterable
from typing import Self

import base32_lib
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.search.folding import beginning_with


def normal_ror(text: str) -> str:
    """Return a ROR ID as `https://ror.org/05gq02987`, from the bare ID or its URL.

    Raises ValidationError.

    The last two characters are a checksum (ISO 7064 MOD 97-10 over Crockford's base32).
    """
    import idutils

    text = text.strip()
    try:
        if not text.isascii() or not idutils.is_ror(text):
            raise ValueError
        bare = idutils.normalize_ror(text)
        base32_lib.decode(bare, checksum=True)
    except ValueError as wrong:
        raise ValidationError(
            gettext(
                "This is not a ROR ID. A ROR ID looks like https://ror.org/05gq02987. You can find yours at ror.org."
            ),
            code="ror",
        ) from wrong
    return f"https://ror.org/{bare}"


class InstitutionQuerySet(models.QuerySet["Institution"]):
    def active(self) -> Self:
        return self.filter(status="active")

    def matching(self, words: Iterable[str]) -> Self:
        """Return the institutions with every word, in any of their names or in their city.

        `words` are folded (`core.search.folding.words`).
        """
        found = self
        for word in words:
            query = SearchQuery(beginning_with(word), search_type="raw", config="simple")
            found = found.filter(words=query)
        return found

    def names_of(self, ror: str) -> dict[str, str]:
        """Return language code → name of an institution, or {} if the table does not have it.

        One query.
        """
        found: dict[str, str] | None = self.filter(ror=ror).values_list("names", flat=True).first()
        return found or {}


class Institution(models.Model):
    """An organisation of the Research Organization Registry (https://ror.org, CC0), as in the last loaded dump."""

    wagtail_reference_index_ignore = True

    class Status(models.TextChoices):
        """Status values of ROR."""

        ACTIVE = "active", _("active")
        INACTIVE = "inactive", _("no longer active")
        WITHDRAWN = "withdrawn", _("withdrawn")

    ror = models.CharField("ROR", max_length=40, unique=True)
    # ROR's display name, the same in every language.
    name = models.CharField(_("name"), max_length=300)
    # Language code → name in that language.
    names = models.JSONField(_("names by language"), default=dict)
    aliases = ArrayField(models.CharField(max_length=300), verbose_name=_("other names"), default=list)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.ACTIVE)
    # Ids of the successor organisations.
    successors = ArrayField(models.CharField(max_length=40), verbose_name=_("successors"), default=list)
    words = SearchVectorField(null=True, editable=False)

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")
        default_permissions = ("view",)
        indexes = [GinIndex(fields=["words"], name="institutions_by_word")]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        """Return its name in a language, or ROR's display name."""
        return self.names.get(language) or self.name
