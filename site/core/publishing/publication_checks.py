"""Checks of texts before publication, by every way to publish: a button, a bulk action, a workflow, the scheduler.

An app declares a function on its `AppConfig` (`core.declarations`).

It takes a page or a record as it would be published, and returns the blockers, as sentences for
staff. Another function, `publication_remedies`, returns buttons that lead to where they are resolved.
Pages run the checks in `BasePage.publish()`; a record runs them where it is published.
"""

from django.core.exceptions import ValidationError
from django.db.models import Model

from core import declarations
from core.languages.lazy import StrOrPromise

# Address and label, as the messages of Wagtail's admin take them.
type Button = tuple[str, StrOrPromise]


def blockers(thing: Model) -> list[str]:
    """Return the reasons why the texts of `thing` may not be published; empty if they may."""
    return [reason for check in declarations.collect("publication_checks") for reason in check(thing)]


def remedies(thing: Model) -> list[Button]:
    """Return the buttons that lead to where the blockers of the newest version of `thing` are resolved."""
    return [button for remedy in declarations.collect("publication_remedies") for button in remedy(thing)]


def ensure(thing: Model) -> None:
    """Raise ValidationError if the texts of a record may not be published."""
    if reasons := blockers(thing):
        raise ValidationError(" ".join(reasons))
