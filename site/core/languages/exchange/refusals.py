"""Why a file, or one text of it, is not taken: in words for whoever has sent it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RefusedBecause(models.TextChoices):
    """Why one text of a file was not taken."""

    GONE = "gone", _("This page or text is not here, or is not translated any more.")
    NOT_YOURS = "not-yours", _("Your roles do not include translating this into that language.")
    LANGUAGE = "language", _("The file says that it is in another language.")
    UNKNOWN = "unknown", _("There is no such text here.")
    SOURCE = "source", _("The source has changed since the file was made.")
    MARKUP = "markup", _("It has markup that no text here may have.")
    TAG_LOST = "tag-lost", _("A link, a line break or an emphasis of the source is missing.")
    TAG_ADDED = "tag-added", _("It has a link, a line break or an emphasis that the source does not have.")
    UNFINISHED = "unfinished", _("It is marked as unfinished or uncertain.")
    NEWER = "newer", _("It was changed at the desk after the file was made.")
    PERSON = "person", _("A person has translated it: what a machine has written does not replace that.")
    NO_MACHINE = "no-machine", _("A machine has written it: only people translate this.")
    PLURAL = "plural", _("It has plural forms. Texts here have none.")
    TWICE = "twice", _("The file has two different translations of it.")
    INVALID = "invalid", _("The field does not take it.")


class BadFile(Exception):  # noqa: N818  (it names what the file is)
    """No text of the file can be read. `problem` says why."""

    class Problem(models.TextChoices):
        NOT_XLIFF = "not-xliff", _("The file is damaged, or is not XLIFF 1.2.")
        NOT_PO = "not-po", _("The file is damaged, or is not a PO file in UTF-8.")
        OTHER = "other", _("Only XLIFF 1.2, PO, and a ZIP archive of these can be read.")
        ENTITIES = "entities", _("The file declares entities (DOCTYPE). XLIFF needs none, so it is not read.")
        TOO_LARGE = "too-large", _("The archive is larger than 40 MB when it is unpacked.")
        TOO_MANY = "too-many", _("The file has more than 20,000 texts. Send it in parts.")

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem
