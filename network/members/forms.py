from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.desk.forms import LineField, LinesField
from core.languages import names
from network import identifiers
from network.members.models import TEXTS, Member
from network.vocabulary import models as categories
from network.vocabulary.details import DETAILS, Detail, DetailAudience

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from django_stubs_ext import StrOrPromise

    from network.vocabulary.models import Vocabulary

# The groups of the directory's choices, and those that are not folded away.
FIRST = ("country", "language", "field")
GROUPS = (*FIRST, "role", "setting", "method", "population", "kind", "offers", "needs")
AUDIENCES = [
    (DetailAudience.TEAM, _("Only you and the network's team")),
    (DetailAudience.MEMBERS, _("Members who have signed in")),
    (DetailAudience.EVERYBODY, _("Everybody")),
]


def audience_field(detail: str) -> str:
    """Return the name of the field that says who sees a detail."""
    return f"who_sees_{detail}"


class DirectoryView(StrEnum):
    """A way to show the members found that is not a list of them."""

    TABLE = "table"
    MAP = "map"


class CodeChoicesField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("error_messages", {"invalid_choice": _("One of your choices is not in the list.")})
        super().__init__(**kwargs)


class AudienceField(forms.ChoiceField):
    """Who sees a detail. What is not sent is private: nothing becomes visible by mistake."""

    def clean(self, value: Any) -> str:
        chosen: str = super().clean(value or DetailAudience.TEAM)
        return chosen


class CategoriesField(CodeChoicesField):
    """Categories of one group. Whoever chooses one that was merged while they filled in the form, chooses what it was merged into."""

    group = ""
    vocabulary: Vocabulary

    def offer(self, vocabulary: Vocabulary, group: str, chosen: Iterable[str]) -> None:
        self.vocabulary, self.group = vocabulary, group
        self.choices = list(vocabulary.offered(group, chosen).items())

    def to_python(self, value: Any) -> list[str]:
        return self.vocabulary.current(self.group, super().to_python(value))


class CodeFilterField(forms.ChoiceField):
    """One code of a group, or any. Known codes are valid whether or not they are offered."""

    default_error_messages = {"invalid_choice": _("We do not know this choice.")}
    known: Collection[str] = ()

    def valid_value(self, value: Any) -> bool:
        return value in self.known

    def __init__(self, *, unknown: StrOrPromise = "", **kwargs: Any) -> None:
        errors = {"invalid_choice": unknown} if unknown else None
        super().__init__(required=False, error_messages=errors, **kwargs)


class DirectoryFilter(forms.Form):
    """Filters of the directory. All are optional; an invalid value is reported, not guessed."""

    q = forms.CharField(
        label=_("Words"),
        max_length=100,
        required=False,
        help_text=_("A name, a place of work, a method …"),
        error_messages={"max_length": _("Please shorten your search to %(limit_value)d characters at most.")},
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    country = CodeFilterField(label=_("Country"), unknown=_("We do not know this country."))
    language = CodeFilterField(label=_("Language"), unknown=_("We do not know this language."))
    # Translators: a field of work or study.
    field = CodeFilterField(label=_("Field of work"), unknown=_("We do not know this field of work."))
    role = CodeFilterField(label=Detail.ROLES.label)
    setting = CodeFilterField(label=Detail.WORK_SETTINGS.label)
    method = CodeFilterField(label=Detail.METHODS.label)
    population = CodeFilterField(label=Detail.POPULATIONS.label)
    kind = CodeFilterField(label=_("Person or organisation"))
    offers = CodeFilterField(label=Detail.OFFERS.label)
    needs = CodeFilterField(label=Detail.NEEDS.label)
    # How to show what is found, if not as a list of members.
    show = forms.ChoiceField(
        required=False,
        choices=[(view, view) for view in DirectoryView],
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("There is no such view.")},
    )
    page = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=9999,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("There is no such page.")),
    )

    def __init__(self, data: Any, *, vocabulary: Vocabulary, named: Mapping[str, Mapping[str, str]]) -> None:
        """`named`: group → code → name for whatever can be chosen (`directory.choice_names`)."""
        super().__init__(_with_current_codes(data, vocabulary), auto_id="filter-%s")
        for group in GROUPS:
            self.choice(group).known = named[group]

    def choice(self, name: str) -> CodeFilterField:
        field = self.fields[name]
        assert isinstance(field, CodeFilterField)  # noqa: S101  (for the type checker)
        return field

    @property
    def first(self) -> list[forms.BoundField]:
        """What most readers choose by."""
        return [self[name] for name in ("q", *FIRST)]

    @property
    def more(self) -> list[forms.BoundField]:
        """What is folded away: the groups in which there is something to choose."""
        return [self[name] for name in GROUPS if name not in FIRST and self.offered[name]]

    @property
    def uses_more(self) -> bool:
        """Whether something is chosen, or wrong, in what is folded away."""
        return any(field.value() or field.errors for field in self.more)

    def offer(self, choices: Mapping[str, list[tuple[str, str]]]) -> None:
        """Offer only choices with results; others remain valid."""
        self.offered = choices
        for name, offered in choices.items():
            self.choice(name).choices = [("", pgettext_lazy("choice in a filter", "Any")), *offered]

    @property
    def asked(self) -> dict[str, str]:
        """Whom a valid form asks for, by name, in the order of the fields: neither what is empty nor how it is shown."""
        return {
            name: value for name, value in self.cleaned_data.items() if value and name not in {"page", "show"}
        }

    @property
    def is_abuse(self) -> bool:
        """Whether none of our forms can have sent this: too long, control characters, a page that is not a number."""
        codes = {error.code for errors in self.errors.as_data().values() for error in errors}
        return bool(codes - {"invalid_choice"})


def _with_current_codes(data: Any, vocabulary: Vocabulary) -> Any:
    """Return parameters with codes that were merged replaced: an address that somebody has kept goes on working."""
    old = {group: data[group] for group, codes in vocabulary.replaced.items() if data.get(group) in codes}
    if old:
        data = data.copy()
        for group, code in old.items():
            data[group] = vocabulary.replaced[group][code]
    return data


class WorkForm(forms.Form):
    """What a member chooses from lists, and who sees each detail: nobody but the team until they choose it."""

    roles = CategoriesField(label=_("You are"), required=True)
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
        self._offer("country", [("", _("Please choose")), *names.countries()])
        spoken = [(code, names.language_name(code)) for code, _autonym in settings.LANGUAGES]
        self._offer("languages", sorted(spoken, key=lambda choice: names.sort_key(choice[1])))
        vocabulary = categories.vocabulary(get_language())
        for rule in DETAILS:
            if rule.has_categories:
                field = self.fields[rule.detail]
                assert isinstance(field, CategoriesField)  # noqa: S101  (for the type checker)
                field.offer(vocabulary, rule.facet, self.initial.get(rule.detail, ()))
                if not field.choices:
                    del self.fields[rule.detail]

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("has_page") and cleaned.get(audience_field(Detail.NAME)) != DetailAudience.EVERYBODY:
            self.add_error(
                "has_page",
                _(
                    "A page of your own shows your name, so please let everybody see your name, or leave the page out."
                ),
            )
        return cleaned

    @property
    def work(self) -> dict[str, Any]:
        """The cleaned data by model field."""
        data = {name: value for name, value in self.cleaned_data.items() if name in WorkForm.base_fields}
        empty: dict[str, Any] = {rule.detail.value: [] for rule in DETAILS if rule.has_categories}
        shown = {
            "shown": self._seen_by(DetailAudience.EVERYBODY),
            "shown_to_members": self._seen_by(DetailAudience.MEMBERS),
        }
        return empty | data | shown

    @property
    def audiences(self) -> list[forms.BoundField]:
        """The fields that say who sees each detail."""
        return [self[audience_field(detail)] for detail in Detail]

    def _seen_by(self, audience: DetailAudience) -> list[str]:
        """Return the details for which this audience is chosen."""
        return [
            detail.value for detail in Detail if self.cleaned_data.get(audience_field(detail)) == audience
        ]


class ProfileForm(WorkForm):
    """What counts as soon as a member changes it."""

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        initial = {name: getattr(member, name) for name in self.base_fields}
        initial |= {audience_field(detail): member.audience_of(detail) for detail in Detail}
        super().__init__(*args, initial=initial, **kwargs)


class OwnWordsForm(forms.Form):
    """What a member says in their own words, and the identifiers that go with it. A person reads it before it counts."""

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
        help_text=_(
            "Data, training, evaluation, experience … Please do not write about the people you help."
        ),
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
        return identifiers.normal_orcid(orcid) if orcid else ""

    def clean_ror(self) -> str:
        ror: str = self.cleaned_data["ror"]
        return identifiers.normal_ror(ror) if ror else ""

    @property
    def words(self) -> dict[str, str]:
        """The cleaned words by detail."""
        return {name: self.cleaned_data[name] for name in OwnWordsForm.base_fields if name in self.fields}


class WordsForm(OwnWordsForm):
    """A member's words in one language: as they are, or as they are waiting to be read. In a further language, any part may be left out."""

    def __init__(self, *args: Any, member: Member, language: str, **kwargs: Any) -> None:
        proposal = member.proposals.filter(language=language).first()
        kwargs["initial"] = proposal.words if proposal else member.words_in(language)
        super().__init__(*args, **kwargs)
        if language != member.language:
            del self.fields["ror"], self.fields["orcid"]
        for name in TEXTS:
            self.fields[name].required &= language == member.language
            self.fields[name].widget.attrs |= {
                "lang": language,
                "dir": settings.LANGUAGE_TABLE[language].direction,
            }


class WordsLanguageForm(forms.Form):
    """The language in which a member wants to write as well."""

    language = forms.ChoiceField(
        label=_("Write in another language"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose a language.")),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        taken = {*member.written_languages, *(proposal.language for proposal in member.proposals.all())}
        free = [(code, autonym) for code, autonym in settings.LANGUAGES if code not in taken]
        field.choices = [("", _("Please choose")), *free]


class AnswerOfMemberForm(forms.Form):
    """A member's answer to what the team has asked or decided."""

    text = LinesField(
        label=_("Your answer"),
        max_length=2000,
        help_text=_("Only the network's team reads it. Please do not write about the people you help."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class JoinForm(OwnWordsForm, WorkForm):
    """A request to join the network."""

    kind = forms.ChoiceField(
        label=_("Who is joining"), choices=Member.Kind, widget=forms.RadioSelect, initial=Member.Kind.PERSON
    )
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        help_text=_("Use your work address if you have one. It is never shown."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    consent = forms.BooleanField(
        label=_("I have read this and agree that my request is kept and read"),
        error_messages={"required": _("Without your consent we may not keep your request.")},
    )

    field_order = (
        "kind", "name", "email", "affiliation", "ror", "orcid", "roles", "country", "languages", "expertise", "about",
        "offers", "needs", "work_settings", "methods", "populations", "has_page", "consent",
    )  # fmt: skip

    @property
    def request(self) -> dict[str, Any]:
        """The cleaned data for `services.request_to_join`, without email address and consent."""
        return self.work | self.words | {"kind": self.cleaned_data["kind"]}


class LinkForm(forms.Form):
    """Request for a link to one's profile."""

    email = forms.EmailField(
        label=_("Email address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class AnswerToLabelForm(forms.Form):
    """What the owner of a practice says to a label of its evidence."""

    text = LinesField(
        label=_("Your answer"),
        max_length=1500,
        help_text=_("A person reads it first. Then it stands beside the label, for everybody."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class GuestForm(forms.Form):
    """Registration of somebody who does not sign in."""

    name = LineField(
        label=_("Name"),
        max_length=120,
        help_text=_("As it shall stand on a certificate of attendance."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Email address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
