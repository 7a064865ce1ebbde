"""Review of the words of a help page by a clinician and by people who were harmed, before people in need read them."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail_localize.fields import SynchronizedField


class WordsReviewed(models.Model):
    """Review of a page's words.

    It belongs to the source, and a translation takes it over when it is submitted.
    """

    clinician = models.CharField(
        _("clinician"),
        max_length=200,
        blank=True,
        help_text=_("Who has read this page: name and profession, as they agreed to be named in public."),
    )
    survivors = models.CharField(
        _("organisation of people who were harmed"),
        max_length=200,
        blank=True,
        help_text=_("Which organisation has read this page, as it agreed to be named in public."),
    )
    reviewed_on = models.DateField(_("read on"), null=True, blank=True)
    next_review = models.DateField(
        _("next review"), null=True, blank=True, help_text=_("From that day on the start page says so.")
    )

    class Meta:
        abstract = True

    REVIEW_PANEL = MultiFieldPanel(
        [
            FieldPanel("clinician"),
            FieldPanel("survivors"),
            FieldPanel("reviewed_on"),
            FieldPanel("next_review"),
        ],
        heading=_("Who has read it"),
        help_text=_("Shown below the page in every language, once there is a day."),
    )
    SYNCHRONISED = tuple(
        SynchronizedField(name, overridable=False) for name in ("clinician", "survivors", "reviewed_on", "next_review")
    )

    def clean(self) -> None:
        super().clean()
        problems = {}
        if (self.clinician or self.survivors) and not self.reviewed_on:
            problems["reviewed_on"] = gettext("Say on which day it was read.")
        if self.reviewed_on and not (self.clinician or self.survivors):
            problems["clinician"] = gettext("Say who has read it.")
        if self.reviewed_on and self.reviewed_on > timezone.localdate():
            problems["reviewed_on"] = gettext("This date is in the future.")
        if self.reviewed_on and self.next_review and self.next_review <= self.reviewed_on:
            problems["next_review"] = gettext("The next review comes after the last one.")
        if problems:
            raise ValidationError(problems)
