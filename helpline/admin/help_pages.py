"""Help pages in progress: the languages in which each is public, pending decisions, and reviewers.

The start page also lists pages that were unpublished, were reverted or are overdue.
Those who work on a page get an email when it is unpublished.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.models import Locale, Page, PageLogEntry, WorkflowState
from wagtail.permissions import page_permission_policy
from wagtail.query import PageQuerySet
from wagtail.users.models import UserProfile
from wagtail_localize.models import Translation

from core.admin.todo import Lane, Rank, ToDoLine
from core.admin.unpublishing.requests import ASK, open_requests
from core.admin.unpublishing.views import ACTION
from core.admin.views import AdminView
from core.http import private_url
from core.languages import names
from core.mail import outbox
from core.mail.kinds import MailKind
from core.memo import per_batch
from core.models import OutgoingMail
from helpline.finder.pages import CheckPage, FinderPage, GuidePage, HelpPage
from helpline.governance.services import REVERTED

TYPES = (FinderPage, GuidePage, CheckPage)


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPageRow:
    """A help page in one language, as the overview shows it."""

    page: HelpPage
    language: str
    waits: bool  # submitted, and not yet decided
    asked: PageLogEntry | None  # the request to unpublish it, if it is not yet decided
    decides: bool  # whether this person may decide about that
    unpublished: PageLogEntry | None  # the reason why it is no longer public
    reverted: PageLogEntry | None  # the revert by the scheduler, with the fields that differed

    @property
    def is_overdue(self) -> bool:
        """Return whether it is due for another review by a clinician and by people who were harmed."""
        due = self.page.next_review
        return due is not None and due <= timezone.localdate()


def pages_of(user: AbstractUser | AnonymousUser) -> PageQuerySet:
    """Return the help pages that a user may change or publish, in every language."""
    kinds = ContentType.objects.get_for_models(*TYPES).values()
    mine: PageQuerySet = page_permission_policy.instances_user_has_any_permission_for(user, {"change", "publish"})
    return mine.filter(content_type__in=kinds, alias_of=None)


@per_batch
def has_pages(user: AbstractUser | AnonymousUser) -> bool:
    return pages_of(user).exists()


def publishable(user: AbstractUser | AnonymousUser) -> PageQuerySet:
    """Return the pages that a user may publish, and so unpublish."""
    found: PageQuerySet = page_permission_policy.instances_user_has_permission_for(user, "publish")
    return found


def submitted() -> QuerySet[WorkflowState]:
    kind = ContentType.objects.get_for_model(Page)
    return WorkflowState.objects.filter(base_content_type=kind, status=WorkflowState.STATUS_IN_PROGRESS)


class HelpPagesView(AdminView, TemplateView):
    """All help pages of this person, those that wait for a decision first."""

    template_name = "helpline/admin/help_pages.html"
    page_title = _("Help pages")
    header_icon = "doc-full"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(user.has_perm("wagtailadmin.access_admin")) and has_pages(user)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        rows = sorted(self.rows(), key=lambda row: (row.asked is None, not row.waits, row.unpublished is None))
        return super().get_context_data(rows=rows, **kwargs)

    def rows(self) -> Iterator[HelpPageRow]:
        waiting = set(submitted().values_list("object_id", flat=True))
        pages = pages_of(self.request.user)
        # The last one counts, as a page may have been unpublished and published again.
        entries = PageLogEntry.objects.filter(action__in=(ACTION, REVERTED), page__in=pages)
        reasons = {
            (entry.page_id, entry.action): entry for entry in entries.select_related("user").order_by("timestamp")
        }
        asked = open_requests(pages)
        mine = set(publishable(self.request.user).filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
        codes = dict(Locale.objects.values_list("pk", "language_code"))
        for page in pages.order_by("path").specific():
            yield HelpPageRow(
                page=page,
                language=names.language_name(codes[page.locale_id]),
                waits=str(page.pk) in waiting,
                asked=asked.get(page.pk) if page.live else None,
                decides=page.pk in mine,
                unpublished=None if page.live else reasons.get((page.pk, ACTION)),
                reverted=reasons.get((page.pk, REVERTED)),
            )


# For this long, the start page shows a page that was unpublished and is not public again, or that the scheduler
# reverted.
SHOWN_FOR = timedelta(days=14)


def help_page_todos(user: AbstractUser) -> Iterator[ToDoLine]:
    if not has_pages(user):
        return
    pages = pages_of(user)
    waiting = open_requests(pages.filter(pk__in=publishable(user), live=True)).values()
    if count := sum(entry.user_id != user.pk for entry in waiting):
        yield ToDoLine(
            title=gettext("Unpublish requests for help pages: decide"),
            count=count,
            url=reverse("help_pages:list"),
            urgent=True,
            rank=Rank.READER,
        )
    found = pages.aggregate(
        **{
            name: Count("pk", filter=Q(pk__in=some.values("pk")))
            for name, some in (
                ("off", lately_off(pages)),
                ("reverted", lately_reverted(pages)),
                ("due", overdue(pages)),
            )
        }
    )
    if count := found["off"]:
        yield ToDoLine(
            title=gettext("Unpublished help pages"),
            count=count,
            url=reverse("help_pages:list"),
            urgent=True,
            rank=Rank.READER,
        )
    if count := found["reverted"]:
        yield ToDoLine(
            title=gettext("Help pages reverted because they differed from what two people approved"),
            count=count,
            lane=Lane.FAILED,
            url=reverse("help_pages:list"),
            urgent=True,
            rank=Rank.READER,
        )
    if count := found["due"]:
        yield ToDoLine(
            title=gettext("Help pages to be read again by a clinician and by people who were harmed"),
            count=count,
            lane=Lane.LATE,
            url=reverse("help_pages:list"),
            urgent=True,
            rank=Rank.CHECK,
        )


def overdue(pages: QuerySet[Page]) -> QuerySet[Page]:
    """Return the public pages in the source language whose next review is due.

    Their translations follow them.
    """
    due = Q()
    for model in TYPES:
        due |= Q(**{f"{model._meta.model_name}__next_review__lte": timezone.localdate()})
    return pages.filter(due, live=True, locale__language_code=settings.LANGUAGE_CODE)


def lately_off(pages: QuerySet[Page]) -> QuerySet[Page]:
    """Return the pages that were public until recently."""
    return pages.filter(Exists(lately("wagtail.unpublish")), live=False)


def lately_reverted(pages: QuerySet[Page]) -> QuerySet[Page]:
    """Return the pages that the scheduler has reverted recently."""
    return pages.filter(Exists(lately(REVERTED)))


def lately(action: str) -> QuerySet[PageLogEntry]:
    since = timezone.now() - SHOWN_FOR
    return PageLogEntry.objects.filter(page=OuterRef("pk"), action=action, timestamp__gte=since)


GONE, STOPPED, ASKED = "gone", "stopped", "asked"
# Wagtail's own entry is from a route that does not ask for a reason.
LOGGED = {
    GONE: (ACTION, "wagtail.unpublish", "wagtail.delete"),
    STOPPED: ("core.stop_translation",),
    ASKED: (ASK,),
}
SUBJECTS = {
    GONE: gettext_lazy("Off the site: %(title)s"),
    STOPPED: gettext_lazy("No longer translated: %(title)s"),
    ASKED: gettext_lazy("To be unpublished? %(title)s"),
}


def note_unpublished(sender: type[Page], instance: HelpPage, **kwargs: object) -> None:
    notify(instance, GONE)


def note_deleted(sender: type[Page], instance: HelpPage, **kwargs: object) -> None:
    """Notify of a public page that was deleted, by any route."""
    if instance.live:
        notify(instance, GONE)


def note_asked(sender: type[Page], instance: HelpPage, **kwargs: object) -> None:
    notify(instance, ASKED)


def note_stopped(sender: type[Translation], instance: Translation, created: bool, **kwargs: object) -> None:
    if created or instance.enabled:
        return
    page = HelpPage.in_language(instance.source.object_id, instance.target_locale_id)
    if page is not None:
        notify(page, STOPPED)


def notify(page: HelpPage, what: str) -> None:
    """Queue an email to everyone who may change or publish the page.

    It is written, with the reason, when it is sent.
    """
    people = page_permission_policy.users_with_any_permission_for_instance({"change", "publish"}, page)
    for user in people.filter(is_active=True).exclude(email=""):
        outbox.queue(
            MAIL.name,
            recipient=user.email,
            what=what,
            user=user.pk,
            page=page.pk,
            title=page.title,
            language=page.locale.language_code,
        )


def write(mail: OutgoingMail) -> EmailMessage | None:
    """Write to one person, in their language, unless they did it themselves or their account is inactive."""
    data = mail.data
    user = get_user_model().objects.filter(pk=data["user"], is_active=True).first()
    entries = PageLogEntry.objects.filter(page_id=data["page"], action__in=LOGGED[data["what"]])
    found = sorted(entries.select_related("user").order_by("-timestamp")[:3], key=lambda entry: entry.action != ACTION)
    entry = found[0] if found else None
    if user is None or (entry is not None and entry.user_id == user.pk):
        return None
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
        context = {
            **data,
            "language": names.language_name(data["language"]),
            "by": entry.user if entry is not None else None,
            "reason": (entry.data or {}).get("reason", "") if entry is not None else "",
            "url": private_url("help_pages:list"),
            "decide_url": private_url("unpublish_page", data["page"]),
        }
        return EmailMessage(
            subject=" ".join((SUBJECTS[data["what"]] % {"title": data["title"]}).split()),
            body=render_to_string("helpline/mail/help_page.txt", context),
            to=[mail.recipient],
        )


MAIL = MailKind(name="helpline.page", title=gettext_lazy("Help page unpublished"), write=write)
