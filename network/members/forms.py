from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.admin.forms import LineField, LinesField
from core.languages import names
from core.languages.lazy import StrOrPromise
from network.institutions.models import normal_ror
from network.members.models import TEXTS, Member
from network.verification.orcid import normal_orcid
from network.vocabulary import models as categories
from network.vocabulary.details import DETAILS, Detail, DetailAudience
from network.vocabulary.models import Vocabulary

AUDIENCES = [
    (DetailAudience.TEAM, _("Only you and the network's team")),
    (DetailAudience.MEMBERS, _("Members who have signed in")),
    (DetailAudience.EVERYBODY, _("Everybody")),
]


def audience_field(detail: str) -> str:
    """Return the name of the field for the audience of a detail."""
    return f"who_sees_{detail}"


class CodeChoicesField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("error_messages", {"invalid_choice": _("One of your choices is not in the list.")})
        super().__init__(**kwargs)


class AudienceField(forms.ChoiceField):
    """Audience of a detail.

    A missing value means private, so that nothing becomes visible by mistake.
    """

    def clean(self, value: Any) -> str:
        return super().clean(value or DetailAudience.TEAM)


class CategoriesField(CodeChoicesField):
    """Categories of one group.

    A category that was merged while the form was filled in is replaced by its successor.
    """

    group = ""
    vocabulary: Vocabulary

    def offer(self, vocabulary: Vocabulary, group: str, chosen: Iterable[str]) -> None:
        self.vocabulary, self.group = vocabulary, group
        self.choices = list(vocabulary.offered(group, chosen).items())

    def to_python(self, value: Any) -> list[str]:
        return self.vocabulary.current(self.group, super().to_python(value))


class OfferingForm(forms.Form):
    """Form whose choices are set on initialisation."""

    def offer(self, name: str, choices: Iterable[tuple[str, StrOrPromise]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        field.choices = list(choices)

    def offer_languages(self) -> None:
        """Offer the site's languages as working languages, sorted by name."""
        spoken = [(code, names.language_name(code)) for code, _autonym in settings.LANGUAGES]
        self.offer("languages", sorted(spoken, key=lambda choice: names.sort_key(choice[1])))

    def offer_categories(self, groups: Iterable[tuple[str, str]]) -> None:
        """Offer categories; `groups`: field → group."""
        vocabulary = categories.vocabulary(get_language())
        for name, group in groups:
            field = self.fields[name]
            assert isinstance(field, CategoriesField)  # noqa: S101  (for the type checker)
            field.offer(vocabulary, group, self.initial.get(name, ()))


class WorkForm(OfferingForm):
    """Details that a member chooses from lists, and the audience of each detail.

    The default audience is the team.
    """

    roles = CategoriesField(label=_("Your area of work"), required=True)
    country = forms.ChoiceField(label=_("Country you work in"))
    languages = CodeChoicesField(label=_("Languages you work in"), required=True)
    expertise = CategoriesField(label=_("Fields of work"), help_text=_("What your work is about."))
    work_settings = CategoriesField(label=_("Where"))
    methods = CategoriesField(label=_("Methods"))
    populations = CategoriesField(label=_("Groups of people that you work with or study"))
    has_page = forms.BooleanField(
        label=_("Give me a page of my own that others can link to"),
        required=False,
        help_text=_("It shows your name and everything else that everybody sees."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rule in DETAILS:
            self.fields[audience_field(rule.detail)] = AudienceField(
                label=rule.detail.label, choices=AUDIENCES, initial=rule.default
            )
        self.offer("country", [("", _("Please choose")), *names.countries()])
        self.offer_languages()
        groups = {rule.detail.value: rule.facet for rule in DETAILS if rule.has_categories}
        self.offer_categories(groups.items())
        for name in groups:
            field = self.fields[name]
            if isinstance(field, CategoriesField) and not field.choices:
                del self.fields[name]

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("has_page") and cleaned.get(audience_field(Detail.NAME)) != DetailAudience.EVERYBODY:
            self.add_error(
                "has_page",
                _("A page of your own shows your name, so please let everybody see your name, or leave the page out."),
            )
        return cleaned

    @property
    def work(self) -> dict[str, Any]:
        """Return the cleaned data by model field."""
        data = {name: value for name, value in self.cleaned_data.items() if name in WorkForm.base_fields}
        empty: dict[str, Any] = {rule.detail.value: [] for rule in DETAILS if rule.has_categories}
        shown = {
            "shown": self._seen_by(DetailAudience.EVERYBODY),
            "shown_to_members": self._seen_by(DetailAudience.MEMBERS),
        }
        return empty | data | shown

    @property
    def audiences(self) -> list[forms.BoundField]:
        """Return the fields for the audience of each detail."""
        return [self[audience_field(detail)] for detail in Detail]

    def _seen_by(self, audience: DetailAudience) -> list[str]:
        """Return the details for which this audience is chosen."""
        return [detail.value for detail in Detail if self.cleaned_data.get(audience_field(detail)) == audience]


class ProfileForm(WorkForm):
    """Details that take effect without review."""

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        initial = {name: getattr(member, name) for name in self.base_fields}
        initial |= {audience_field(detail): member.audience_of(detail) for detail in Detail}
        super().__init__(*args, initial=initial, **kwargs)


class ProfileTextsForm(forms.Form):
    """Profile texts and the identifiers that go with them.

    They are reviewed before they take effect.
    """

    name = LineField(label=_("Name of the person or organisation"), max_length=120)
    affiliation = LineField(label=_("Place of work"), max_length=160, required=False)
    ror = forms.CharField(
        label=_("ROR ID of the place of work"),
        max_length=100,
        required=False,
        help_text=_("For example https://ror.org/05gq02987"),
    )
    orcid = forms.CharField(
        label=_("ORCID iD"), max_length=100, required=False, help_text=_("For example 0000-0002-1825-0097")
    )
    about = LineField(
        label=_("One or two sentences about your work"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    offers = LinesField(
        label=_("What you offer"),
        max_length=600,
        required=False,
        help_text=_("Data, training, evaluation, experience … Please do not write about the people you help."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    needs = LinesField(
        label=_("What you are looking for"),
        max_length=600,
        required=False,
        help_text=_("A partner, an answer, a method … Please do not write about the people you help."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_orcid(self) -> str:
        orcid: str = self.cleaned_data["orcid"]
        return normal_orcid(orcid) if orcid else ""

    def clean_ror(self) -> str:
        ror: str = self.cleaned_data["ror"]
        return normal_ror(ror) if ror else ""

    @property
    def texts(self) -> dict[str, str]:
        """Return the cleaned texts by detail."""
        return {name: self.cleaned_data[name] for name in ProfileTextsForm.base_fields if name in self.fields}


class LanguageTextsForm(ProfileTextsForm):
    """A member's texts in one language, current or waiting for review.

    In a further language, all of them are optional.
    """

    def __init__(self, *args: Any, member: Member, language: str, **kwargs: Any) -> None:
        proposal = member.proposals.filter(language=language).first()
        kwargs["initial"] = proposal.texts if proposal else member.texts_in(language)
        super().__init__(*args, **kwargs)
        if language != member.language:
            del self.fields["ror"], self.fields["orcid"]
        for name in TEXTS:
            self.fields[name].required &= language == member.language
            self.fields[name].widget.attrs |= {
                "lang": language,
                "dir": settings.LANGUAGE_TABLE[language].direction,
            }


class TextsLanguageForm(OfferingForm):
    """A further language for the member's texts."""

    language = forms.ChoiceField(
        label=_("Write in another language"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose a language.")),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = {*member.written_languages, *(proposal.language for proposal in member.proposals.all())}
        free = [(code, autonym) for code, autonym in settings.LANGUAGES if code not in taken]
        self.offer("language", [("", _("Please choose")), *free])


class AnswerOfMemberForm(forms.Form):
    """A member's answer to a question or decision of the team."""

    text = LinesField(
        label=_("Your answer"),
        max_length=2000,
        help_text=_("Only the network's team reads it. Please do not write about the people you help."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class LinkForm(forms.Form):
    """Request for a link to one's profile."""

    email = forms.EmailField(
        label=_("Email address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
