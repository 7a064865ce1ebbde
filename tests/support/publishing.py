"""Publishing and rendering in a test no more than it looks at."""

from datetime import datetime
from typing import Any

from django.db import transaction
from wagtail.models import Revision

from campaigns.launches.services import scheduled_versions
from core.models import SettingProposal
from helpline.approval.mixins import SecondPerson
from helpline.approval.rule import record_approval
from network.models import DigestPage
from prerender import services
from prerender.models import PendingChange
from prerender.rendering.batches import RenderOutcome


def store_setting(setting: str, value: str) -> None:
    """Store words of a setting, such as "core.SiteSettings.name", as if two people had approved them."""
    SettingProposal(setting=setting, value=value).approve(by=None)


def publish_page(page: Any, *, user: Any = None) -> Revision:
    """Publish a page as it is now.

    Returns the revision.

    A help page takes a second person, whose approval is created here.
    """
    revision: Revision = page.save_revision(user=user)
    if isinstance(page, SecondPerson):
        record_approval(page, revision, None, rule="two", reason="read every sentence")
    if isinstance(page, DigestPage) and page.is_source:
        page.reviews.create(revision=revision, content_hash=revision.as_object().content_hash())
    revision.publish()
    return revision


def render_only(*paths: str) -> RenderOutcome:
    """Render these addresses.

    Drop the other changes of the test, which would be rendered as well.
    """
    PendingChange.objects.all().delete()
    return services.render_paths(paths)


def move_launches(hour: datetime) -> None:
    """Set the go-live time of all waiting campaigns to this one: the processes of the site cannot travel in time."""
    with transaction.atomic():
        for version in scheduled_versions():
            revision = version.revision
            if revision.content.get("embargo"):
                revision.content["embargo"] = hour.isoformat()
            revision.approved_go_live_at = hour
            revision.save(update_fields=["content", "approved_go_live_at"])
            type(revision.content_object).objects.filter(pk=revision.object_id).update(go_live_at=hour)
