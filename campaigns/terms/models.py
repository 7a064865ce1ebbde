"""Terminology: words to use and to avoid, and exceptions allowed for a reason."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import TextInput
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput

from campaigns.languages import AUTO_DIRECTION, language_choices
from core.outgoing.internet import FetchProblem

# Minimum number of letters before `*`, so that it does not match half the dictionary.
SHORTEST_BEGINNING = 3


class TermQuerySet(models.QuerySet["Term"]):
    def looked_for(self, language: str) -> TermQuerySet:
        """Return the terms that the checker looks for in texts of a language."""
        return self.filter(language=language).exclude(level=Term.Level.USE).exclude(forms="")

    def unconfirmed(self) -> TermQuerySet:
        """Return the terms to avoid that hold up nothing before a native reader has confirmed them."""
        return self.filter(level=Term.Level.AVOID, confidence=Term.Confidence.NONE, confirmed_at=None)


class Term(models.Model):
    """An expression in one language, with every form that it is written in."""

    class Level(models.TextChoices):
        USE = "use", _("use")
        CAUTION = "caution", _("with caution")
        AVOID = "avoid", _("avoid")
        # The name of a law, a film or an organisation. The longest expression wins, so it protects the words in it.
        ALLOW = "allow", _("may stay: a name or a title")

    class Confidence(models.TextChoices):
        HIGH = "high", _("high: a page of the field or a law says so")
        MEDIUM = "medium", _("medium: a third party, or two sources that agree")
        LOW = "low", _("low: one source, or general knowledge")
        # Of starter data: words to avoid hold up nothing until they are confirmed.
        NONE = "none", _("none: a native reader confirms it first")

    # Key of the term in tables.
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    language = models.CharField(_("language"), max_length=20, choices=language_choices)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    word = models.CharField(
        _("term"),
        max_length=300,
        blank=True,
        help_text=_("Empty if it is not known how this is said in the language."),
    )
    forms = models.TextField(
        _("written-out forms"),
        blank=True,
        help_text=_(
            "One on each line, in every case and number. An asterisk at the end stands for any ending: pornograph*. "
            "Capital letters, accents and hyphens make no difference; in Arabic, neither do the article and what is "
            "written onto a word."
        ),
    )
    instead = models.TextField(
        _("instead"), blank=True, help_text=_("What stands in its place. One on each line, the best first.")
    )
    why = models.TextField(_("why"), blank=True, help_text=_("Writers read it beside the word."))
    concept = models.CharField(
        _("what it means"),
        max_length=200,
        help_text=_("In English, and the same in every language: it connects the languages of a term."),
    )
    source_url = models.URLField(_("source"), max_length=500, blank=True)
    quote = models.TextField(_("quotation from the source"), blank=True)
    confidence = models.CharField(_("confidence"), max_length=10, choices=Confidence, default=Confidence.LOW)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmed by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = TermQuerySet.as_manager()

    panels = [
        FieldRowPanel([FieldPanel("language"), FieldPanel("level")]),
        FieldPanel("word", widget=TextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("forms", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("instead", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("why", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("concept"),
        MultiFieldPanel(
            [
                FieldPanel("source_url"),
                FieldPanel("quote", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
                FieldPanel("confidence"),
            ],
            heading=_("Where it comes from"),
        ),
    ]

    class Meta:
        ordering = ("language", "concept", "pk")
        verbose_name = _("term")
        verbose_name_plural = _("terms")

    def __str__(self) -> str:
        return self.word or self.concept

    def clean(self) -> None:
        super().clean()
        self.forms = "\n".join(lines(self.forms))
        self.instead = "\n".join(lines(self.instead))
        if self.level != self.Level.USE and not self.forms:
            raise ValidationError({"forms": gettext("Enter at least one form: it is what is looked for.")})
        for form in self.all_forms:
            beginning, star, rest = form.partition("*")
            if rest or (star and len(beginning.strip()) < SHORTEST_BEGINNING):
                raise ValidationError(
                    {
                        "forms": gettext("An asterisk stands at the end, after at least three letters: %(form)s")
                        % {"form": form}
                    }
                )
            if not any(letter.isalnum() for letter in form):
                raise ValidationError({"forms": gettext("This is not a word: %(form)s") % {"form": form}})
        if self.confirmed_at and not Term.objects.filter(pk=self.pk, forms=self.forms).exists():
            self.confirmed_by = self.confirmed_at = None  # other forms than those that were confirmed

    @property
    def holds(self) -> bool:
        """True if its words hold up a publication: a guess does not, before a native reader has confirmed it."""
        return self.level == self.Level.AVOID and not self.is_unconfirmed

    @property
    def is_unconfirmed(self) -> bool:
        is_guess = self.confidence == self.Confidence.NONE and self.confirmed_at is None
        return self.level == self.Level.AVOID and is_guess

    @property
    def all_forms(self) -> list[str]:
        return lines(self.forms)

    @property
    def synonyms(self) -> list[str]:
        """The synonyms, the preferred one first."""
        return [word.strip() for word in self.word.split(";") if word.strip()]

    @property
    def replacements(self) -> list[str]:
        """The possible replacements, the best first."""
        return lines(self.instead)


class AllowedException(models.Model):
    """A word to avoid that was published for a reason. A text that has changed since is checked again."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=255)
    thing = GenericForeignKey(for_concrete_model=False)
    title = models.CharField(_("where"), max_length=300)
    language = models.CharField(_("language"), max_length=20, choices=language_choices)
    term = models.ForeignKey(Term, verbose_name=_("term"), null=True, on_delete=models.SET_NULL, related_name="kept")
    found = models.CharField(_("word"), max_length=300)
    text = models.TextField(_("text"))
    # SHA-256 of the text around it, without markup.
    digest = models.CharField(max_length=64)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)

    # It refers to no published content.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = _("allowed exception")
        verbose_name_plural = _("allowed exceptions")
        indexes = [models.Index(fields=["content_type", "object_id"], name="exceptions_of_a_text")]

    def __str__(self) -> str:
        return f"{self.found} ({self.title})"


def lines(text: str) -> list[str]:
    """Return the lines of a text that are not empty, each once."""
    found: Iterable[str] = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(filter(None, found)))


# Number of failures in a row before a link is reported as dead: a website may be down for a day.
DEAD_AFTER = 2
# Problems that visitors have, too. Websites that reject programs may still respond to people.
DEAD = tuple(problem.value for problem in FetchProblem if problem.is_down)


class LinkedAddressQuerySet(models.QuerySet["LinkedAddress"]):
    def due(self, now: dt.datetime) -> Self:
        return self.filter(due_at__lte=now).order_by("due_at", "pk")

    def dead(self) -> Self:
        return self.filter(failures__gte=DEAD_AFTER, problem__in=DEAD)

    def with_urls(self, urls: Iterable[str]) -> Self:
        return self.filter(url__in=set(urls))


class LinkedAddress(models.Model):
    """A web address on public pages with the result of its last check. Written in `campaigns.terms.addresses` only."""

    url = models.CharField(_("web address"), max_length=2000, unique=True)
    # [{"page": primary key, "title": title}], at most a few.
    places = models.JSONField(_("linked from"), default=list, blank=True)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=20, choices=FetchProblem, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    due_at = models.DateTimeField(_("next check"), default=timezone.now, db_index=True)

    objects = LinkedAddressQuerySet.as_manager()

    # It refers to no published content.
    wagtail_reference_index_ignore = True

    if TYPE_CHECKING:
        get_problem_display: Any

    class Meta:
        verbose_name = _("linked web address")
        verbose_name_plural = _("linked web addresses")
        default_permissions = ()
        ordering = ("url",)

    def __str__(self) -> str:
        return self.url
