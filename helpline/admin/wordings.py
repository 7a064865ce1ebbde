"""The words of listings and of laws, for translators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.languages.wordings import Wording
from helpline.governance import services
from helpline.records.laws import LawText
from helpline.records.texts import ProgrammeText

if TYPE_CHECKING:
    from helpline.approval.rule import User
    from helpline.records.texts import ApprovedText


def note_translation(text: ApprovedText, by: User) -> None:
    services.note(listing=text, by=by, reason=gettext("Translated from the original."))


WORDINGS = (
    Wording(
        key="programmes",
        title=_("Texts of programmes"),
        model=ProgrammeText,
        fields=("summary", "contact", "answers", "not_for"),
        shared=("programme",),
        note=note_translation,
    ),
    Wording(
        key="laws",
        title=_("Texts of laws"),
        model=LawText,
        fields=("words",),
        shared=("law",),
        note=note_translation,
    ),
)
