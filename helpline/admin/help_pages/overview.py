"""The help pages that somebody works on: in which language each is public, what waits for a decision, and who reviewed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.models import Locale, Page, PageLogEntry, WorkflowState
from wagtail.permissions import page_permission_policy

from core.admin.unpublish_requests import open_requests
from core.admin.unpublishing import ACTION
from core.desk.views import DeskView
from core.languages import names
from helpline.finder.pages import CheckPage, FinderPage, GuidePage
from helpline.governance.reverting import ACTION as PUT_BACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractUser, AnonymousUser
    from django.db.models import QuerySet
    from wagtail.query import PageQuerySet

    from helpline.finder.pages import HelpPage

TYPES = (FinderPage, GuidePage, CheckPage)


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPageRow:
    """A help page in one language, as the overview shows it."""

    page: HelpPage
    language: str
    waits: bool  # it has been handed in, and nobody has decided
    asked: PageLogEntry | None  # that somebody wants it off the site, and nobody has decided
    decides: bool  # whether this person may decide about that
    taken_off: PageLogEntry | None  # why the public does not see it any more
    put_back: PageLogEntry | None  # that the clock has put it back, and what differed

    @property
    def is_overdue(self) -> bool:
        """Whether it is due to be read again by a clinician and by people who were harmed."""
        due = self.page.next_review
        return due is not None and due <= timezone.localdate()


def pages_of(user: AbstractUser | AnonymousUser) -> PageQuerySet:
    """Return the help pages that a user may change or publish, in every language."""
    kinds = ContentType.objects.get_for_models(*TYPES).values()
    mine: PageQuerySet = page_permission_policy.instances_user_has_any_permission_for(
        user, {"change", "publish"}
    )
    return mine.filter(content_type__in=kinds, alias_of=None)


def publishable(user: AbstractUser | AnonymousUser) -> PageQuerySet:
    """Return the pages that a user may publish, and so take off the site."""
    found: PageQuerySet = page_permission_policy.instances_user_has_permission_for(user, "publish")
    return found


def handed_in() -> QuerySet[WorkflowState]:
    kind = ContentType.objects.get_for_model(Page)
    return WorkflowState.objects.filter(base_content_type=kind, status=WorkflowState.STATUS_IN_PROGRESS)


class HelpPagesView(DeskView, TemplateView):
    """All help pages of this person, those that wait for a decision first."""

    template_name = "helpline/admin/help_pages.html"
    page_title = _("Help pages")
    header_icon = "doc-full"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(user.has_perm("wagtailadmin.access_admin")) and pages_of(user).exists()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        rows = sorted(self.rows(), key=lambda row: (row.asked is None, not row.waits, row.taken_off is None))
        return super().get_context_data(rows=rows, **kwargs)

    def rows(self) -> Iterator[HelpPageRow]:
        waiting = set(handed_in().values_list("object_id", flat=True))
        pages = pages_of(self.request.user)
        # The last one counts: a page can have gone and come back.
        entries = PageLogEntry.objects.filter(action__in=(ACTION, PUT_BACK), page__in=pages)
        reasons = {
            (entry.page_id, entry.action): entry
            for entry in entries.select_related("user").order_by("timestamp")
        }
        asked = open_requests(pages)
        mine = (
            set(publishable(self.request.user).filter(pk__in=asked).values_list("pk", flat=True))
            if asked
            else set()
        )
        codes = dict(Locale.objects.values_list("pk", "language_code"))
        for page in pages.order_by("path").specific():
            yield HelpPageRow(
                page=page,
                language=names.language_name(codes[page.locale_id]),
                waits=str(page.pk) in waiting,
                asked=asked.get(page.pk) if page.live else None,
                decides=page.pk in mine,
                taken_off=None if page.live else reasons.get((page.pk, ACTION)),
                put_back=reasons.get((page.pk, PUT_BACK)),
            )
