"""To-dos for the people who manage the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.desk.todo import ToDo
from core.mail import views
from core.models import OutgoingMail
from network.desk.review import NAMESPACE, PERMISSION
from network.mail import Letter
from network.models import Member

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser


def requests_for(user: AbstractUser) -> int:
    return Member.objects.awaiting_review().count() if user.has_perm(PERMISSION) else 0


def lost_letters_for(user: AbstractUser) -> int:
    """Count undelivered mail for those who do not see all mail of the site anyway."""
    if not user.has_perm(PERMISSION) or user.has_perm(views.PERMISSION):
        return 0
    return OutgoingMail.objects.failed().filter(kind__in=Letter.values).count()


REQUESTS = ToDo(
    title=_("Requests to join the network"),
    count=requests_for,
    url=f"{NAMESPACE}:index",
    somebody_waits=True,
)
LOST_LETTERS = ToDo(
    title=_("Mail to members that could not be delivered"),
    count=lost_letters_for,
    url=f"{NAMESPACE}:letters",
)
