"""Members as the public sees them. Templates of the public door get a Profile, never a Member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.languages import names
from core.publishing.sharing import shortened
from network.models.members import TEXTS
from network.models.vocabulary import Detail, Method, Population, Role, WorkSetting
from network.public import discs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from django.db.models import TextChoices

    from network.models.members import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one member shows, in the active language. A detail that is private is empty here."""

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
    expertise: tuple[str, ...] = ()
    work_settings: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    about: str = ""
    offers: str = ""
    needs: str = ""
    orcid: str = ""

    @property
    def title(self) -> str:
        """The name, or what is shown in its place."""
        return self.name or (self.roles[0] if self.roles else _("A member who does not show a name"))

    @property
    def initials(self) -> str:
        return discs.initials(self.name)

    @property
    def hue(self) -> str:
        """The hue of what stands for the member, or "" for one without a name, who looks like all others without one."""
        return discs.hue(self.uuid) if self.name else ""

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
    def lists(self) -> list[tuple[str, tuple[str, ...]]]:
        """The details that are lists, that the directory has no filter for, and that are not empty; each with its heading."""
        details = (Detail.WORK_SETTINGS, Detail.METHODS, Detail.POPULATIONS)
        return [(str(detail.label), getattr(self, detail)) for detail in details if getattr(self, detail)]


def public(member: Member, expertise: Mapping[str, str]) -> Profile:
    """Return the profile of a member; `expertise` maps codes to names in the active language (`Expertise.objects.named`)."""
    shown: dict[str, Any] = {
        detail.value: getattr(member, detail) for detail in Detail if member.shows(detail)
    }
    written_in: dict[str, str] = {}
    for text in TEXTS:
        if text in shown:
            shown[text.value], written_in[text.value] = member.text(text, get_language())
    choices: dict[str, type[TextChoices]] = {
        Detail.ROLES: Role,
        Detail.WORK_SETTINGS: WorkSetting,
        Detail.METHODS: Method,
        Detail.POPULATIONS: Population,
    }
    for detail, vocabulary in choices.items():
        if detail in shown:
            shown[detail] = labels(vocabulary, shown[detail])
    if Detail.EXPERTISE in shown:
        shown[Detail.EXPERTISE] = tuple(name for code, name in expertise.items() if code in member.expertise)
    if Detail.LANGUAGES in shown:
        shown[Detail.LANGUAGES] = tuple(names.language_name(code) for code in member.languages)
    if Detail.COUNTRY in shown:
        shown[Detail.COUNTRY] = names.country_name(member.country)
    if Detail.NAME in shown:
        shown["is_organisation"] = member.kind == member.Kind.ORGANISATION
    if Detail.AFFILIATION in shown:
        shown["ror"] = member.ror
    return Profile(uuid=member.uuid, written_in=written_in, has_page=member.has_public_page, **shown)


def labels(vocabulary: type[TextChoices], codes: Iterable[str]) -> tuple[str, ...]:
    """Return the labels of codes in the order of the vocabulary, without codes that are no longer in it."""
    chosen = set(codes)
    return tuple(str(choice.label) for choice in vocabulary if choice.value in chosen)
