"""Data of the studio: a design for each material, its texts in each language, and the outputs drawn from them.

A variant is a format in a language, for a country or none, with a partner or without.
An output is a variant as drawn; each version has its own code, printed on it.
People who find a copy on a wall can look up by the code whether it is still correct.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django import forms
from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone, translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.models import PreviewableMixin

from campaigns.languages import AUTO_DIRECTION, InLanguage, country_choices, one_for_each_language
from campaigns.studio.formats import DesignFormat, Hue
from core.languages import names
from illustrations.blocks import choices as scenes


class DesignQuerySet(models.QuerySet[Any]):
    def for_listing(self) -> Self:
        """Annotate the columns of the admin list: languages with texts, and the number of drawn outputs."""
        return self.select_related("material").annotate(
            in_languages=ArrayAgg("texts__language", distinct=True, default=[]),
            drawn_count=Count("outputs", distinct=True, filter=Q(outputs__document__isnull=False)),
        )


class RetiredOutputQuerySet(models.QuerySet[Any]):
    def recalled(self) -> Self:
        """Return the outputs with an unreliable number: it has changed, or is no longer confirmed."""
        return self.filter(why__in=RetiredOutput.RECALLED)


class Design(PreviewableMixin, ClusterableModel):
    """The look of a material, which is the same in every language."""

    material = models.OneToOneField(
        "campaigns.Material", verbose_name=_("material"), on_delete=models.CASCADE, related_name="design"
    )
    hue = models.CharField(_("colour"), max_length=10, choices=Hue, default=Hue.PINE)
    scene = models.CharField(
        _("illustration"),
        max_length=40,
        choices=scenes,
        blank=True,
        help_text=_("Turns with the direction of reading. Not shown if there is a picture."),
    )
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_(
            "Calm and hopeful. No recognisable children, no fear, no handcuffs, no shadows. "
            "What is near its focal point is never cut off."
        ),
    )
    page_scenes = ArrayField(
        models.CharField(max_length=40, choices=scenes),
        verbose_name=_("illustrations inside a leaflet"),
        default=list,
        blank=True,
        help_text=_("One below the text of each page where there is room."),
    )
    formats = ArrayField(
        models.CharField(max_length=20, choices=DesignFormat),
        verbose_name=_("formats"),
        default=list,
    )
    leads_to = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("leads to"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_(
            "The page of the printed address and the QR code, in the language of each output. If empty, material for "
            "parents leads to the guide for family and friends, material for people at work to that for professionals, "
            "and all other material to the finder."
        ),
    )

    objects = DesignQuerySet.as_manager()

    if TYPE_CHECKING:
        texts: Any
        countries: Any
        partners: Any
        outputs: Any

    class Meta:
        verbose_name = _("design")
        verbose_name_plural = _("designs")
        ordering = ("material__name", "pk")

    def __str__(self) -> str:
        return str(self.material)

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        """Each format in each language. `campaigns.studio.admin` draws them."""
        known = list(settings.LANGUAGE_TABLE)
        texts = sorted(self.texts.all(), key=lambda text: known.index(text.language))
        return [
            (f"{text.language} {chosen}", names.labelled(text.autonym, DesignFormat(chosen).label))
            for chosen in self.formats
            for text in texts
        ]

    def clean(self) -> None:
        super().clean()
        if not self.scene and not self.picture_id:
            raise ValidationError({"scene": gettext("Choose an illustration or a picture.")})


class DesignText(InLanguage):
    design = ParentalKey(Design, on_delete=models.CASCADE, related_name="texts")
    headline = models.CharField(_("headline"), max_length=120)
    text = models.TextField(_("text"), max_length=3000, help_text=_("Each line is a paragraph."))
    call = models.CharField(
        _("call"),
        max_length=80,
        help_text=_("Stands above the address: what people find there. Without fear, and without guilt."),
    )
    pages = models.TextField(
        _("pages of the leaflet"),
        blank=True,
        help_text=_(
            "For a leaflet only. A line that begins with # is the title of a new page, one that begins with - a point. "
            "Two pages, or six."
        ),
    )
    alt_text = models.TextField(
        _("text alternative"),
        blank=True,
        help_text=_("What the picture shows, for people who cannot see it, in this language."),
    )

    panels = [
        FieldPanel("language"),
        FieldPanel("headline", widget=forms.TextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("text", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("call", widget=forms.TextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("pages", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("alt_text", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
    ]

    class Meta:
        ordering = ("language",)
        constraints = [one_for_each_language("design", name="one_design_text_for_each_language")]
        verbose_name = _("words of a design")
        verbose_name_plural = _("words of designs")

    def __str__(self) -> str:
        return f"{self.headline} ({self.language})"


class DesignCountry(models.Model):
    """A country with its own outputs, which carry the number of a programme."""

    design = ParentalKey(Design, on_delete=models.CASCADE, related_name="countries")
    country = models.CharField(_("country"), max_length=2, choices=country_choices)
    programme = models.UUIDField(
        _("programme"),
        help_text=_(
            "Its number is printed while it is verified, open and checked in time; otherwise the output has the "
            "address alone."
        ),
    )

    class Meta:
        ordering = ("country", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("design", "country"),
                name="one_number_for_each_country",
                violation_error_message=_("The same country is there twice. Remove one."),
            )
        ]
        verbose_name = _("country of a design")
        verbose_name_plural = _("countries of designs")

    def __str__(self) -> str:
        return self.country


class DesignPartner(models.Model):
    """A partner with its own outputs, which carry its logo."""

    design = ParentalKey(Design, on_delete=models.CASCADE, related_name="partners")
    partner = models.ForeignKey(
        "campaigns.Partner",
        verbose_name=pgettext_lazy("organisation", "partner"),
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Its logo is drawn on white, as large as its place allows."),
    )

    panels = [FieldPanel("partner")]

    class Meta:
        ordering = ("partner__name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("design", "partner"),
                name="one_output_for_each_partner",
                violation_error_message=_("The same partner is there twice. Remove one."),
            )
        ]
        verbose_name = _("partner of a design")
        verbose_name_plural = _("partners of designs")

    def __str__(self) -> str:
        return str(self.partner)

    def clean(self) -> None:
        super().clean()
        if self.partner_id and self.partner.logo_id is None:
            raise ValidationError({"partner": gettext("This partner has no logo yet. Add it there first.")})


class StudioOutput(models.Model):
    """A variant as last drawn, or the reason why it could not be drawn. Written only in `campaigns.studio`."""

    class State(models.TextChoices):
        DRAWN = "drawn", _("drawn")
        UNFIT = "unfit", _("does not fit")
        LETTERS = "letters", _("letters are missing")
        STOPPED = "stopped", _("took too long")
        FAILED = "failed", _("could not be drawn")

    design = models.ForeignKey(Design, on_delete=models.CASCADE, related_name="outputs")
    format = models.CharField(_("format"), max_length=20, choices=DesignFormat)
    language = models.CharField(_("language"), max_length=20)
    country = models.CharField(_("country"), max_length=2, blank=True)
    # Not a foreign key: the output must outlive its partner until its file is removed.
    partner_key = models.BigIntegerField(null=True)
    partner_name = models.CharField(_("partner"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State)
    # Problems: [{"field": "headline", "over": 12}], [{"field": "text", "letters": "日"}].
    problems = models.JSONField(default=list)
    # Digest of everything that it was drawn from except the date; if it is unchanged, the output is not drawn again.
    digest = models.CharField(max_length=64, blank=True)
    code = models.CharField(_("code"), max_length=12, blank=True, db_index=True)
    number = models.CharField(_("number"), max_length=40, blank=True)
    drawn_on = models.DateField(_("drawn on"), null=True)
    document = models.OneToOneField(
        settings.WAGTAILDOCS_DOCUMENT_MODEL, null=True, on_delete=models.SET_NULL, related_name="output"
    )

    class Meta:
        ordering = ("design", "language", "country", "format", "partner_name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("design", "format", "language", "country", "partner_key"),
                nulls_distinct=False,
                name="one_output_for_each_variant",
            )
        ]
        verbose_name = _("output")
        verbose_name_plural = _("outputs")

    def __str__(self) -> str:
        return self.code or f"{self.format} {self.language}"

    @property
    def order(self) -> tuple[int, str, str]:
        """Sort key among the outputs of a language."""
        return (DesignFormat.values.index(self.format), self.country, self.partner_name)

    def title_in(self, language: str) -> str:
        with translation.override(language):
            return self.title

    @property
    def title(self) -> str:
        """The title for readers, in their language: “Poster A4 · Austria · Lantern”."""
        parts = [self.get_format_display().partition(" (")[0]]
        if self.country:
            parts.append(names.country_name(self.country))
        if self.partner_name:
            parts.append(self.partner_name)
        return " · ".join(parts)


class RetiredOutput(models.Model):
    """A retired output, of which paper copies may still be in use. Kept when its replacement is deleted."""

    class Why(models.TextChoices):
        NUMBER = "number", _("The number has changed.")
        CLOSED = "closed", _("The number is no longer confirmed.")
        CONTENT = "content", _("The words or the picture have changed.")
        DROPPED = "dropped", _("It is no longer offered.")

    # Paper copies lead people to a number that may be wrong.
    RECALLED = (Why.NUMBER, Why.CLOSED)

    campaign_key = models.UUIDField(null=True, db_index=True)
    output = models.ForeignKey(StudioOutput, null=True, on_delete=models.SET_NULL, related_name="retired")
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=20)
    code = models.CharField(_("code"), max_length=12)
    why = models.CharField(_("reason"), max_length=10, choices=Why)
    # The address of its deleted document.
    path = models.CharField(max_length=300, unique=True)
    drawn_on = models.DateField(_("drawn on"))
    retired_on = models.DateField(_("out of date since"), default=timezone.localdate)

    objects = RetiredOutputQuerySet.as_manager()

    class Meta:
        ordering = ("-retired_on", "-pk")
        verbose_name = _("retired output")
        verbose_name_plural = _("retired outputs")

    def __str__(self) -> str:
        return self.code

    @property
    def autonym(self) -> str:
        """The name of its language in itself."""
        return settings.LANGUAGE_TABLE[self.language].autonym


class StudioBatch(models.Model):
    """A batch of outputs to draw, with its user and progress. Written only in `campaigns.studio.batches`."""

    class Stage(models.TextChoices):
        QUEUED = "queued", _("waiting to be drawn")
        DRAWING = "drawing", _("being drawn")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    RUNNING = (Stage.QUEUED, Stage.DRAWING)

    design = models.ForeignKey(Design, on_delete=models.CASCADE, related_name="batches")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    stage = models.CharField(_("state"), max_length=20, choices=Stage, default=Stage.QUEUED)
    # Only outputs with a changed number are drawn, not those with other pending edits.
    numbers_only = models.BooleanField(default=False)
    done = models.PositiveIntegerField(_("outputs drawn"), default=0)
    total = models.PositiveIntegerField(_("outputs"), default=0)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    changed_at = models.DateTimeField(_("last progress"), default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("batch of outputs")
        verbose_name_plural = _("batches of outputs")

    def __str__(self) -> str:
        return names.labelled(self.design, self.get_stage_display())

    @property
    def is_running(self) -> bool:
        return self.stage in self.RUNNING
