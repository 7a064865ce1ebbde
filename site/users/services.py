"""Every write about the people at the desk: who has an account, and who may still sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import Q
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from core.desk.roles import ADMINISTRATOR
from core.doors import desk_url
from users.models import User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


class AlreadyThereError(Exception):
    """There is an administrator, or an account with this address, already."""


@transaction.atomic
def make_account(
    *, email: str, first_name: str = "", last_name: str = "", role_names: Iterable[str] = ()
) -> User:
    """Make an account that is signed in to by a code sent to `email`. `role_names` are those of `users.roles`."""
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        raise AlreadyThereError(email)
    user = User.objects.create_user(email, first_name=first_name, last_name=last_name)
    user.groups.set(Group.objects.filter(name__in=list(role_names)))
    keep_address(user=user)
    return user


@transaction.atomic
def make_administrator(*, email: str, another: bool = False) -> User:
    """Make an administrator. Raises AlreadyThereError where there is one, unless `another` is wanted."""
    if not another and administrators().exists():
        raise AlreadyThereError
    user = make_account(email=email, role_names=[ADMINISTRATOR])
    # Whoever may run commands on the server knows whose address it is; a second factor asks for one that is verified.
    EmailAddress.objects.filter(user=user).update(verified=True)
    return user


def administrators() -> QuerySet[User]:
    """Who may make accounts, and is not disabled."""
    return User.objects.filter(
        Q(groups__name=ADMINISTRATOR) | Q(is_superuser=True), is_active=True
    ).distinct()


def roles_are_there() -> bool:
    return Group.objects.filter(name=ADMINISTRATOR).exists()


def keep_address(*, user: User) -> None:
    """Let codes go to the address of the account, and to no other one that it had before."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": False}
    )


def end_sessions(*, user: User) -> None:
    """End every session of somebody, in every browser: a session is bound to the password, even where it can be used for nothing."""
    user.set_unusable_password()
    user.save(update_fields=["password"])


def sign_in_link(*, user: User) -> str:
    """An address that signs somebody in once, within the hour. For the console of the server alone."""
    return desk_url(
        "users:sign-in-once",
        uid=urlsafe_base64_encode(force_bytes(user.pk)),
        token=default_token_generator.make_token(user),
    )
