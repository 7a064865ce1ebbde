"""What the search of the desk finds of the network: members, and those who asked to join."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin.search import Findable, Found
from core.languages import names
from network.admin.access import NAMESPACE, PERMISSION
from network.models import Member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.admin.search import Typed
    from users.models import User


def members(user: User, typed: Typed) -> Iterator[Found]:
    """Yield members by name, place of work or email address; not those whose address is unconfirmed, whom the review does not show."""
    if not user.has_perm(PERMISSION):
        return
    for member in Member.objects.known().order_by("name", "pk"):
        if typed.names(member.name, member.affiliation) or typed.is_in(member.email):
            parts = (member.get_state_display(), member.affiliation, names.country_name(member.country))
            yield Found(
                title=member.name,
                url=reverse(f"{NAMESPACE}:inspect", args=[member.pk]),
                detail=" · ".join(part for part in parts if part),
            )


MEMBERS = Findable(title=_("Members of the network"), find=members)
