"""Programmes and their contact points.

The locations of a programme are separate listings.
They are shown with it if everything that it states is true of them.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from core.languages import names
from core.languages.bidi import left_to_right
from helpline.approval.authorship import Value
from helpline.approval.mixins import ApprovedPart, ApprovedPartQuerySet
from helpline.records import visibility
from helpline.records.fields import (
    AudiencesField,
    CountriesField,
    LanguagesField,
    NotForField,
    RegionsField,
    SeesField,
    SuitableForField,
)
from helpline.records.listings import Listing, is_web_address
from helpline.records.phone_numbers import PhoneNumberMixin
from helpline.records.querysets import ProgrammeQuerySet
from helpline.records.texts import ProgrammeText
from helpline.vocabulary import regions
from helpline.vocabulary.codes import (
    Asks,
    Audience,
    Channel,
    Confidentiality,
    Cost,
    Evidence,
    NotFor,
    OperatorType,
    Reach,
    Sees,
    Situation,
    SuitableFor,
    Trigger,
    YesNo,
)

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


# An interpreting service with this many languages has those of our list.
MANY_LANGUAGES = 100


class ContactPoint(ApprovedPart, PhoneNumberMixin, Orderable):
    """Way to reach a programme, with the languages in which it answers there.

    Language, channel and cost must match on the same contact point: a phone line in German and an email address in
    English do not make an English phone line.
    """

    programme = ParentalKey("helpline.Programme", on_delete=models.CASCADE, related_name="contact_points")
    uuid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(
        _("channel"),
        max_length=20,
        choices=Channel,
        blank=True,
        help_text=_("If left empty: not known; see the website."),
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    url = models.CharField(_("web address"), max_length=500, blank=True, validators=[is_web_address])
    address = models.CharField(_("postal address"), max_length=300, blank=True)
    languages = LanguagesField(_("languages"), help_text=_("Those in which it answers without an interpreter."))
    sees = SeesField(
        _("what they can see about the caller"),
        help_text=_("Without being told. If left empty, it is shown as not known."),
    )
    cost = models.CharField(_("cost"), max_length=10, choices=Cost, default=Cost.UNKNOWN)
    from_abroad = models.CharField(_("reachable from abroad"), max_length=10, choices=YesNo, default=YesNo.UNKNOWN)
    on_bill = models.CharField(_("appears on the phone bill"), max_length=10, choices=YesNo, default=YesNo.UNKNOWN)
    answerphone = models.CharField(_("answerphone"), max_length=10, choices=YesNo, default=YesNo.UNKNOWN)
    interpreter = models.CharField(_("interpreter on request"), max_length=10, choices=YesNo, default=YesNo.UNKNOWN)
    interpreter_languages = LanguagesField(
        _("languages of the interpreters"), help_text=_("If left empty: it is not known which.")
    )
    interpreter_count = models.PositiveSmallIntegerField(
        _("number of these languages"),
        null=True,
        blank=True,
        help_text=_("As the service states it: 200 for “over 200 languages”."),
    )

    objects = ApprovedPartQuerySet.as_manager()
    owner_field, owner_relation = "programme", "contact_points"

    class Meta(Orderable.Meta):
        base_manager_name = "objects"
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {left_to_right(self.number or self.email or self.url)}".strip()

    def clean(self) -> None:
        super().clean()
        if Sees.NOTHING in self.sees and len(self.sees) > 1:
            raise ValidationError({"sees": gettext("Choose either “nothing” or what they see.")})
        if self.interpreter != YesNo.YES and (self.interpreter_languages or self.interpreter_count):
            raise ValidationError(
                {"interpreter": gettext("Say “yes” if there are interpreters, or clear their languages.")}
            )

    @property
    def works_from_abroad(self) -> bool:
        """Return whether it has a number for callers in other countries, or probably works from there."""
        phone = self.phone
        if self.number_from_abroad or phone is None:
            return bool(self.number_from_abroad)
        if self.from_abroad == YesNo.UNKNOWN:
            return not phone.is_domestic()
        return self.from_abroad == YesNo.YES and bool(phone.international())

    def interprets(self, language: str) -> bool:
        """Return whether an interpreter of this language can be called in.

        If the service does not list the languages, it has to state at least `MANY_LANGUAGES`.
        """
        if self.interpreter != YesNo.YES:
            return False
        if self.interpreter_languages:
            return language in self.interpreter_languages
        return (self.interpreter_count or 0) >= MANY_LANGUAGES


class Programme(Listing, ClusterableModel):  # type: ignore[django-manager-missing]  # wagtail is not typed
    """Programme that people can turn to before a child is harmed, or so that it does not happen again.

    Facts only.
    Facts are the same in every language, so one correction reaches all of them at the next render.
    The text in one language is a `ProgrammeText`.
    Without one, only the facts are rendered.
    """

    name = models.CharField(_("name"), max_length=200)
    operator = models.CharField(_("operator"), max_length=200, blank=True)
    part_of = models.CharField(
        _("part of"),
        max_length=200,
        blank=True,
        help_text=_(
            "The name of the programme that this is one of the locations of, exactly as in its listing. The finder "
            "then shows both in one row."
        ),
    )
    operator_type = models.CharField(_("type of operator"), max_length=20, choices=OperatorType, blank=True)
    website = models.CharField(_("website"), max_length=500, blank=True, validators=[is_web_address])
    countries = CountriesField(_("countries"), help_text=_("Where it works. “Anywhere” matches every country."))
    reach = models.CharField(_("reach"), max_length=20, choices=Reach, blank=True)
    regions = RegionsField(
        _("regions"),
        help_text=_("The parts of the country, such as Vienna or German-speaking Switzerland."),
    )
    region = models.CharField(
        _("region not on the list"),
        max_length=200,
        blank=True,
        help_text=_("Only if the list above lacks it: this name is the same in every language."),
    )
    audiences = AudiencesField(_("audiences"))
    not_for = NotForField(_("not for"), help_text=_("Shown before people make contact."))
    suitable_for = SuitableForField(_("suitable for"), help_text=_("Only what the service itself says."))
    minimum_age = models.PositiveSmallIntegerField(
        _("from age"), null=True, blank=True, validators=[MaxValueValidator(120)]
    )
    maximum_age = models.PositiveSmallIntegerField(
        _("to age"), null=True, blank=True, validators=[MaxValueValidator(120)]
    )
    cost = models.CharField(_("cost"), max_length=10, choices=Cost, default=Cost.UNKNOWN)
    anonymous = models.CharField(_("can be used anonymously"), max_length=10, choices=YesNo, default=YesNo.UNKNOWN)
    asks = models.CharField(_("what they ask for"), max_length=10, choices=Asks, default=Asks.UNKNOWN)
    confidentiality = models.CharField(
        _("confidentiality"), max_length=20, choices=Confidentiality, default=Confidentiality.UNKNOWN
    )
    reporting_trigger = models.CharField(
        _("what makes them tell others"), max_length=30, choices=Trigger, default=Trigger.UNKNOWN
    )
    legal_basis = models.CharField(
        _("legal basis"),
        max_length=300,
        blank=True,
        help_text=_("The law and its section, as they are usually cited."),
    )
    confidentiality_reviewer = models.CharField(
        _("confidentiality reviewed by"),
        max_length=200,
        blank=True,
        help_text=_("A role and an organisation, not a private individual."),
    )
    confidentiality_reviewed_on = models.DateField(_("confidentiality reviewed on"), null=True, blank=True)
    evidence = models.CharField(_("evidence"), max_length=20, choices=Evidence, default=Evidence.UNKNOWN)
    scan_grade = models.CharField(_("grade of the privacy scan"), max_length=1, blank=True, editable=False)

    objects = ProgrammeQuerySet.as_manager()

    if TYPE_CHECKING:
        contact_points: Any  # a relation of modelcluster, to which a list may be assigned
        texts: RelatedManager[ProgrammeText]

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.minimum_age and self.maximum_age and self.minimum_age > self.maximum_age:
            raise ValidationError({"maximum_age": gettext("The ages are the wrong way round.")})

    def with_content_json(self, content: dict[str, Value]) -> Self:
        """Keep the current grade of the privacy scan, which an old revision never changes."""
        programme = super().with_content_json(content)
        programme.scan_grade = self.scan_grade
        return programme

    def visibility_blockers(self) -> Iterator[str]:
        yield from super().visibility_blockers()
        if not self.countries:
            yield gettext("It has no country, so it could not be found.")
        if not set(self.audiences) & set(Audience.in_finder()):
            yield gettext("It does not say who it is for, so it could not be found.")
        if not visibility.is_reachable(self):
            yield gettext("It has no number, address or website, so people could not make contact.")

    def situations(self) -> Iterator[Situation]:
        """Yield the situations in which it helps, from its audiences and whom it accepts."""
        acted = Audience.SELF_BEHAVIOUR in self.audiences
        worried = acted or Audience.SELF_THOUGHTS in self.audiences
        if SuitableFor.IMAGES in self.suitable_for or (worried and NotFor.HAS_ACTED not in self.not_for):
            yield Situation.IMAGES
        if SuitableFor.OPEN_PROCEEDINGS in self.suitable_for or (acted and NotFor.OPEN_PROCEEDINGS not in self.not_for):
            yield Situation.INVESTIGATION

    def is_remote(self) -> bool:
        """Return whether people far away can use it."""
        return any(point.channel and Channel(point.channel).remote for point in self.contact_points.all())


# Facts stated once for the whole and all the locations that are shown with it.
SAID_ONCE = (
    "cost", "anonymous", "asks", "confidentiality", "reporting_trigger", "legal_basis", "minimum_age", "maximum_age",
    "alert", "alert_note",
)  # fmt: skip


def grouped(
    programmes: Iterable[Programme], fits: Callable[[Programme, Programme], bool]
) -> list[tuple[Programme, tuple[Programme, ...]]]:
    """Return each programme with a separate row, with the locations that fit into it, by name, closed ones last."""
    found = list(programmes)
    called: dict[str, list[Programme]] = defaultdict(list)
    for programme in found:
        if not programme.part_of:
            called[programme.name].append(programme)
    locations: dict[object, list[Programme]] = defaultdict(list)
    own = []
    for programme in found:
        named = called[programme.part_of] if programme.part_of else []
        whole = next((each for each in named if fits(programme, each)), None)
        if whole is None:
            own.append(programme)
        else:
            locations[whole.uuid].append(programme)
    for some in locations.values():
        some.sort(key=lambda location: (location.is_closed, names.sort_key(location_name(location))))
    return [(programme, tuple(locations[programme.uuid])) for programme in own]


def is_said_of(location: Programme, whole: Programme) -> bool:
    """Return whether the statements of a whole that is open are true of this location.

    Their texts in one language are prefetched.
    """
    return (
        not whole.is_closed
        and all(getattr(location, name) == getattr(whole, name) for name in SAID_ONCE)
        and set(location.not_for) == set(whole.not_for)
        and set(location.suitable_for) == set(whole.suitable_for)
        and spoken(location) <= spoken(whole)
        and not any(text.not_for for text in location.texts.all())
    )


def spoken(programme: Programme) -> set[str]:
    return {code for point in programme.contact_points.all() for code in point.languages}


def location_name(location: Programme) -> str:
    return region_name(location) or location.name


def region_name(programme: Programme) -> str:
    """Return the names of its regions in the active language, with the one that has no code, as it is written."""
    return names.joined(filter(None, [*map(regions.name, programme.regions), programme.region]))
