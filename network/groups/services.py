"""Memberships of groups: ask, admit, leave, lead."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.models import Collection, CollectionViewRestriction

from core.mail import outbox
from network.mail import GroupLetter
from network.models import GroupMembership, GroupPage, Member
from network.row_locks import InvalidStateError, locked

# The collection for the files of groups.
# Its name can be changed in the admin; it is created again only if no collection has a restriction.
FILES = "Files of groups"


@transaction.atomic
def ask_for_group(*, group_key: UUID, member: Member) -> GroupMembership:
    """Ask to join a group, and notify its chairs.

    Idempotent.
    Raises InvalidStateError if there is no such group or the member is not listed.
    """
    member = locked(member, Member.State.LISTED)
    if not GroupPage.objects.live().filter(translation_key=group_key).exists():
        raise InvalidStateError
    membership, is_new = GroupMembership.objects.get_or_create(group_key=group_key, member=member)
    if is_new:
        chairs = GroupMembership.objects.chairs().filter(group_key=group_key)
        for chair in chairs.values_list("member__uuid", flat=True):
            outbox.queue(GroupLetter.ASKED, about=membership, chair=str(chair))
    return membership


@transaction.atomic
def admit_to_group(*, membership: GroupMembership) -> None:
    """Admit a member who has asked.

    Raises InvalidStateError if the request was withdrawn or is decided already.
    """
    asked = GroupMembership.objects.asking().filter(pk=membership.pk)
    if not asked.update(admitted_at=timezone.now()):
        raise InvalidStateError
    outbox.queue(GroupLetter.ADMITTED, about=membership)


@transaction.atomic
def leave_group(*, membership: GroupMembership) -> None:
    """Leave a group, withdraw a request or turn one away.

    No notification is sent.
    """
    GroupMembership.objects.filter(pk=membership.pk).delete()


@transaction.atomic
def make_chair(*, membership: GroupMembership, is_chair: bool) -> None:
    """Make a member of a group its chair, or no longer.

    Raises InvalidStateError for a membership that is only requested.
    """
    if not GroupMembership.objects.admitted().filter(pk=membership.pk).update(is_chair=is_chair):
        raise InvalidStateError


def seed_group_files() -> str:
    """Create a collection whose files are not public, unless there is one."""
    if CollectionViewRestriction.objects.exists():
        return ""
    collection = Collection.get_first_root_node().add_child(name=FILES)
    # Restricted to user groups of the admin, with none selected.
    # Files are served by a view that checks the membership.
    CollectionViewRestriction.objects.create(collection=collection, restriction_type=CollectionViewRestriction.GROUPS)
    return gettext("A collection for the files of groups was made. What is in it is not public.")
