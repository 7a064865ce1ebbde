"""What an import would change, or has changed, in the reader's language: counts, and the facts of each listing before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.languages.bidi import left_to_right
from core.languages.names import joined, language_name
from helpline.exchange.imports.drafts import ImportOutcome
from helpline.governance.review.comparison import hours_in_words, value_in_words
from helpline.records.contact_points import ContactPoint
from helpline.vocabulary.codes import Channel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django_stubs_ext import StrOrPromise

    from helpline.approval.authorship import Value
    from helpline.exchange.imports.drafts import PlannedImport

OUTCOME_LABELS = {
    ImportOutcome.NEW: _("New draft"),
    ImportOutcome.CHANGED: _("Draft changed"),
    ImportOutcome.CONFLICT: _("Left unchanged: somebody has edited or checked it"),
}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What happens to one listing, as a row of the preview."""

    name: str
    reference: str
    what: StrOrPromise
    differences: list[tuple[str, str, str]]


def preview_rows(changes: Iterable[PlannedImport], model: type[Any]) -> Iterator[ImportRow]:
    for change in changes:
        if change.outcome in OUTCOME_LABELS:
            differences = [
                (
                    field_label(difference.field, model),
                    in_words(difference.field, difference.before, model),
                    in_words(difference.field, difference.after, model),
                )
                for difference in change.differences
            ]
            yield ImportRow(
                change.name or change.reference, change.reference, OUTCOME_LABELS[change.outcome], differences
            )


def field_label(field: str, model: type[Any]) -> str:
    """Return the label that the forms of the desk give a field."""
    if field.startswith("contact_points["):
        number, _dot, name = field.removeprefix("contact_points[").partition("].")
        label = capfirst(str(ContactPoint._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
        return gettext("Contact point %(number)s: %(field)s") % {"number": number, "field": label}
    if field == "contact_points":
        return gettext("Contact points")
    return capfirst(str(model._meta.get_field(field).verbose_name))


def in_words(field: str, value: Value, model: type[Any]) -> str:
    """Return a value of a field, as `FieldChange` names it, in words."""
    if field == "contact_points":
        return "\n".join(contact_in_words(point) for point in value or ())
    if field.startswith("contact_points["):
        model, field = ContactPoint, field.partition("].")[2]
    return value_in_words(model, model._meta.get_field(field), value)


def contact_in_words(point: Mapping[str, Any]) -> str:
    """Return a contact point as one line: “Phone +49 30 1234 · in German and English · Monday to Friday 9:00 to 17:00”."""
    known = {name: value for name, value in point.items() if value and value != "unknown"}
    channel = known.get("channel", "")
    leads = [known[name] for name in ("number", "email", "url") if name in known]
    parts = [
        " ".join(
            [
                str(Channel(channel).label) if channel in Channel.values else gettext("Contact"),
                *map(left_to_right, leads),
            ]
        )
    ]
    if "address" in known:
        parts.append(known["address"])
    if "languages" in known:
        spoken = joined(language_name(code) for code in known["languages"])
        # Translators: the languages that somebody speaks: “in German and French”.
        parts.append(gettext("in %(languages)s") % {"languages": spoken})
    if "opening_hours" in known:
        parts.append(hours_in_words(known["opening_hours"]))
    return " · ".join(parts)


def summary(counts: Mapping[str, int]) -> list[str]:
    """Return the number of listings for each outcome, as `background.outcome` counts them."""
    new, changed, conflict, same = (
        counts.get(each.value, 0)
        for each in (ImportOutcome.NEW, ImportOutcome.CHANGED, ImportOutcome.CONFLICT, ImportOutcome.SAME)
    )
    return [
        ngettext("%(n)s new draft", "%(n)s new drafts", new) % {"n": new},
        ngettext("%(n)s draft changed", "%(n)s drafts changed", changed) % {"n": changed},
        ngettext("%(n)s conflict", "%(n)s conflicts", conflict) % {"n": conflict},
        ngettext("%(n)s unchanged", "%(n)s unchanged", same) % {"n": same},
    ]
