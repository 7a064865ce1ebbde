"""Research digests: a question from practice, the evidence and its certainty, and what to do differently."""

import datetime as dt
import hashlib
import json
from typing import Any, Self

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import PageManager, Revision
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from core.languages.names import labelled
from core.models import StartPage
from core.models.codes import CodesField
from core.publishing import sharing
from core.publishing.lists import ListPage
from network.blocks import Actions, CitedWorks
from network.digests import handouts
from network.digests.handouts import PrintablePage, Printout
from network.directory.index_pages import IndexedPageQuerySet


class DigestQuerySet(IndexedPageQuerySet):
    """Queryset of research digests."""

    def due(self) -> Self:
        """Return the public digests in the source language that are due for another review.

        Their translations follow them.
        """
        return self.live().filter(due_on__lte=timezone.localdate(), locale__language_code=settings.LANGUAGE_CODE)


class Certainty(models.TextChoices):
    """Certainty of an answer, from most to least."""

    HIGH = "high", _("Well supported")
    MODERATE = "moderate", _("Supported in part")
    LOW = "low", _("Weakly supported")
    UNKNOWN = "unknown", _("Not known")

    @property
    def meaning(self) -> str:
        return str(MEANINGS[self])


MEANINGS = {
    Certainty.HIGH: _("Several good studies agree. More research is unlikely to change the answer."),
    Certainty.MODERATE: _("Some studies point the same way. More research may change details."),
    Certainty.LOW: _("There are few studies, or weak ones. More research may well change the answer."),
    Certainty.UNKNOWN: _("No study answers the question yet. Those who act, act on judgement."),
}


class PracticeArea(models.TextChoices):
    """Area of work that a digest is about."""

    HELPLINES = "helplines", _("People who answer helplines")
    TREATMENT = "treatment", _("People who treat")
    ONLINE = "online", _("People who work online")
    YOUNG_PEOPLE = "young_people", _("People who work with children and adolescents")
    FAMILIES = "families", _("People who support families")
    SCHOOLS = "schools", _("Schools")
    DECISIONS = "decisions", _("People who decide about services")

    @classmethod
    def named(cls) -> list[tuple[str, str]]:
        """Return (code, name) of each, in the active language."""
        return [(area.value, str(area.label)) for area in cls]


class PracticeAreasField(CodesField):
    names = PracticeArea.named
    widget = forms.CheckboxSelectMultiple


def in_two_years() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=2 * 365)


class DigestIndexPage(RoutablePageMixin, ListPage):
    """List of digests in one language: all of them, and at separate URLs those for each area of work."""

    section = "network.DirectoryPage"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["network.DigestPage"]
    start_page = StartPage("digests", "Research digests")

    class Meta:
        verbose_name = _("list of digests")
        verbose_name_plural = _("lists of digests")

    @path("", name="all")
    def all_route(self, request: HttpRequest) -> HttpResponse:
        return self.render(request)

    @path("for/<slug:code>/", name="area")
    def area_route(self, request: HttpRequest, code: str) -> HttpResponse:
        """List the digests for one area of work."""
        if code not in self.areas():
            raise Http404
        area = PracticeArea(code)
        shown = {
            "area": area,
            "digests": [*self.digests().filter(areas__contains=[code]).select_related("locale")],
            "description": sharing.shortened(labelled(area.label, sharing.description(self))),
        }
        return self.render(request, context_overrides=shown)

    def digests(self) -> DigestQuerySet:
        """Return the digests of this page, in its order."""
        return DigestPage.objects.child_of(self).listed().order_by("path")

    def areas(self) -> list[PracticeArea]:
        """Return the areas that have digests, in the order of the table."""
        used = {code for codes in self.digests().values_list("areas", flat=True) for code in codes}
        return [area for area in PracticeArea if area.value in used]

    def prerendered_paths(self) -> list[str]:
        return ["", *(f"for/{area.value}/" for area in self.areas())]

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context = super().get_context(request, *args, **kwargs)
        context["areas"] = self.areas()
        context["feed"] = f"/{self.locale.language_code}/feeds/digests.atom"
        context["digests"] = [*self.digests().select_related("locale")]
        return context


class DigestPage(PrintablePage):
    """One research digest, in one language.

    The title is the question, the introduction the answer.

    Only a version that a practitioner has reviewed is published, and the user who records the review has not written in
    it: see `network.digests.services.record_review`.
    """

    parent_page_types = ["network.DigestIndexPage"]

    introduction = models.TextField(
        _("answer"), help_text=_("Two or three sentences. Shown first, in lists and in shared links.")
    )
    certainty = models.CharField(_("how sure"), max_length=20, choices=Certainty)
    certainty_why = models.TextField(_("why"), help_text=_("What the studies can show, and what they cannot."))
    concerns = models.CharField(_("whom it concerns"), max_length=200)
    areas = PracticeAreasField(_("for whose work"))
    actions = StreamField(Actions(), verbose_name=_("what to do differently"), blank=True)
    works = StreamField(CitedWorks(), verbose_name=_("works it rests on"), blank=True)
    written_by = models.CharField(_("written by"), max_length=200)
    written_on = models.DateField(_("written on"), default=timezone.localdate)
    due_on = models.DateField(
        _("due again on"),
        default=in_two_years,
        help_text=_("From that day on the start page of the admin asks for a new look at it."),
    )

    reviewer_name = models.CharField(
        _("name"), max_length=200, blank=True, help_text=_("Only if they agreed to be named in public.")
    )
    reviewer_role = models.CharField(_("role"), max_length=200, blank=True)
    reviewed_on = models.DateField(_("reviewed on"), null=True, blank=True)
    review_fits = models.TextField(_("what fits practice"), blank=True)
    review_does_not_fit = models.TextField(_("what does not fit"), blank=True)

    # Fields covered by the review.
    # The others help readers to find the page, and make no claim about the subject.
    REVIEW = ("reviewer_name", "reviewer_role", "reviewed_on", "review_fits", "review_does_not_fit")
    REVIEWED = (
        "title", "introduction", "certainty", "certainty_why", "concerns", "areas", "actions", "works", "written_by",
        *REVIEW,
    )  # fmt: skip

    content_panels = [
        *PrintablePage.content_panels,
        MultiFieldPanel([FieldPanel("certainty"), FieldPanel("certainty_why")], heading=_("How sure")),
        FieldPanel("actions"),
        MultiFieldPanel([FieldPanel("concerns"), FieldPanel("areas")], heading=_("Audience")),
        FieldPanel("works"),
        MultiFieldPanel(
            [
                FieldPanel("written_by"),
                FieldRowPanel([FieldPanel("written_on"), FieldPanel("due_on")]),
            ],
            heading=_("Who and when"),
        ),
        MultiFieldPanel(
            [FieldPanel(name, read_only=True) for name in REVIEW],
            heading=_("Review from practice"),
            help_text=_(
                "Recorded by a person who has not written in the digest: “Review from practice” in the menu below."
            ),
        ),
    ]
    search_fields = [
        *PrintablePage.search_fields,
        index.SearchField("certainty_why"),
        index.SearchField("concerns"),
        index.SearchField("actions"),
    ]
    # Facts about the digest and its works.
    # Its texts are translated.
    override_translatable_fields = [
        *PrintablePage.override_translatable_fields,
        *(
            SynchronizedField(name, overridable=False)
            for name in (
                "certainty", "areas", "works", "written_by", "written_on", "due_on", "reviewer_name", "reviewed_on",
            )
        ),
    ]  # fmt: skip

    objects = PageManager.from_queryset(DigestQuerySet)()

    class Meta:
        verbose_name = _("research digest")
        verbose_name_plural = _("research digests")

    @property
    def how_sure(self) -> Certainty:
        return Certainty(self.certainty)

    @property
    def reviewer(self) -> str:
        return " · ".join(part for part in (self.reviewer_name, self.reviewer_role) if part)

    @property
    def is_source(self) -> bool:
        return self.locale.language_code == settings.LANGUAGE_CODE

    def printout(self) -> Printout:
        return handouts.digest(self)

    def content_hash(self) -> str:
        """Return a hash of the fields covered by the review."""
        return hashlib.sha256(
            json.dumps(
                [_plain(getattr(self, name)) for name in self.REVIEWED], sort_keys=True, cls=DjangoJSONEncoder
            ).encode()
        ).hexdigest()

    def clean(self) -> None:
        super().clean()
        if self.due_on and self.written_on and self.due_on <= self.written_on:
            raise ValidationError({"due_on": gettext("It is due again after it was written.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        # If an editor publishes a new page directly, Wagtail creates it as live before checking whether it may be
        # published.
        if self._state.adding:
            self.live = False
        super().save(*args, **kwargs)

    def publication_blockers(self) -> list[str]:
        return [*super().publication_blockers(), *self.reasons_of_review()]

    def render_blockers(self) -> list[str]:
        return [*super().render_blockers(), *self.reasons_of_review()]

    def reasons_of_review(self) -> list[str]:
        """Return why the review does not cover this version.

        A translation is covered by the review of its source.
        One query.
        """
        if self.is_source:
            if DigestReview.objects.filter(digest=self.pk, content_hash=self.content_hash()).exists():
                return []
            return [gettext("No practitioner has reviewed this version yet.")]
        source = DigestPage.objects.live().filter(
            translation_key=self.translation_key, locale__language_code=settings.LANGUAGE_CODE
        )
        return [] if source.exists() else [gettext("The digest that this translates is not public.")]

    def authors_since_review(self) -> set[int]:
        """Return the ids of the users who have written in it since its last review, or ever if there is none.

        Two queries.
        """
        last = self.reviews.first()
        saved = self.revisions.filter(created_at__gt=last.recorded_at) if last else self.revisions
        found = set(saved.exclude(user=None).values_list("user", flat=True))
        return found if last or self.owner_id is None else found | {self.owner_id}


def _plain(value: Any) -> Any:
    """Return a field's value in a form that JSON can represent.

    Each block is loaded in full, so that the hash does not depend on how the page was loaded.
    """
    if hasattr(value, "stream_block"):
        return [(child.block_type, child.get_prep_value()["value"]) for child in value]
    return value


class DigestReview(models.Model):
    """Review of one version of a digest by a practitioner, and the user who recorded it."""

    digest = models.ForeignKey(DigestPage, on_delete=models.CASCADE, related_name="reviews")
    # The revision that contains the review's text.
    # It does not count as written by an author.
    revision = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, related_name="+")
    content_hash = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-recorded_at",)
        verbose_name = _("review of a digest")
        verbose_name_plural = _("reviews of digests")

    def __str__(self) -> str:
        return f"{self.digest} ({self.recorded_at:%Y-%m-%d})"
