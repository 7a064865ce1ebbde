"""A public help page that differs from what two people approved gets the approved words back.

A listing that differs is hidden: a wrong number is worse than none, and there are other services. A help page is not replaced by another.
Without the finder of a language nobody finds any service in it, and somebody who is sent to the page for what cannot wait needs that page. And
what two people approved is kept with it, so there is no reason to choose between words that nobody approved and none.

A page goes off the site only if no approval is in force: somebody made it public past the rule, or showed again what others had taken off for a
reason. Then nobody has answered for a word of it. If an approval is in force but its version has been overwritten too, as by a migration that converts
both, the page stays and the job fails, for a person to look: a finder must not vanish because a comparison was wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from core.admin.unpublishing import take_off
from helpline.approval.rule import as_approved
from helpline.approval.versions import BOOKKEEPING, content_of, digest_of
from helpline.governance import alarms

if TYPE_CHECKING:
    from wagtail.models import Revision

    from helpline.approval.mixins import SecondPerson
    from helpline.approval.models import Approval

ACTION = "helpline.put_back"


class OverwrittenError(Exception):
    """A page is public that two people approved, but nobody can tell any more what it said. A person must look."""


def may_stay(page: SecondPerson) -> bool:
    """Whether a public page may stay although its version is not approved: it is as the software made it, or still as two people approved it."""
    if page.live_revision_id is None and page.says_nothing():
        return True
    approval = newest_in_force(page)
    return approval is not None and approval.digest == digest_of(content_of(page))


def put_back(page: SecondPerson, differing: list[str] | None) -> str:
    """Put the approved words back, or take the page off the site if no approval is in force. Return the reason.

    `differing` are the fields in which the page differs from its approved version; None if its version is not approved.
    Raises OverwrittenError if what was approved is lost, and then nothing has changed.
    """
    if not differing and newest_in_force(page) is None:
        reason = _("It was public, but no approval by two people is in force.")
        take_off([page], by=None, reason=reason)
        return reason
    revision = page.live_revision if differing else approved_revision(page)
    if revision is None:
        text = _(
            "“%(page)s”: the approved version was overwritten. The page is still public: compare it, and approve it again."
        )
        raise OverwrittenError(text % {"page": page})
    if differing is None:
        reason = _("Put back: what was public was not the version that two people approved.")
    else:
        reason = _("Put back: what was public differed from what two people approved: %(facts)s.")
        reason %= {"facts": ", ".join(differing)}
    _store(page, revision)
    log(instance=page, action=ACTION, data={"reason": reason})
    alarms.tell_of_page(page, differing or [])
    return reason


def approved_revision(page: SecondPerson) -> Revision | None:
    """Return the version that was approved last and may be public, if nobody has overwritten it."""
    approval = newest_in_force(page)
    return None if approval is None else as_approved(page, approval)


def newest_in_force(page: SecondPerson) -> Approval | None:
    """Return the newest approval that was not withdrawn, and whose version does not wait for its day."""
    waiting = page.revisions.filter(approved_go_live_at__gt=timezone.now()).values("pk")
    return page.approvals.valid().exclude(revision_id__in=waiting).first()


def _store(page: SecondPerson, revision: Revision) -> None:
    """Make a version the public one, and leave what is noted beside it: its place, its draft, the day for which it is printed."""
    approved = revision.as_object()
    for name in BOOKKEEPING & {field.name for field in page._meta.concrete_fields} - {"url_path"}:
        setattr(approved, name, getattr(page, name))
    approved.live_revision = revision
    approved.save(clean=False)
