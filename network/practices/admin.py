"""Practices in the admin: their form, and one page for publishing, confirming and rating the evidence."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.admin.ui.tables import Column, DateColumn, LiveStatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import Button
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import IndexView, UnpublishView

from core.admin.features import WITHOUT_LOCK, Feature, Missing
from core.admin.forms import LinesField
from core.admin.rows import RowsPanel
from core.admin.views import AdminFormView, AdminView, RecordViewSet, TranslatedIndexView, say_refused
from core.languages import names
from core.languages.lazy import StrOrPromise
from core.publishing import publication_checks
from core.publishing.approval import SecondPersonRequiredError
from helpline import directory
from network import row_locks
from network.models import EvidenceCriterion, EvidenceReview, Member, Practice
from network.practices import exchange, registry, services
from network.practices.codes import EvidenceRating, PracticeOutcome, named
from network.practices.models import language_choices
from users.models import User

PERMISSION = "network.change_practice"
WEIGH = "network.weigh_evidence"


class PracticePermissionPolicy(ModelPermissionPolicy):
    """Permission policy without publishing in the form, because the user who saves it has written in it.

    The page of the practice has the button.
    """

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action != "publish" and bool(super().user_has_permission(user, action))


def codes_of(group: str) -> Callable[[], list[tuple[str, str]]]:
    return lambda: [*named(group, translation.get_language()).items()]


def listing_choices() -> list[tuple[str, str]]:
    return [(str(uuid), name) for uuid, name in directory.programme_names()]


class CodesChoice(forms.TypedMultipleChoiceField):
    """Several codes of one list."""

    def __init__(self, choices: Any, label: StrOrPromise, *, tall: bool = False, **kwargs: Any) -> None:
        widget = forms.SelectMultiple(attrs={"size": 8}) if tall else forms.CheckboxSelectMultiple()
        super().__init__(choices=choices, label=label, required=False, widget=widget, empty_value=[], **kwargs)


class PracticeForm(WagtailAdminModelForm):
    """A practice with its texts and the members who run or study it."""

    levels = CodesChoice(codes_of("levels"), _("Level of prevention"))
    modes = CodesChoice(codes_of("modes"), _("Mode"))
    populations = CodesChoice(codes_of("populations"), _("Audience"))
    work_settings = CodesChoice(codes_of("work_settings"), _("Where"))
    methods = CodesChoice(codes_of("methods"), _("Methods"))
    professions = CodesChoice(codes_of("professions"), _("Staff"))
    languages = CodesChoice(language_choices, _("Languages"), tall=True)
    countries = CodesChoice(names.countries, _("Countries"), tall=True)
    listings = CodesChoice(
        listing_choices,
        _("Programmes that do this"),
        tall=True,
        help_text=_("Their names appear while they are on the public list."),
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=Member.objects.known().order_by("name"),
        required=False,
        help_text=_("The member whom we ask whether it is still correct, and who may answer a rating."),
    )

    def clean_listings(self) -> list[UUID]:
        return list(Practice._meta.get_field("listings").to_python(self.cleaned_data["listings"]))


PRACTICE_FORM = TabbedInterface(
    [
        ObjectList(
            [
                FieldPanel("name"),
                MultiFieldPanel(
                    [FieldPanel("populations"), FieldPanel("levels"), FieldPanel("modes")],
                    heading=_("What it is, and its audience"),
                ),
                MultiFieldPanel(
                    [
                        FieldPanel("work_settings"),
                        FieldPanel("methods"),
                        FieldPanel("professions"),
                        FieldPanel("posts"),
                    ],
                    heading=_("Who does it, and how"),
                ),
                FieldRowPanel(
                    [FieldPanel("sessions"), FieldPanel("minutes"), FieldPanel("weeks")],
                    heading=_("Intensity"),
                ),
                FieldRowPanel([FieldPanel("cost"), FieldPanel("cost_year")], heading=_("Cost")),
                FieldRowPanel([FieldPanel("languages"), FieldPanel("countries")]),
                FieldPanel("website"),
                FieldPanel("would_again"),
            ],
            heading=_("Facts"),
        ),
        ObjectList(
            [
                RowsPanel(
                    "texts",
                    heading=_("Words"),
                    label=_("language"),
                    min_num=1,
                    help_text=_("What readers see, once for each language that you have a text for."),
                )
            ],
            heading=_("Words"),
        ),
        ObjectList(
            [
                FieldPanel("listings"),
                FieldPanel("owner"),
                RowsPanel(
                    "people",
                    heading=_("Members who run or study it"),
                    label=_("member"),
                    help_text=_("A name appears only while the member shows it to everybody."),
                ),
            ],
            heading=_("Links"),
        ),
    ],
    base_form_class=PracticeForm,
)


class PracticeUnpublishView(UnpublishView):
    """Unpublish a practice.

    One person can do this immediately.
    """

    permission_required = "change"


class PracticeIndexView(IndexView):
    """The list of practices, with a link to their table."""

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        table = Button(gettext("As a table"), url=reverse("practice-table"), icon_name="table", priority=10)
        return [*super().header_more_buttons, table]


class PracticeViewSet(RecordViewSet):
    model = Practice
    missing_features: Missing = {
        **WITHOUT_LOCK,
        **dict.fromkeys(
            (Feature.SCHEDULE, Feature.WORKFLOW),
            _("A practice is public once two people have approved its entry, which its own page shows."),
        ),
    }
    index_view_class = PracticeIndexView
    icon = "clipboard-list"
    edit_handler = PRACTICE_FORM
    unpublish_view_class = PracticeUnpublishView
    list_per_page = 50
    ordering = "name"
    list_display = [
        TitleColumn("name", label=_("Name"), get_url=lambda practice: practice_url(practice.pk)),
        LiveStatusTagColumn(),
        DateColumn("confirmed_on", label=_("Last confirmed"), sort_key="confirmed_on"),
        DateColumn("archived_at", label=_("Archived"), sort_key="archived_at"),
        Column("owner", label=_("Owner")),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Practice]:
        return Practice.objects.select_related("owner")


class EvidenceCriterionViewSet(RecordViewSet):
    model = EvidenceCriterion
    icon = "tasks"
    list_display = ["name", "code", "origin", "locale"]
    index_view_class = TranslatedIndexView
    ordering = ["order", "code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvidenceCriterion]:
        return EvidenceCriterion.objects.select_related("locale")


def practice_url(pk: int) -> str:
    return reverse("practice", args=[pk])


# --- One practice -------------------------------------------------------------------------------------------


class NewReviewForm(forms.Form):
    """The outcome and the studies for a new review of evidence."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=PracticeOutcome.choices)
    studies = forms.IntegerField(label=_("Number of studies"), min_value=0, max_value=999)
    effect = forms.CharField(
        label=_("Size of the effect"),
        required=False,
        max_length=80,
        help_text=_("In figures, as in the best study: d = 0.35 (95% CI 0.10 to 0.60). Public with the rating."),
    )
    references = LinesField(
        label=_("Studies"),
        required=False,
        max_length=4000,
        help_text=_("One on each line, with its DOI if it has one. Public with the rating."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class OwnerAnswerForm(forms.Form):
    """Answer of the owner to a rating."""

    text = LinesField(
        label=_("Answer of the owner"),
        required=False,
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=language_choices)


class ConflictForm(forms.Form):
    """The conflict of interest of a reviewer."""

    conflict = LinesField(
        label=_("Your conflict of interest"), max_length=600, widget=forms.Textarea(attrs={"rows": 2})
    )


class AssessmentForm(forms.Form):
    """Assessment by a reviewer."""

    rating = forms.ChoiceField(label=_("Rating"), widget=forms.RadioSelect)
    criteria = forms.MultipleChoiceField(label=_("Criteria met"), required=False, widget=forms.CheckboxSelectMultiple)
    text = LinesField(
        label=_("Your reasons"),
        max_length=4000,
        help_text=_("For reviewers only. They are never public."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    no_conflict = forms.BooleanField(
        label=_("I have no conflict of interest: no money, post, friend or work of mine depends on the answer.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        criteria = EvidenceCriterion.objects.named(translation.get_language())
        ratings, met = self.fields["rating"], self.fields["criteria"]
        assert isinstance(ratings, forms.ChoiceField)  # noqa: S101  (for the type checker)
        assert isinstance(met, forms.ChoiceField)  # noqa: S101
        ratings.choices = [(each.value, names.labelled(each.label, each.meaning)) for each in EvidenceRating]
        met.choices = [(code, each.name) for code, each in criteria.items()]


class PracticeAdminView(AdminView, TemplateView):
    """A page with several actions, each with a button named `action`."""

    header_icon = "clipboard-list"
    # Methods of the actions.
    # Each takes the cleaned data of its form, empty without a form, and returns the success message.
    steps: ClassVar[dict[str, Callable[[Any, dict[str, Any]], str]]] = {}
    form_classes: ClassVar[dict[str, type[forms.Form]]] = {}

    def remedies(self) -> list[publication_checks.Button]:
        """Return buttons that lead to where the reasons for a refusal are resolved."""
        return []

    @property
    def by(self) -> User:
        # All views of the admin require sign-in.
        return cast("User", self.request.user)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        action = request.POST.get("action", "")
        step = self.steps.get(action)
        if step is None:
            messages.error(request, gettext("There is no such action."))
            return redirect(request.path)
        given: dict[str, Any] = {}
        if action in self.form_classes:
            form = self.form_classes[action](request.POST, prefix=action)
            if not form.is_valid():
                say_refused(request)
                return self.render_to_response(self.get_context_data(sent={action: form}))
            given = form.cleaned_data
        try:
            done = step(self, given)
        except services.ConflictOfInterestError:
            messages.error(request, gettext("You have declared a conflict of interest, so you do not decide."))
        except row_locks.InvalidStateError:
            messages.error(request, gettext("Another person changed this first. This is the current state."))
        except SecondPersonRequiredError as refusal:
            messages.error(request, str(refusal))
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages), buttons=self.remedies())
        else:
            messages.success(request, done)
            return redirect(self.after(action))
        return redirect(request.path)

    def after(self, action: str) -> str:
        """Return the URL of the page that shows the result of an action."""
        return self.request.path

    def forms_for(self, sent: dict[str, forms.Form], **initial: dict[str, Any]) -> dict[str, forms.Form]:
        return {
            action: sent.get(action) or form(prefix=action, initial=initial.get(action))
            for action, form in self.form_classes.items()
        }


class PracticeView(PracticeAdminView):
    """One practice: the text to be published, the evidence of its effects, and the possible actions."""

    template_name = "network/practices/admin/practice.html"
    page_title = _("Practice")
    permission = PERMISSION
    form_classes = {"open_review": NewReviewForm}

    @cached_property
    def practice(self) -> Practice:
        return get_object_or_404(Practice, pk=self.kwargs["pk"])

    def remedies(self) -> list[publication_checks.Button]:
        return publication_checks.remedies(self.practice)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(Practice.snippet_viewset.get_url_name("list")), _("Practices")

    def get_page_subtitle(self) -> str:
        return str(self.practice)

    def publish(self, given: dict[str, Any]) -> str:
        seen = self.request.POST.get("seen", "")
        services.publish_practice(practice=self.practice, seen=int(seen) if seen.isdecimal() else 0, by=self.by)
        return gettext("Published. It will be on the site within a minute.")

    def confirm(self, given: dict[str, Any]) -> str:
        services.confirm_practice(practice=self.practice, by=self.by)
        return gettext("Confirmed. The owner will be asked again in a year.")

    def open_review(self, given: dict[str, Any]) -> str:
        services.open_review(practice=self.practice, by=self.by, **given)
        return gettext("Opened. Reviewers see it on their start page.")

    steps = {"publish": publish, "confirm": confirm, "open_review": open_review}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        practice = self.practice
        newest = practice.get_latest_revision_as_object()
        view_names = Practice.snippet_viewset.get_url_name
        compare_url = ""
        if practice.live and practice.has_unpublished_changes:
            compare_url = reverse(view_names("revisions_compare"), args=[practice.pk, "live", "latest"])
        language = translation.get_language()
        return {
            **super().get_context_data(**kwargs),
            "practice": practice,
            "readings": [registry.view_of(newest, text, language) for text in newest.texts.all()],
            "revision": practice.latest_revision,
            "is_mine": self.request.user.pk in practice.authors(),
            "compare_url": compare_url,
            "edit_url": reverse(view_names("edit"), args=[practice.pk]),
            "reviews": practice.reviews.prefetch_related("assessments"),
            "forms": self.forms_for(kwargs.get("sent", {})),
            "may_weigh": self.request.user.has_perm(WEIGH),
        }


class EvidenceView(PracticeAdminView):
    """The review of one outcome, with the user's own assessment.

    Those of others are shown after the user has given one, or after the decision.
    A user who has declared a conflict of interest is no reviewer, and never sees the assessments of others.
    """

    template_name = "network/practices/admin/evidence.html"
    page_title = _("Evidence")
    permission = WEIGH
    form_classes = {"conflict": ConflictForm, "assess": AssessmentForm, "answer": OwnerAnswerForm}

    @cached_property
    def review(self) -> EvidenceReview:
        return get_object_or_404(EvidenceReview.objects.select_related("practice"), pk=self.kwargs["pk"])

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(Practice.snippet_viewset.get_url_name("list")), _("Practices")
        yield practice_url(self.review.practice_id), str(self.review.practice)

    def get_page_subtitle(self) -> str:
        return self.review.get_outcome_display()

    def conflict(self, given: dict[str, Any]) -> str:
        services.declare_conflict(review=self.review, by=self.by, conflict=given["conflict"])
        return gettext("Kept. Another person will decide instead of you.")

    def assess(self, given: dict[str, Any]) -> str:
        review = services.assess(
            review=self.review,
            by=self.by,
            rating=given["rating"],
            criteria=given["criteria"],
            text=given["text"],
        )
        if review.is_open:
            return gettext("Kept. The rating becomes public when a second reviewer agrees, or a third decides.")
        return gettext("Decided. The rating will be public within a minute.")

    def answer(self, given: dict[str, Any]) -> str:
        if not self.request.user.has_perm(PERMISSION):
            raise PermissionDenied
        services.answer_rating(review=self.review, by=self.by, **given)
        return gettext("Kept. The answer stands beside the rating within a minute.")

    def withdraw(self, given: dict[str, Any]) -> str:
        services.withdraw_review(review=self.review, by=self.by)
        return gettext("Withdrawn. The team is no longer asked to weigh it.")

    def after(self, action: str) -> str:
        return reverse("evidence-waiting") if action == "withdraw" else super().after(action)

    steps = {"conflict": conflict, "assess": assess, "answer": answer, "withdraw": withdraw}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        review = self.review
        everybody = list(review.assessments.select_related("reviewer"))
        own = next((each for each in everybody if each.reviewer_id == self.request.user.pk), None)
        language = review.proposed_language or review.answer_language or settings.LANGUAGE_CODE
        answer = {"text": review.proposed_answer or review.answer, "language": language}
        mine = {"rating": own.rating, "criteria": own.criteria, "text": own.text} if own else {}
        return {
            **super().get_context_data(**kwargs),
            "review": review,
            "own": own,
            "others": [each for each in everybody if each is not own],
            "may_read_others": own is not None or not review.is_open,
            "may_answer": self.request.user.has_perm(PERMISSION),
            "may_withdraw": review.may_be_withdrawn_by(self.by),
            "forms": self.forms_for(kwargs.get("sent", {}), answer=answer, assess=mine),
        }


class EvidenceWaitingView(AdminView, TemplateView):
    """The reviews in which the user can still take part."""

    template_name = "network/practices/admin/evidence_waiting.html"
    page_title = _("Evidence to weigh")
    header_icon = "clipboard-list"
    permission = WEIGH

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reviews = EvidenceReview.objects.waiting_for(self.request.user.pk).select_related("practice")
        answers = EvidenceReview.objects.with_proposed_answer().select_related("practice")
        return {
            **super().get_context_data(**kwargs),
            "reviews": reviews.order_by("opened_at"),
            "answers": answers if self.request.user.has_perm(PERMISSION) else (),
        }


# --- Tables -------------------------------------------------------------------------------------------------


class PracticeTableForm(forms.Form):
    """A table of practices, exported before and then edited."""

    table = forms.FileField(label=_("CSV file"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}))

    def clean_table(self) -> exchange.PracticeTable:
        file = self.cleaned_data["table"]
        if file.size > exchange.LONGEST:
            raise ValidationError(gettext("This file is too large for a table of practices."))
        try:
            return exchange.read(file.read())
        except exchange.InvalidTableError as refusal:
            raise ValidationError(refusal.problems) from None


class PracticeTableView(AdminFormView):
    """Import and export of all practices as a table."""

    template_name = "network/practices/admin/practice_table.html"
    page_title = _("Practices as a table")
    header_icon = "table"
    permission = PERMISSION
    form_class = PracticeTableForm

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(Practice.snippet_viewset.get_url_name("list")), _("Practices")

    def form_valid(self, form: PracticeTableForm) -> HttpResponse:
        table = form.cleaned_data["table"]
        count = services.import_practices(versions=table.changed, by=cast("User", self.request.user))
        said = {"changed": count, "same": table.unchanged}
        messages.success(
            self.request,
            gettext("%(changed)s new versions, which another person has to publish; %(same)s without a difference.")
            % said,
        )
        return redirect(self.request.path)


class PracticeTableDownloadView(PracticeTableView):
    """Download of the table."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        table = exchange.write(Practice.objects.select_related("latest_revision", "owner").order_by("name", "pk"))
        disposition = {"Content-Disposition": 'attachment; filename="practices.csv"'}
        return HttpResponse(table, content_type="text/csv; charset=utf-8", headers=disposition)
