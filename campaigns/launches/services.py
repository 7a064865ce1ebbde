"""Launches: the go-live time, publication of all languages together, the preflight check, and preview links."""

import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext
from wagtail.models import Page, Revision

from campaigns.launches import mail
from campaigns.models import (
    CampaignPage,
    Launch,
    LaunchContact,
    LaunchedPage,
    PartnerLink,
    PreviewLink,
    ToolkitPage,
)
from core.http.logs import trace
from core.publishing import approval, publication_checks
from core.scheduler import scheduled_publishing

log = logging.getLogger(__name__)


# Retention of partners' data: contacts who were notified of a launch, and recipients of previews.
PARTNERS_KEPT = timedelta(days=30)


LONGEST_PREVIEW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ScheduledVersion:
    """A version of a campaign or a toolkit, scheduled for the go-live time of its campaign."""

    revision: Revision
    campaign_key: uuid.UUID


def scheduled_versions(*, due_at: datetime | None = None) -> list[ScheduledVersion]:
    """Return all scheduled versions, or those due by a time: campaigns first, in tree order. A few queries."""
    found: list[tuple[int, str, ScheduledVersion]] = []
    for rank, model in enumerate((CampaignPage, ToolkitPage)):
        revisions = model.objects.scheduled_revisions().defer("content").select_related("content_type")
        if due_at is not None:
            revisions = revisions.filter(approved_go_live_at__lte=due_at)
        by_page = {int(revision.object_id): revision for revision in revisions}
        paths = dict(Page.objects.filter(pk__in=by_page).values_list("pk", "path"))
        above = {path[: -Page.steplen] if model is ToolkitPage else path for path in paths.values()}
        keys = dict(Page.objects.filter(path__in=above).values_list("path", "translation_key"))
        for pk, path in paths.items():
            key = keys[path[: -Page.steplen] if model is ToolkitPage else path]
            found.append((rank, path, ScheduledVersion(by_page[pk], key)))
    return [version for _rank, _path, version in sorted(found, key=lambda each: each[:2])]


def misscheduled() -> list[Revision]:
    """Return the scheduled revisions whose publishing time differs from the embargo of their campaign.

    The embargo is set once, on the original page; translations may have been published before it was changed.
    """
    versions = scheduled_versions()
    times = CampaignPage.objects.go_live_times({version.campaign_key for version in versions})
    return [
        version.revision
        for version in versions
        if times.get(version.campaign_key) != version.revision.approved_go_live_at
        # The embargo was lifted and the revision is due: the next run publishes it.
        and not (times.get(version.campaign_key) is None and version.revision.approved_go_live_at <= timezone.now())
    ]


@transaction.atomic
def reschedule(revision: Revision) -> None:
    """Reschedule a revision to the embargo of its campaign; without an embargo, the scheduler publishes it next."""
    model = revision.content_type.model_class()
    scheduled = model.objects.scheduled_revisions().select_for_update(of=("self",)).filter(pk=revision.pk).first()
    if scheduled is None:
        return
    go_live_at = scheduled.as_object().go_live_at
    scheduled.approved_go_live_at = go_live_at or timezone.now()
    scheduled.save(update_fields=["approved_go_live_at"])
    model.objects.filter(pk=scheduled.object_id).update(go_live_at=go_live_at)


class NewerDraftError(Exception):
    """The page has a draft newer than the version that is scheduled for the go-live time."""


@transaction.atomic
def schedule_launch(*, original: CampaignPage, go_live_at: datetime, by: Any) -> None:
    """Set or change the go-live time of a campaign, and reschedule the versions that wait for it.

    Pages that were not published for the go-live time stay drafts.
    Raise NewerDraftError if the page is scheduled and has a newer draft, which would be published with it.
    """
    waiting = original.scheduled_revision
    if waiting is not None and waiting.pk != original.latest_revision_id:
        raise NewerDraftError
    page = original.get_latest_revision_as_object()
    page.embargo = go_live_at
    revision = page.save_revision(user=by, log_action=True)
    if waiting is not None:
        revision.publish(user=by)
    versions = [each for each in scheduled_versions() if each.campaign_key == original.translation_key]
    for version in versions:
        reschedule(version.revision)


@transaction.atomic
def call_off(*, page: CampaignPage | ToolkitPage, by: Any) -> bool:
    """Take one page out of its launch, in its language, and return whether it was scheduled.

    Its scheduled version becomes a draft again.
    A campaign page takes its toolkits in that language with it, as they go live together.
    Other languages stay scheduled.
    Raise NewerDraftError if that would change their go-live time:
    the page has a newer draft, without the go-live time or with a later one.
    """
    pages: list[Any] = [page]
    if isinstance(page, CampaignPage):
        pages += ToolkitPage.objects.child_of(page)
    key = page.translation_key if isinstance(page, CampaignPage) else page.campaign_key
    before = CampaignPage.objects.go_live_times([key])
    done = [each for each in pages if _take_out(each, by)]
    if CampaignPage.objects.go_live_times([key]) != before:
        raise NewerDraftError
    return bool(done)


def _take_out(page: CampaignPage | ToolkitPage, by: Any) -> bool:
    revision = type(page).objects.scheduled_revisions().select_for_update(of=("self",))
    waiting = revision.filter(object_id=str(page.pk)).first()
    if waiting is None:
        return False
    waiting.approved_go_live_at = None
    waiting.save(user=by, update_fields=["approved_go_live_at"])  # Wagtail writes into the log who has done it
    return True


def due_launches() -> list[uuid.UUID]:
    """Return the translation keys of the campaigns with versions that are due."""
    return list(dict.fromkeys(version.campaign_key for version in scheduled_versions(due_at=timezone.now())))


@transaction.atomic
def launch(campaign_key: uuid.UUID) -> None:
    """Publish the due versions of a campaign, in all languages, in one transaction.

    A page that cannot be published does not hold back the others: the reason is recorded, and the page stays due.
    Each recipient gets one email for each launch.
    If the process is killed, the transaction is rolled back and the next run starts over.
    """
    now = timezone.now()
    due = [each for each in scheduled_versions(due_at=now) if each.campaign_key == campaign_key]
    go_live_at = CampaignPage.objects.go_live_times([campaign_key]).get(campaign_key)
    if not due:
        return
    if go_live_at is not None and go_live_at > now:
        for version in due:
            reschedule(version.revision)
        return
    # No embargo: it was lifted when it was due, so take the time of the scheduled versions.
    at = go_live_at or min(version.revision.approved_go_live_at for version in due)
    row, _made = Launch.objects.select_for_update(of=("self",)).get_or_create(campaign_key=campaign_key, go_live_at=at)
    for version in due:
        publish_at(row, version.revision)
    mail.tell(row)


def publish_at(row: Launch, revision: Revision) -> None:
    """Publish one page at a launch, or record why that was not possible."""
    reasons: dict[str, str] = {}
    published_at = None
    try:
        with transaction.atomic():
            ensure_one_person_publishes(revision)
            scheduled_publishing.publish(revision.pk)
        published_at = timezone.now()
    except approval.SecondPersonRequiredError:
        reasons = in_each_language(lambda: gettext("A second person must approve it first."))
    except scheduled_publishing.NotPublishedError:
        reasons = in_each_language(lambda: " ".join(revision.as_object().publication_blockers()))
    except (OperationalError, InterfaceError):
        raise  # the database is unavailable: the transaction is rolled back
    except Exception as error:  # noqa: BLE001  (one broken page must not keep the others back)
        log.error("A page could not be launched: %s.\n%s", revision.object_id, trace(error))
        reasons = in_each_language(lambda: gettext("Something went wrong. Those who run the server can see what."))
    LaunchedPage.objects.update_or_create(
        launch=row,
        page_id=int(revision.object_id),
        defaults={"published_at": published_at, "reasons": reasons},
    )


def ensure_one_person_publishes(revision: Revision) -> None:
    """Raise SecondPersonRequiredError if publishing this revision takes two people: a launch has one."""
    page = revision.content_object
    if page is None:  # it was deleted: nothing is published
        return
    changed = [field.name for field in page._meta.concrete_fields]
    if not approval.takes_one(type(page), before=page.serializable_data(), after=revision.content, changed=changed):
        raise approval.SecondPersonRequiredError


# Period before its go-live time in which a launch gets its preflight check.
PREFLIGHT = timedelta(days=30)


def due_for_preflight() -> list[uuid.UUID]:
    """Return the translation keys of the campaigns that go live within PREFLIGHT."""
    now = timezone.now()
    times = CampaignPage.objects.go_live_times()
    return [key for key, go_live_at in times.items() if go_live_at is not None and now < go_live_at <= now + PREFLIGHT]


@transaction.atomic
def preflight(campaign_key: uuid.UUID) -> None:
    """Run the publication checks of the launch on each page of a campaign, and record what they find.

    They run on the scheduled version or else on the newest one. The record of a past launch is not changed.
    """
    go_live_at = CampaignPage.objects.go_live_times([campaign_key]).get(campaign_key)
    Launch.objects.filter(campaign_key=campaign_key, staff_notified_at=None).exclude(go_live_at=go_live_at).delete()
    if go_live_at is None or go_live_at <= timezone.now():
        return
    row, _made = Launch.objects.get_or_create(campaign_key=campaign_key, go_live_at=go_live_at)
    for page in CampaignPage.objects.filter(translation_key=campaign_key):
        revision = page.scheduled_revision or page.latest_revision
        if revision is None:
            continue
        thing = revision.as_object()
        reasons = in_each_language(partial(said_against, thing))
        LaunchedPage.objects.update_or_create(
            launch=row, page_id=page.pk, defaults={"reasons": reasons if any(reasons.values()) else {}}
        )


def said_against(thing: Any) -> str:
    return " ".join(publication_checks.blockers(thing))


def in_each_language(say: Callable[[], str]) -> dict[str, str]:
    """Return a sentence in each language of the admin."""
    said = {}
    for code in settings.INTERFACE_LANGUAGES:
        with translation.override(code):
            said[code] = say()
    return said


def make_preview_link(*, campaign_key: uuid.UUID, name: str, languages: Iterable[str], until: datetime, by: Any) -> str:
    """Make a link for a partner and return its token, which is not stored.

    Raise ValueError if it would work for longer than LONGEST_PREVIEW.
    """
    if until > timezone.now() + LONGEST_PREVIEW:
        raise ValueError(until)
    return PreviewLink.make(
        campaign_key=campaign_key, name=name, languages=list(languages), made_by=by, expires_at=until
    )


def forget_partners() -> None:
    """Delete links that ended, and contacts who were notified, more than PARTNERS_KEPT ago."""
    before = timezone.now() - PARTNERS_KEPT
    for model in (PreviewLink, PartnerLink):
        model.objects.ended_before(before).delete()
    told = Launch.objects.filter(partners_notified_at__lt=before).values("campaign_key")
    open_again = Launch.objects.filter(Q(partners_notified_at=None) | Q(partners_notified_at__gte=before)).values(
        "campaign_key"
    )
    LaunchContact.objects.filter(campaign_key__in=told).exclude(campaign_key__in=open_again).delete()
