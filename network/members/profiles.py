"""Members as each audience sees them: one function for each. Templates of the public site get a Profile, never a Member."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.languages import names
from core.publishing.sharing import shortened
from network.members.models import PROFILE_TEXTS, Member
from network.publications.models import Publication
from network.review.models import ProposedTexts, TextDifference, label_of
from network.vocabulary.details import DETAILS, Detail, DetailAudience
from network.vocabulary.models import Vocabulary

# Brick is missing: it says that something has gone wrong.
HUES = ("pine", "blaze", "leaf", "sand", "clay", "plum", "sky")
# Two letters of these scripts would join, and read as a word.
JOINING = frozenset({"AL"})


def hue(uuid: UUID) -> str:
    """Return the hue of a member: the same for as long as they are one."""
    return HUES[uuid.int % len(HUES)]


def initials(name: str) -> str:
    """Return the first letter of the first and the last word of a name, each with its accents; of one word in Arabic. "" without a letter."""
    found = list(_first_letters(name))
    if not found:
        return ""
    joining = unicodedata.bidirectional(found[0][0]) in JOINING
    return found[0] if joining or len(found) == 1 else found[0] + found[-1]


def _first_letters(name: str) -> Iterator[str]:
    """Yield the first letter of each word that has one, with the marks that belong to it."""
    for word in unicodedata.normalize("NFC", name).split():
        start = next((place for place, letter in enumerate(word) if letter.isalpha()), None)
        if start is None:
            continue
        end = start + 1
        while end < len(word) and unicodedata.category(word[end]).startswith("M"):
            end += 1
        letter = word[start:end]
        # "ß" and a few others become two letters.
        yield letter.upper() if len(letter.upper()) == len(letter) else letter


@dataclass(frozen=True, slots=True)
class SeenDetail:
    """One detail as an audience sees it: the text, and the language that it is in, or "" if it is in the active one."""

    detail: Detail
    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one audience sees of a member, in the active language. A detail that they do not see is empty here."""

    uuid: UUID
    # The language that each of the member's own texts is in: detail → code.
    written_in: Mapping[str, str]
    name: str = ""
    # Told together with the name, which says it as well.
    is_organisation: bool = False
    has_page: bool = False
    roles: tuple[str, ...] = ()
    affiliation: str = ""
    ror: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    # The codes of `country` and `languages`, for programs.
    country_code: str = ""
    language_codes: tuple[str, ...] = ()
    expertise: tuple[str, ...] = ()
    work_settings: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    about: str = ""
    offers: str = ""
    needs: str = ""
    # Read from the database when they are looked at: lists of members do not.
    publications: Iterable[Publication] = ()
    orcid: str = ""
    # Whether ORCID has said that the iD is theirs, or only they themselves.
    orcid_is_confirmed: bool = False

    @property
    def title(self) -> str:
        """The name, or what is shown in its place."""
        return self.name or (self.roles[0] if self.roles else _("A member who does not show a name"))

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def hue(self) -> str:
        """The hue of what stands for the member, or "" for one without a name, who looks like all others without one."""
        return hue(self.uuid) if self.name else ""

    @property
    def summary(self) -> str:
        """Roles and country in a line, without the role that stands in for the name."""
        roles = self.roles if self.name else self.roles[1:]
        return " · ".join([*roles, *([self.country] if self.country else [])])

    @property
    def description(self) -> str:
        """What search engines show: who the member is, and what they say of their work."""
        who = " · ".join(filter(None, (self.title, self.summary)))
        return shortened(": ".join(filter(None, (who, self.about or self.affiliation))))

    @property
    def rows(self) -> list[SeenDetail]:
        """Everything that is in it, detail by detail in their order, without what is empty."""
        return [
            SeenDetail(rule.detail, text, self.written_in.get(rule.detail, ""))
            for rule in DETAILS
            if (text := self._text(rule.detail))
        ]

    def _text(self, detail: Detail) -> str:
        value = getattr(self, detail)
        if detail == Detail.PUBLICATIONS:
            return "\n".join(
                f"{publication.title} ({publication.year})" if publication.year else publication.title
                for publication in self.publications
            )
        if detail == Detail.AFFILIATION:
            return " ".join(filter(None, [value, self.ror]))
        if detail == Detail.ORCID and value:
            template = (
                _("%(orcid)s (confirmed by ORCID)") if self.orcid_is_confirmed else _("%(orcid)s (as given)")
            )
            return template % {"orcid": value}
        return value if isinstance(value, str) else names.joined(value)

    @property
    def key_outputs(self) -> list[Publication]:
        """The publications that the member shows first."""
        return [publication for publication in self.publications if publication.is_key]

    @property
    def other_publications(self) -> list[Publication]:
        """The other publications, the newest first."""
        return [publication for publication in self.publications if not publication.is_key]

    @property
    def lists(self) -> list[tuple[str, tuple[str, ...]]]:
        """The details that are lists, that the directory has no filter for, and that are not empty; each with its heading."""
        details = (Detail.WORK_SETTINGS, Detail.METHODS, Detail.POPULATIONS)
        return [(str(detail.label), getattr(self, detail)) for detail in details if getattr(self, detail)]


def public(member: Member, vocabulary: Vocabulary) -> Profile:
    """Return what everybody sees; `vocabulary` is that of the active language.

    Whatever the public gets of a member is made from this.
    """
    return _profile(member, vocabulary, DetailAudience.EVERYBODY, get_language())


def for_members(member: Member, vocabulary: Vocabulary) -> Profile:
    """Return what other members see."""
    return _profile(member, vocabulary, DetailAudience.MEMBERS, get_language())


def for_team(member: Member, vocabulary: Vocabulary) -> Profile:
    """Return what the network's team sees: everything, in the texts that the member wrote first."""
    return _profile(member, vocabulary, DetailAudience.TEAM, member.language)


# The function for each audience that has a directory.
BY_AUDIENCE = {DetailAudience.EVERYBODY: public, DetailAudience.MEMBERS: for_members}


def _profile(member: Member, vocabulary: Vocabulary, audience: DetailAudience, reads: str) -> Profile:
    seen: dict[str, Any] = {}
    written_in: dict[str, str] = {}
    for rule in DETAILS:
        detail = rule.detail
        if not member.shows(detail, to=audience):
            continue
        if rule.is_text:
            seen[detail.value], written_in[detail.value] = member.text(detail, reads)
        elif rule.has_categories:
            seen[detail.value] = vocabulary.labels(rule.facet, getattr(member, detail))
        elif detail == Detail.PUBLICATIONS:
            seen[detail.value] = member.publications.all() if member.pk else ()
        else:
            seen[detail.value] = getattr(member, detail)
    if Detail.LANGUAGES in seen:
        seen["language_codes"] = tuple(member.languages)
        seen[Detail.LANGUAGES] = tuple(names.language_name(code) for code in member.languages)
    if Detail.COUNTRY in seen:
        seen["country_code"] = member.country
        seen[Detail.COUNTRY] = names.country_name(member.country)
    if Detail.NAME in seen:
        seen["is_organisation"] = member.kind == member.Kind.ORGANISATION
    if Detail.AFFILIATION in seen:
        seen["ror"] = member.ror
    seen["orcid_is_confirmed"] = Detail.ORCID in seen and member.orcid_confirmed_at is not None
    # Members see a page of everybody whom they see at all.
    has_page = member.has_public_page if audience == DetailAudience.EVERYBODY else True
    return Profile(uuid=member.uuid, written_in=written_in, has_page=has_page, **seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText:
    """What a member says in one language: label and text of each detail, and what would change."""

    language: str
    name: str
    direction: str
    details: list[tuple[str, str]]
    proposal: ProposedTexts | None
    differences: list[TextDifference]


def own_texts(member: Member) -> Iterator[OwnText]:
    """Yield what a member says in each language, their own first. Two queries at most."""
    proposals = {proposal.language: proposal for proposal in member.proposals.select_related("member")}
    for language in dict.fromkeys([*member.written_languages, *proposals]):
        texts, proposal = member.texts_in(language), proposals.get(language)
        yield OwnText(
            language=language,
            name=names.language_name(language),
            direction=settings.LANGUAGE_TABLE[language].direction,
            details=[(label_of(detail), texts[detail]) for detail in PROFILE_TEXTS if detail in texts],
            proposal=proposal,
            differences=list(proposal.differences()) if proposal else [],
        )
