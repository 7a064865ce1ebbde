"""The law of a country on secrecy and reporting: facts as codes, and plain words for each language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail_localize.fields import SynchronizedField, TranslatableField

from core.languages import names
from helpline.records.fields import AuthoritiesField
from helpline.records.listings import Listing, is_web_address
from helpline.records.querysets import CountryLawQuerySet, TextQuerySet
from helpline.records.texts import ApprovedText
from helpline.vocabulary.codes import (
    Authority,
    DutyTrigger,
    LawPart,
    ReportingDuty,
    SecrecyRule,
    Status,
    YesNo,
    duty_in_words,
)


class CountryLaw(Listing):  # type: ignore[django-manager-missing]  # wagtail is not typed
    """Law of a country, or of a part of it, on duties to report and on professional secrecy.

    It answers what a listing does not state, always under the name of the country.
    It promises nothing about any service.
    """

    country = models.CharField(_("country"), max_length=2, choices=names.countries)
    part = models.CharField(
        _("part of the country"),
        max_length=10,
        blank=True,
        choices=LawPart,
        help_text=_("If the law differs within the country. Leave it empty for the law of the whole country."),
    )
    who_must_report = models.CharField(
        _("who must report"),
        max_length=20,
        choices=ReportingDuty,
        default=ReportingDuty.UNKNOWN,
        help_text=_("If you are not sure, the stricter one. “May” is not “must”."),
    )
    trigger = models.CharField(
        _("what must be reported"),
        max_length=20,
        choices=DutyTrigger,
        default=DutyTrigger.UNKNOWN,
        help_text=_("If there is no general duty to report: what people may report."),
    )
    secrecy = models.CharField(
        _("professional secrecy"), max_length=20, choices=SecrecyRule, default=SecrecyRule.UNKNOWN
    )
    to_whom = AuthoritiesField(_("to whom"))
    law = models.CharField(
        _("law"),
        max_length=300,
        blank=True,
        help_text=_("Its name in its own language, as it is usually cited."),
    )
    article = models.CharField(_("articles or sections"), max_length=200, blank=True)
    law_url = models.CharField(_("text of the law"), max_length=500, blank=True, validators=[is_web_address])
    may_have_changed = models.CharField(
        _("may have changed"),
        max_length=10,
        choices=YesNo,
        default=YesNo.UNKNOWN,
        help_text=_("A change is being made, or we do not know whether it is in force. The public reads that."),
    )
    reviewer = models.CharField(
        _("reviewed by"),
        max_length=200,
        blank=True,
        help_text=_("A person who knows this law: a role and an organisation, not a private individual."),
    )
    staff_note = models.TextField(
        _("note for staff"),
        max_length=3000,
        blank=True,
        help_text=_("What was not read, contradictions, quotations. The public never sees it."),
    )
    # A law has none of these.
    closed_until = None
    alert = None  # type: ignore[assignment]
    alert_note = None  # type: ignore[assignment]

    objects = CountryLawQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("law of a country")
        verbose_name_plural = _("laws of countries")
        ordering = ("country", "part", "pk")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.status not in {Status.DRAFT, Status.VERIFIED, Status.DELISTED}:
            raise ValidationError({"status": gettext("A law is a draft, verified, or taken off the list.")})
        if self.part and not self.part.startswith(f"{self.country}-"):
            raise ValidationError({"part": gettext("This is not a part of that country.")})

    def visibility_blockers(self) -> Iterator[str]:
        yield from super().visibility_blockers()
        if not self.reviewer:
            yield gettext("It does not say who reviewed it: a person who knows this law has to.")
        if not self.law:
            yield gettext("It does not name the law.")

    def newest_day(self, text: LawText | None) -> dt.date | None:
        """Return the day of the newest change or check of its public facts, with its words in one language."""
        times = [self.last_published_at, text.last_published_at if text else None]
        days = [timezone.localdate(time) for time in times if time]
        return max([*days, *filter(None, [self.checked_on])], default=None)

    @property
    def place(self) -> str:
        """Return the place where it applies, in the active language: "Belgium", or "Wales (United Kingdom)"."""
        country = names.country_name(self.country)
        return f"{LawPart(self.part).label} ({country})" if self.part else country

    @property
    def name(self) -> str:
        """Return its name in lists of listings: the place, and the first of its laws."""
        return ": ".join(filter(None, [self.place, self.law.partition(";")[0]]))

    @property
    def website(self) -> str:
        """Return the address to compare it with in a check."""
        return self.law_url

    @property
    def rule(self) -> str:
        """Return its content, in one or two sentences of the active language."""
        said = [duty_in_words(self.who_must_report, self.trigger)]
        if self.who_must_report != ReportingDuty.UNKNOWN:
            said.append(str(SecrecyRule(self.secrecy).label))
        return " ".join(said)

    @property
    def rule_of_place(self) -> str:
        """Return the rule under the name of the place, so that it is not mistaken for a statement of a service."""
        return gettext("In %(place)s: %(rule)s") % {"place": self.place, "rule": self.rule}

    @property
    def cited(self) -> str:
        return ", ".join(filter(None, [self.law, self.article]))

    @property
    def recipients(self) -> list[str]:
        return [str(Authority(code).label) for code in self.to_whom]


class LawText(ApprovedText):
    """Law of a country in plain words of one language, for readers in fear.

    Approved separately from the law.
    """

    law = models.ForeignKey(
        CountryLaw, verbose_name=_("law"), to_field="uuid", on_delete=models.CASCADE, related_name="texts"
    )
    words = models.TextField(
        _("in plain words"),
        max_length=600,
        help_text=_("Two or three sentences. What is not known is said to be not known; “may” is never “must”."),
    )

    objects = TextQuerySet.as_manager()

    panels = [FieldPanel("law"), FieldPanel("words")]
    translatable_fields = [SynchronizedField("law", overridable=False), TranslatableField("words")]

    class Meta(ApprovedText.Meta):
        verbose_name = _("text of a law")
        verbose_name_plural = _("texts of laws")
        constraints = [models.UniqueConstraint(fields=("law", "locale"), name="one_text_of_a_law_for_each_language")]

    def __str__(self) -> str:
        return f"{self.law} ({self.locale.language_code})"
