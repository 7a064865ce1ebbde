"""What an app asks of words before they are published, whoever publishes them and however: at a button, in bulk, by a workflow, by the scheduler.

An app declares a function on its `AppConfig` (`core.declarations`).

It takes a page or a record as it would be published, and returns why its words may not be published yet, as sentences for staff
. Pages ask in `BasePage.publish()`; a record with words asks where it is published.
"""

from django.core.exceptions import ValidationError
from django.db.models import Model

from core import declarations


def blockers(thing: Model) -> list[str]:
    """Return why the words of `thing` may not be published; empty if they may."""
    return [reason for check in declarations.collect("publication_checks") for reason in check(thing)]


def ensure(thing: Model) -> None:
    """Raise ValidationError if the words of a record may not be published."""
    if reasons := blockers(thing):
        raise ValidationError(" ".join(reasons))
