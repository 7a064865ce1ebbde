"""Reasons to refuse a file, as errors that tell the editor what to do."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def wrong_type(extension: str) -> ValidationError:
    return ValidationError(
        _("The name of this file ends in “.%(extension)s”, but its content is something else.")
        % {"extension": extension},
        code="content",
    )


def damaged() -> ValidationError:
    return ValidationError(_("This file is damaged or incomplete. Please save or export it again."), code="damaged")


def too_much() -> ValidationError:
    return ValidationError(_("This package contains too much once it is unpacked."), code="size")


def locked() -> ValidationError:
    return ValidationError(_("This file is protected with a password. Readers could not open it."), code="locked")


def macros() -> ValidationError:
    return ValidationError(_("This document contains macros. Please save it without them."), code="content")


def remarks() -> ValidationError:
    return ValidationError(
        _(
            "This document contains comments or tracked changes. "
            "Accept or reject all changes, delete the comments, and upload it again."
        ),
        code="remarks",
    )


def embedded(what: str) -> ValidationError:
    return ValidationError(
        _(
            "This document contains another file or a program (%(what)s). "
            "Remove that object, or export the document as PDF, and upload it again."
        )
        % {"what": what[:100]},
        code="embedded",
    )


def fetches(what: str) -> ValidationError:
    return ValidationError(
        _(
            "This document loads something from another place when it is opened (%(what)s). "
            "Insert pictures and texts instead of linking them, and save it again."
        )
        % {"what": what[:100]},
        code="fetches",
    )


def fetching_field(what: str) -> ValidationError:
    return ValidationError(
        _(
            "This document contains a field that may load or start something (%(what)s). "
            "In Word, press Ctrl+A, then Ctrl+Shift+F9, to turn fields into text, and save it again."
        )
        % {"what": what[:100]},
        code="fetches",
    )
