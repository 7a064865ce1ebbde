from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import register_setting
from wagtail.models import Site

from core.models import ApprovedSettings
from core.models.settings import HELP
from core.search import folding
from core.search.folding import fold
from network.institutions.models import Institution
from network.members.querysets import FOUND_BY, ListingChangeQuerySet, MemberQuerySet, facet
from network.vocabulary.details import DETAILS, GIVEN, Detail, DetailAudience, DetailRule

# Each audience also sees what the audiences before it see.
WIDEST_FIRST = {audience: number for number, audience in enumerate(DetailAudience)}


def codes(name: Any) -> ArrayField[Any, Any]:
    """Return a field for a list of codes.

    The forms define the choices, so a new one needs no migration.
    """
    return ArrayField(models.CharField(max_length=40), verbose_name=name, default=list, blank=True)


class Member(models.Model):
    """A person or organisation in the network.

    Not a page, which would be copied for each language.

    Everything is private until the member shows it.
    `shown` contains the public details, `shown_to_members` those that signed-in members see as well.
    The columns that a directory lists, filters and searches by (`facets`, `words`, `order_key`, and the same
    `_for_members`) are derived from what its audience sees, so nothing else can be found.
    Members who leave are deleted.
    """

    # The columns with categories and their groups, and the columns that are derived from them.
    code_columns: ClassVar = {rule.detail: rule.facet for rule in DETAILS if rule.has_categories}
    facet_columns: ClassVar = tuple(f"facets{suffix}" for suffix in FOUND_BY.values())

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        ORGANISATION = "organisation", _("Organisation")

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", pgettext_lazy("state of a member", "address not confirmed")
        IN_REVIEW = "in_review", pgettext_lazy("state of a member", "in review")
        LISTED = "listed", pgettext_lazy("state of a member", "listed")
        PAUSED = "paused", pgettext_lazy("state of a member", "paused")
        DECLINED = "declined", pgettext_lazy("state of a member", "declined")

    # The states with a unique address; in the others, several requests may have the same one.
    KNOWN = (State.IN_REVIEW, State.LISTED, State.PAUSED)
    # The states in which the member's own page opens.
    # Declined people can read the reason there, and answer.
    ANSWERABLE = (*KNOWN, State.DECLINED)

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.UNCONFIRMED, editable=False)
    email = models.EmailField(_("email address"), help_text=_("Never shown."))
    language = models.CharField(
        _("language"),
        max_length=20,
        help_text=_("Of our emails and of the texts below."),
    )

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.PERSON)
    name = models.CharField(_("name"), max_length=120)
    roles = codes(_("roles"))
    country = models.CharField(_("country"), max_length=2)
    languages = codes(_("languages"))
    expertise = codes(_("fields of work"))
    work_settings = codes(_("where"))
    methods = codes(_("methods"))
    populations = codes(_("groups of people"))
    about = models.CharField(_("about"), max_length=300, blank=True)
    offers = models.TextField(_("offers"), max_length=600, blank=True)
    needs = models.TextField(_("needs"), max_length=600, blank=True)
    affiliation = models.CharField(_("place of work"), max_length=160, blank=True)
    ror = models.CharField("ROR", max_length=40, blank=True)
    orcid = models.CharField(
        "ORCID",
        max_length=19,
        blank=True,
        help_text=_("As given by the member, unless ORCID has confirmed it."),
    )
    # The name that ORCID returned when the member signed in there, deleted when `orcid` changes.
    # Only for the team and the member.
    orcid_name = models.CharField(_("name at ORCID"), max_length=120, blank=True, editable=False)
    orcid_confirmed_at = models.DateTimeField(_("confirmed by ORCID at"), null=True, editable=False)

    # Profile texts in other languages than `language`: code → detail → text.
    # Not rows, because they are read and erased only with the member.
    translations = models.JSONField(_("texts in other languages"), default=dict, editable=False)

    shown = codes(_("shown to the public"))
    shown_to_members = codes(_("shown to members"))
    has_page = models.BooleanField(_("has a page of its own"), default=False)

    consent_version = models.CharField(_("version of the consent"), max_length=20)
    consented_at = models.DateTimeField(_("consented at"), default=timezone.now)
    shown_changed_at = models.DateTimeField(_("changed what is shown at"), default=timezone.now)
    created_at = models.DateTimeField(_("asked at"), default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    # When the member was accepted, reconfirmed the profile, or last changed something; the number of reconfirmation
    # requests since, and the time of the last one.
    reconfirmed_at = models.DateTimeField(_("reconfirmed at"), default=timezone.now, editable=False)
    reconfirmation_letters = models.PositiveSmallIntegerField(
        _("reconfirmation requests sent"), default=0, editable=False
    )
    reconfirmation_asked_at = models.DateTimeField(_("reconfirmation requested at"), null=True, editable=False)
    # Paused by the scheduler because the reconfirmation requests were not answered.
    lapsed_at = models.DateTimeField(_("lapsed at"), null=True, editable=False)
    # Hidden by the network's team: the member cannot undo it.
    held_at = models.DateTimeField(_("hidden at"), null=True, editable=False)
    # Changes whenever a mailed link is used, which invalidates all earlier links.
    link_key = models.UUIDField(default=uuid4, editable=False)
    # Account for signing in, created on request: a mailed link is enough to see, change and delete a profile.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="member",
        verbose_name=_("account"),
    )
    # Deleted together with the member.
    outgoing_mail = GenericRelation("core.OutgoingMail", for_concrete_model=False)

    # ROR's names of the place of work: language code → name.
    place_names = models.JSONField(_("names of the place of work"), default=dict, editable=False)
    facets = ArrayField(models.CharField(max_length=80), default=list, editable=False)
    words = SearchVectorField(null=True, editable=False)
    order_key = models.CharField(max_length=200, editable=False, db_collation="C")
    facets_for_members = ArrayField(models.CharField(max_length=80), default=list, editable=False)
    words_for_members = SearchVectorField(null=True, editable=False)
    order_key_for_members = models.CharField(max_length=200, editable=False, db_collation="C")

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        permissions = [("review_member", _("Can review requests to join the network"))]
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(state__in=["in_review", "listed", "paused"]),
                name="one_member_for_each_address",
            ),
            models.UniqueConstraint(
                fields=["orcid"],
                condition=models.Q(orcid_confirmed_at__isnull=False),
                name="one_member_for_each_confirmed_orcid",
            ),
        ]
        indexes = [
            models.Index(
                fields=["order_key", "uuid"],
                condition=models.Q(state="listed"),
                name="listed_members_in_order",
            ),
            models.Index(
                fields=["order_key_for_members", "uuid"],
                condition=models.Q(state="listed"),
                name="members_in_order_for_members",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(
        self,
        *,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        self.derive()
        if update_fields is not None:
            update_fields = {*update_fields, *DERIVED}
        super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)

    def derive(self) -> None:
        """Derive the search columns of each audience from what it sees.

        `save()` calls this; call it before a bulk write.

        One query if the place of work has a ROR ID, and one if publications are shown.
        """
        self.place_names = Institution.objects.names_of(self.ror) if self.ror else {}
        found: dict[str, str] = {}
        for audience, suffix in FOUND_BY.items():
            to = DetailAudience(audience)
            setattr(self, f"facets{suffix}", list(self._facets(to)))
            # Many members show the same texts to members and to the public.
            texts = " ".join(self._shown_texts(to))
            found[texts] = found.get(texts) or folding.vector(texts)
            setattr(self, f"words{suffix}", found[texts])
            # Members who show their name are sorted by it; the others come last, in an order that reveals nothing.
            key = f"0 {fold(self.name)}"[:200] if self.shows(Detail.NAME, to) else "1"
            setattr(self, f"order_key{suffix}", key)

    def audience_of(self, detail: str) -> DetailAudience:
        """Return the widest audience that sees a detail."""
        if detail in self.shown:
            return DetailAudience.EVERYBODY
        return DetailAudience.MEMBERS if detail in self.shown_to_members else DetailAudience.TEAM

    def shows(self, detail: str, to: DetailAudience = DetailAudience.EVERYBODY) -> bool:
        return WIDEST_FIRST[self.audience_of(detail)] <= WIDEST_FIRST[to]

    @property
    def has_public_page(self) -> bool:
        """Return whether this member has a public page.

        It has to show a name.
        """
        return self.state == self.State.LISTED and self.has_page and self.shows(Detail.NAME)

    # --- Profile texts, by language -------------------------------------------------------------------------

    @property
    def written_languages(self) -> list[str]:
        """Return the languages of the member's texts, their own first."""
        return [self.language, *sorted(self.translations)]

    def texts_in(self, language: str) -> dict[str, str]:
        """Return the member's texts in exactly this language: detail → text, without empty ones."""
        if language != self.language:
            return dict(self.translations.get(language, {}))
        return {detail: getattr(self, detail) for detail in PROFILE_TEXTS if getattr(self, detail)}

    def set_texts(self, language: str, texts: Mapping[str, str]) -> None:
        """Replace the member's texts in one language; details missing in `texts` become empty."""
        if language == self.language:
            if texts.get(Detail.ORCID, "") != self.orcid:
                self.orcid_name, self.orcid_confirmed_at = "", None
            for detail in PROFILE_TEXTS:
                setattr(self, detail, texts.get(detail, ""))
        else:
            others = {code: texts for code, texts in self.translations.items() if code != language}
            self.translations = others | ({language: dict(texts)} if texts else {})

    def text(self, detail: str, language: str) -> tuple[str, str]:
        """Return a text for a visitor with `language`, and the language of the text: theirs, if the member wrote in it.

        A place of work that the member has not named in that language has ROR's name.
        """
        translated = self.translations.get(language, {}).get(detail, "")
        if detail == Detail.AFFILIATION and language != self.language:
            translated = translated or self.place_names.get(language, "")
        return (translated, language) if translated else (getattr(self, detail), self.language)

    def _shown_texts(self, to: DetailAudience) -> Iterator[str]:
        for detail in TEXTS:
            if self.shows(detail, to):
                yield getattr(self, detail)
                yield from (texts.get(detail, "") for texts in self.translations.values())
        if self.shows(Detail.AFFILIATION, to):
            yield from self.place_names.values()
        # A member has no publications before it is saved.
        if self.pk and self.shows(Detail.PUBLICATIONS, to):
            yield from (publication.title for publication in self.publications.all())

    def _facets(self, to: DetailAudience) -> Iterator[str]:
        for rule in DETAILS:
            if rule.facet and self.shows(rule.detail, to):
                for code in self._codes(rule):
                    yield facet(rule.facet, code)
        # Shown only with the name, which reveals the kind as well.
        if self.shows(Detail.NAME, to):
            yield facet("kind", self.kind)

    def _codes(self, rule: DetailRule) -> Iterable[str]:
        """Return the codes of a detail that has facets."""
        value = getattr(self, rule.detail)
        if rule.is_text:
            is_given = value or any(texts.get(rule.detail) for texts in self.translations.values())
            return [GIVEN] if is_given else []
        return [value] if isinstance(value, str) else value


class MemberWords(models.Model):
    """A copy of a member's words, with the indexes for searching.

    Every write of a row adds it to all indexes of its table again, and an index of words is by far the most expensive.
    In the table of members, a merge of two categories, which writes every member who has one, would spend four fifths
    of its time on unchanged words.
    A database trigger copies the words whenever they change (`network/migrations`), so that no code path can miss it.
    """

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, editable=False, related_name="indexed")
    words = SearchVectorField(null=True, editable=False)
    words_for_members = SearchVectorField(null=True, editable=False)

    class Meta:
        verbose_name = _("words of a member")
        verbose_name_plural = _("words of members")
        default_permissions = ()
        indexes = [
            GinIndex(fields=["words"], name="members_by_word"),
            GinIndex(fields=["words_for_members"], name="members_by_word_for_members"),
        ]

    def __str__(self) -> str:
        return str(self.member_id)


class ListingChange(models.Model):
    """A change of what the directory shows of a member: their presence, order, facets or words.

    A database trigger inserts it in the transaction of the change (`network/migrations`), so that no code path can miss
    it, and one at a time, so that later changes have greater keys.
    Processes that hold parts of the directory in memory read the changes since their last one.
    The trigger deletes the oldest changes; a process whose last change is gone reads everything again.
    """

    # Not a foreign key, because it also refers to deleted members.
    # The number of a deleted row identifies no person.
    member = models.BigIntegerField()
    # Unique for each change, even if keys are reused in a copy of the database.
    stamp = models.UUIDField()

    objects = ListingChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of the directory")
        verbose_name_plural = _("changes of the directory")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.stamp)


# The columns that `derive()` fills.
DERIVED = (
    "place_names",
    *(f"{name}{suffix}" for suffix in FOUND_BY.values() for name in ("facets", "words", "order_key")),
)
# The details that are texts.
TEXTS = tuple(rule.detail for rule in DETAILS if rule.is_text)
# Texts in the member's first language, and identifiers, which have no language.
PROFILE_TEXTS = (*TEXTS, "ror", Detail.ORCID)


@register_setting(icon="group")
class NetworkSettings(ApprovedSettings):
    """Settings of the network, one row per site."""

    contact_email = models.EmailField(
        _("address of the network's team"),
        blank=True,
        help_text=_("Replies to our emails go there, and people who cannot use the form write to it."),
    )

    panels = [HELP, FieldPanel("contact_email", read_only=True)]

    class Meta:
        verbose_name = _("network settings")

    @classmethod
    def contact(cls) -> str:
        """Return the address that members write to."""
        site = Site.objects.filter(is_default_site=True).first()
        own = cls.for_site(site).contact_email if site else ""
        return own or settings.DEFAULT_FROM_EMAIL
