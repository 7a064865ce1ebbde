"""Publishing a page in a test: a help page needs a second person, who has approved whatever the test is not about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpline.records.two_people import SecondPerson, record_approval
from network.models import DigestPage

if TYPE_CHECKING:
    from wagtail.models import Revision


def publish_page(page: Any, *, user: Any = None) -> Revision:
    """Publish a page as it is now, approved by a second person where it takes one. Returns the revision."""
    revision: Revision = page.save_revision(user=user)
    if isinstance(page, SecondPerson):
        record_approval(page, revision, None, rule="two", reason="read every sentence")
    if isinstance(page, DigestPage) and page.is_source:
        page.reviews.create(revision=revision, content_hash=revision.as_object().content_hash())
    revision.publish()
    return revision
