"""What members do so that somebody leaves them alone."""

from __future__ import annotations

from django.db import transaction

from network.models import Member, MemberBlock
from network.row_locks import WrongState, locked


@transaction.atomic
def block(*, member: Member, other: Member) -> MemberBlock:
    """Have neither of two members get messages from the other, or proposals about them. Raises WrongState for oneself.

    The other is told nothing, and no log names either.
    """
    if member == other:
        raise WrongState
    member = locked(member, *Member.KNOWN)
    made, _is_new = MemberBlock.objects.get_or_create(blocker=member, blocked=other)
    return made


@transaction.atomic
def unblock(*, member: Member, other: Member) -> None:
    """Take back one's own block; what the other has blocked stays blocked."""
    MemberBlock.objects.filter(blocker=member, blocked=other).delete()
