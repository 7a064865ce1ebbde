"""Features of Wagtail's editor that a type lacks, each with the sentence that tells editors why.

A page type names them as `missing_features`, a record on its viewset.
The form of each object lists them; tests/core/test_features.py compares them with the admin itself.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel

from core.languages.lazy import StrOrPromise


class Feature(models.TextChoices):
    COMMENTS = "comments", _("Comments")
    SCHEDULE = "schedule", _("Scheduling")
    LOCK = "lock", _("Locking")
    WORKFLOW = "workflow", _("Workflow")
    HISTORY = "history", _("History")
    COMPARE = "compare", _("Comparison of versions")
    PREVIEW = "preview", _("Preview")
    CHECKS = "checks", _("Content checks")
    USERBAR = "userbar", _("Editor bar on the public site")
    BULK = "bulk", _("Bulk actions")


type Missing = Mapping[Feature, StrOrPromise]

NO_USERBAR = _("The public site does not know who is signed in, so its pages have no bar for editors.")
ON_PAGES = _("Wagtail offers this for pages only.")
NO_DRAFTS = _("There are no drafts here: a change applies when you save it, and the history names who saved it.")
NO_LOCK = _("While you edit, the form names the colleagues who have it open, too.")
NO_PREVIEW = _("This is shown as a part of pages, or in the admin alone, and has no page of its own.")
NO_CHECKS = _("The checks read a preview, and there is none here.")

OF_RECORDS: Missing = {Feature.COMMENTS: ON_PAGES, Feature.USERBAR: NO_USERBAR}
WITHOUT_PREVIEW: Missing = {Feature.PREVIEW: NO_PREVIEW, Feature.CHECKS: NO_CHECKS}
WITHOUT_LOCK: Missing = {**OF_RECORDS, **WITHOUT_PREVIEW, Feature.LOCK: NO_LOCK}
WITHOUT_DRAFTS: Missing = {
    **WITHOUT_LOCK,
    **dict.fromkeys((Feature.SCHEDULE, Feature.WORKFLOW, Feature.COMPARE), NO_DRAFTS),
}


def missing_from(model: type[Any]) -> Missing:
    """Return the features that a page type or a record lacks, with the reasons."""
    found: Missing = (model.snippet_viewset if hasattr(model, "snippet_viewset") else model).missing_features
    return found


def by_reason(missing: Missing) -> Iterable[tuple[StrOrPromise, list[str]]]:
    """Return each reason with the names of the features that it is for."""
    found: dict[StrOrPromise, list[str]] = {}
    for feature, reason in missing.items():
        found.setdefault(str(reason), []).append(str(feature.label))
    return found.items()


class MissingFeaturesPanel(Panel):
    """Lists the features that a form lacks, folded."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"heading": _("Not available here"), "classname": "collapsed", "icon": "help", **kwargs})

    class BoundPanel(Panel.BoundPanel):
        template_name = "core/missing_features.html"

        def is_shown(self) -> bool:
            return bool(missing_from(self.panel.model))

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "reasons": by_reason(missing_from(self.panel.model))}
