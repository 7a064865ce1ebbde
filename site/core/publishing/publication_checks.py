"""Checks of texts before publication, by every way to publish: a button, a bulk action, a workflow, the scheduler.

An app declares a function on its `AppConfig` (`core.declarations`).

It takes a page or a record as it would be published, and returns the blockers, as sentences for
staff.
Pages run the checks in `BasePage.publish()`; a record runs them where it is published.
"""

from django.core.exceptions import ValidationError
from django.db.models import Model

from core import declarations
from core.languages.lazy import StrOrPromise


class Blocker(str):
    """A blocker, with the address at which it is resolved, and the name of that screen."""

    __slots__ = ("label", "url")
    label: StrOrPromise
    url: str

    def __new__(cls, sentence: str, *, url: str, label: StrOrPromise) -> "Blocker":
        blocker = super().__new__(cls, sentence)
        blocker.url, blocker.label = url, label
        return blocker


def blockers(thing: Model) -> list[str]:
    """Return the reasons why the texts of `thing` may not be published; empty if they may."""
    return [reason for check in declarations.collect("publication_checks") for reason in check(thing)]


def ensure(thing: Model) -> None:
    """Raise ValidationError if the texts of a record may not be published."""
    if reasons := blockers(thing):
        raise ValidationError(" ".join(reasons))
