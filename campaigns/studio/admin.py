"""The studio in the admin: designs, their outputs with problems, and the running batch."""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Case, Prefetch, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, PageChooserPanel, TabbedInterface
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.snippets.views.snippets import PreviewOnCreateView, PreviewOnEditView
from wagtail.utils.decorators import xframe_options_sameorigin_override

from campaigns.models import Design, StudioOutput
from campaigns.panels import InLanguagePanel
from campaigns.studio import batches, drawing, variants
from campaigns.studio.destinations import Destinations
from campaigns.studio.formats import FORMATS, OUTPUT_CONDITION, DesignFormat, print_profile
from core.admin.features import WITHOUT_DRAFTS, Feature, Missing
from core.admin.rows import RowsPanel
from core.admin.views import RecordViewSet, RunningView
from core.http import public_url
from core.languages import names
from core.languages.lazy import StrOrPromise
from core.models import Rendition
from helpline import directory
from illustrations.blocks import SceneSelect
from illustrations.blocks import choices as scenes

THUMBNAIL = "max-320x320"  # as in variants.html
State = StudioOutput.State


def programme_choices() -> list[tuple[str, str]]:
    """Return the programmes with a phone number, with the countries that they work in."""
    found = directory.programmes_of()
    return [
        ("", "---------"),
        *((str(uuid), f"{name} ({', '.join(countries).upper()})") for uuid, name, countries in found),
    ]


class ProgrammeSelect(forms.Select):
    """The programmes with a phone number, queried when the form is shown."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        # Django accepts a function, but its stubs do not.
        super().__init__(attrs, choices=programme_choices)  # type: ignore[arg-type]


class DesignForm(WagtailAdminModelForm):
    formats = forms.MultipleChoiceField(
        label=_("Formats"), choices=DesignFormat.choices, widget=forms.CheckboxSelectMultiple
    )
    page_scenes = forms.MultipleChoiceField(
        label=_("Illustrations inside a leaflet"),
        choices=scenes,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("One below the text of each page where there is room."),
    )


# Without the helpline there are no phone numbers for countries.
COUNTRIES = (
    [
        RowsPanel(
            "countries",
            heading=_("Countries"),
            label=_("country"),
            help_text=_("There is always an output without a country: it has no number, only the address."),
            panels=[
                FieldPanel("country"),
                FieldPanel("programme", widget=ProgrammeSelect),
            ],
        ),
    ]
    if directory.IS_INSTALLED
    else []
)

DESIGN_FORM = TabbedInterface(
    [
        ObjectList(
            [
                FieldPanel("material"),
                PageChooserPanel("leads_to", page_type=["campaigns.CampaignPage", *directory.HELP_PAGES]),
                FieldPanel("formats"),
                FieldPanel("hue", widget=forms.RadioSelect),
                MultiFieldPanel(
                    [
                        FieldPanel("scene", widget=SceneSelect),
                        FieldPanel("picture"),
                        FieldPanel("page_scenes"),
                    ],
                    heading=_("Picture"),
                ),
            ],
            heading=_("Look"),
        ),
        ObjectList([InLanguagePanel("texts", heading=_("Words"), label=_("language"), min_num=1)], heading=_("Words")),
        ObjectList(
            [
                *COUNTRIES,
                RowsPanel("partners", heading=_("Partners"), label=_("partner")),
            ],
            heading=_("Countries and partners") if COUNTRIES else _("Partners"),
        ),
    ],
    base_form_class=DesignForm,
)


class LanguagesColumn(Column):
    def get_value(self, instance: Any) -> str:
        return " ".join(sorted(code for code in instance.in_languages if code)) or "-"


class PictureColumn(Column):
    """The first page of an output, so that a design is found by its look."""

    cell_template_name = "campaigns/studio/picture_cell.html"

    def get_value(self, instance: Any) -> Any:
        return next((output.document.first_page for output in instance.shown_outputs), None)


class DrawsDesign:
    """A preview of the first page of an output, or of its problems."""

    object: Design
    request: HttpRequest

    @method_decorator(xframe_options_sameorigin_override)
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view: Any = self
        form = view.get_form(view._get_form_data(view._get_form_state()))  # noqa: SLF001  (as Wagtail's own)
        if not view.validate_form(form):
            return view.error_response()
        form.save(commit=False)
        language, _space, chosen = request.GET.get("mode", "").partition(" ")
        output = variants.first_of(self.object, language=language, format=chosen)
        if output is None:
            return view.error_response()
        drawn = drawing.preview(output, day=timezone.localdate())
        if drawn.state == State.DRAWN:
            return HttpResponse(drawn.content, content_type="image/png")
        shown = OutputShown(
            StudioOutput(state=drawn.state, problems=drawn.problems, language=output.variant.text.language)
        )
        return TemplateResponse(request, "campaigns/studio/preview.html", {"shown": shown})


class DesignPreviewOnEditView(DrawsDesign, PreviewOnEditView):
    pass


class DesignPreviewOnCreateView(DrawsDesign, PreviewOnCreateView):
    pass


class DesignViewSet(RecordViewSet):
    model = Design
    missing_features: Missing = {
        **{feature: reason for feature, reason in WITHOUT_DRAFTS.items() if feature != Feature.PREVIEW},
        Feature.CHECKS: _("The preview is a picture. The studio names missing letters and texts that are too long."),
    }
    icon = "pick"
    menu_label = _("Studio")
    preview_on_add_view_class = DesignPreviewOnCreateView
    preview_on_edit_view_class = DesignPreviewOnEditView
    edit_handler = DESIGN_FORM
    list_display = [
        PictureColumn("picture", label=_("Picture")),
        TitleColumn("__str__", label=_("Design"), get_url=lambda design: reverse("studio", args=[design.pk])),
        LanguagesColumn("in_languages", label=_("Languages")),
        Column("drawn_count", label=_("Outputs drawn")),
    ]
    ordering = "material__name"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Design]:
        in_source = Case(When(language=settings.LANGUAGE_CODE, then=0), default=1)
        first = (
            StudioOutput.objects.filter(document__first_page__isnull=False)
            .select_related("document__first_page")
            .prefetch_related(renditions_of("document__first_page"))
            .order_by("design_id", in_source, "country", "format", "pk")
            .distinct("design_id")
        )
        return Design.objects.for_listing().prefetch_related(Prefetch("outputs", first, to_attr="shown_outputs"))


def renditions_of(picture: str) -> Any:
    """Return the lookup of a picture's renditions that are shown small."""
    return Prefetch(
        f"{picture}__renditions",
        queryset=Rendition.objects.filter(filter_spec__startswith=THUMBNAIL),
        to_attr="prefetched_renditions",
    )


class StudioView(RunningView):
    """The outputs of a design, their problems, and the running batch."""

    template_name = "campaigns/studio/outputs.html"
    page_title = _("Studio")
    header_icon = "pick"
    permission = "campaigns.change_design"

    @cached_property
    def design(self) -> Design:
        return get_object_or_404(Design.objects.select_related("material", "leads_to"), pk=self.kwargs["pk"])

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(Design.snippet_viewset.get_url_name("list")), _("Studio")

    def get_page_subtitle(self) -> str:
        return str(self.design)

    @cached_property
    def batch(self) -> Any:
        return self.design.batches.first()

    @property
    def is_running(self) -> bool:
        return self.batch is not None and self.batch.is_running

    @property
    def last_change(self) -> dt.datetime | None:
        return self.batch.changed_at if self.batch is not None else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = list(settings.LANGUAGE_TABLE)
        found = sorted(
            self.design.outputs.select_related("document__first_page").prefetch_related(
                renditions_of("document__first_page")
            ),
            key=lambda output: (known.index(output.language), output.order),
        )
        destinations = Destinations(self.design)
        spoken = sorted((text.language for text in self.design.texts.all()), key=known.index)
        return {
            **super().get_context_data(**kwargs),
            "design": self.design,
            "warnings": [*destinations.warnings()],
            "for_print_shops": self.for_print_shops(),
            "addresses": [(names.language_name(code), public_url(destinations.path(code))) for code in spoken],
            "batch": self.batch,
            "languages": [
                (names.language_name(language), [OutputShown(output) for output in of_it])
                for language, of_it in groupby(found, key=lambda output: output.language)
            ],
            "edit_url": reverse(Design.snippet_viewset.get_url_name("edit"), args=[self.design.pk]),
        }

    def for_print_shops(self) -> str:
        """Return what to tell a print shop about the formats with bleed; empty if the design has none."""
        if not any(FORMATS[chosen].bleed for chosen in self.design.formats):
            return ""
        if not print_profile():
            return gettext(
                "Files for a print shop are PDF with bleed, not PDF/X: this server has no ICC profile of one. "
                "Their colours are RGB. Tell the print shop, which converts them."
            )
        return gettext(
            "Files for a print shop are PDF/X-4. Their colours are RGB, and the print shop converts them: for offset "
            "on coated paper (%(condition)s), unless you agree on another paper."
        ) % {"condition": OUTPUT_CONDITION}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "cancel" in request.POST:
            if self.batch is None or not batches.cancel(self.batch):
                messages.warning(request, gettext("It was too late to cancel: everything is drawn."))
        else:
            batches.draw_batch.enqueue(batches.start(self.design, by=request.user).pk)
        return redirect(request.path)


class OutputShown:
    """An output with its problems as sentences."""

    def __init__(self, output: StudioOutput) -> None:
        self.output = output
        self.language = names.language_name(output.language)

    @property
    def picture(self) -> Any:
        return getattr(self.output.document, "first_page", None)

    def problems(self) -> Iterator[str]:
        if self.output.state == State.STOPPED:
            yield gettext("It took longer than ten seconds and was stopped.")
        elif self.output.state == State.FAILED:
            yield gettext(
                "Something went wrong that is not the fault of your words. Those who run the server can see what."
            )
        for problem in self.output.problems:
            yield from self.in_words(problem)

    def in_words(self, problem: dict[str, Any]) -> Iterator[str]:
        about = {"field": field_label(problem.get("field", "")), "language": self.language}
        if "letters" in problem:
            yield gettext("%(field)s (%(language)s): our fonts lack these letters: %(letters)s") % {
                **about,
                "letters": problem["letters"],
            }
        elif "over" in problem:
            yield gettext("%(field)s (%(language)s): too long by %(percent)s%%, at its smallest size") % {
                **about,
                "percent": problem["over"],
            }
        elif "count" in problem:
            yield gettext("%(field)s (%(language)s): a leaflet needs two or six; these are %(count)s.") % {
                **about,
                "count": problem["count"],
            }


FIELDS = {
    "headline": _("Headline"),
    "text": _("Text"),
    "call": _("Call"),
    "pages": _("Pages of the leaflet"),
    "number": _("Number"),
    "name": _("Name of the programme"),
    "address": _("Address of this site"),
}


def field_label(name: str) -> str:
    return str(FIELDS.get(name, name))
