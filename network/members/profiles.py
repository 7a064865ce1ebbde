"""Views of a member for each audience: one function for each.

Templates of the public site get a Profile, never a Member.
"""

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

# Brick is left out, because it marks errors.
HUES = ("pine", "blaze", "leaf", "sand", "clay", "plum", "sky")
# Two letters of these scripts would join and read as a word.
JOINING = frozenset({"AL"})


def hue(uuid: UUID) -> str:
    """Return the hue of a member, which never changes."""
    return HUES[uuid.int % len(HUES)]


def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name, with their accents.

    Only one letter for Arabic, and "" for a name without letters.
    """
    found = list(_first_letters(name))
    if not found:
        return ""
    joining = unicodedata.bidirectional(found[0][0]) in JOINING
    return found[0] if joining or len(found) == 1 else found[0] + found[-1]


def _first_letters(name: str) -> Iterator[str]:
    """Yield the first letter of each word that has one, with its combining marks."""
    for word in unicodedata.normalize("NFC", name).split():
        start = next((place for place, letter in enumerate(word) if letter.isalpha()), None)
        if start is None:
            continue
        end = start + 1
        while end < len(word) and unicodedata.category(word[end]).startswith("M"):
            end += 1
        letter = word[start:end]
        # The upper case of "ß" and a few others has two letters.
        yield letter.upper() if len(letter.upper()) == len(letter) else letter


@dataclass(frozen=True, slots=True)
class SeenDetail:
    """One detail as an audience sees it: the text and its language, or "" for the active one."""

    detail: Detail
    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """View of a member for one audience, in the active language.

    Details hidden from the audience are empty.
    """

    uuid: UUID
    # The language of each of the member's texts: detail → code.
    written_in: Mapping[str, str]
    name: str = ""
    # Set only with the name, which reveals it as well.
    is_organisation: bool = False
    has_page: bool = False
    roles: tuple[str, ...] = ()
    affiliation: str = ""
    ror: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    # The codes of `country` and `languages`, for machine-readable formats.
    country_code: str = ""
    language_codes: tuple[str, ...] = ()
    expertise: tuple[str, ...] = ()
    work_settings: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    about: str = ""
    offers: str = ""
    needs: str = ""
    # Queried only on access, because lists of members do not show them.
    publications: Iterable[Publication] = ()
    orcid: str = ""
    # Whether ORCID has confirmed the iD, or only the member has entered it.
    orcid_is_confirmed: bool = False

    @property
    def title(self) -> str:
        """Return the name, or the text shown in its place."""
        return self.name or (self.roles[0] if self.roles else _("A member who does not show a name"))

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def hue(self) -> str:
        """Return the hue of the member's avatar, or "" without a name, so that all nameless members look alike."""
        return hue(self.uuid) if self.name else ""

    @property
    def summary(self) -> str:
        """Return roles and country in one line, without a role that stands in for the name."""
        roles = self.roles if self.name else self.roles[1:]
        return " · ".join([*roles, *([self.country] if self.country else [])])

    @property
    def description(self) -> str:
        """Return the meta description for search engines: identity and work of the member."""
        who = " · ".join(filter(None, (self.title, self.summary)))
        work = self.about or self.affiliation
        return shortened(names.labelled(who, work) if who and work else who or work)

    @property
    def rows(self) -> list[SeenDetail]:
        """Return all details that are not empty, in their order."""
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
            template = _("%(orcid)s (confirmed by ORCID)") if self.orcid_is_confirmed else _("%(orcid)s (as given)")
            return template % {"orcid": value}
        return value if isinstance(value, str) else names.joined(value)

    @property
    def key_outputs(self) -> list[Publication]:
        """Return the publications marked as key outputs."""
        return [publication for publication in self.publications if publication.is_key]

    @property
    def other_publications(self) -> list[Publication]:
        """Return the other publications, the newest first."""
        return [publication for publication in self.publications if not publication.is_key]

    @property
    def lists(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the non-empty list details for which the directory shows no filter, each with its heading."""
        details = (Detail.WORK_SETTINGS, Detail.METHODS, Detail.POPULATIONS)
        return [(str(detail.label), getattr(self, detail)) for detail in details if getattr(self, detail)]


def public(member: Member, vocabulary: Vocabulary) -> Profile:
    """Return the public view of a member; `vocabulary` is that of the active language.

    All that the public gets of a member is made from this.
    """
    return _profile(member, vocabulary, DetailAudience.EVERYBODY, get_language())


def for_members(member: Member, vocabulary: Vocabulary) -> Profile:
    """Return the view of a member for other members."""
    return _profile(member, vocabulary, DetailAudience.MEMBERS, get_language())


def for_team(member: Member, vocabulary: Vocabulary) -> Profile:
    """Return the team's view of a member: everything, in the texts that the member wrote first."""
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
    # Every member that members see has a page for them.
    has_page = member.has_public_page if audience == DetailAudience.EVERYBODY else True
    return Profile(uuid=member.uuid, written_in=written_in, has_page=has_page, **seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText:
    """A member's texts in one language: label and text of each detail, and the proposed changes."""

    language: str
    name: str
    direction: str
    details: list[tuple[str, str]]
    proposal: ProposedTexts | None
    differences: list[TextDifference]


def own_texts(member: Member) -> Iterator[OwnText]:
    """Yield a member's texts in each language, their own first.

    Two queries at most.
    """
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
