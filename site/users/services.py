"""Every write about accounts."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from core.admin.roles import ADMINISTRATOR
from core.http import private_url
from core.models import OutgoingMail
from users import mail
from users.models import User

# People with a role in the admin from whom on a third one is notified if one of them takes over the account of another.
FEWEST_PEOPLE = 3


class AlreadyExistsError(Exception):
    """An administrator, or an account with this address, already exists."""


@transaction.atomic
def make_account(*, email: str, first_name: str = "", last_name: str = "", role_names: Iterable[str] = ()) -> User:
    """Create an account in the admin that signs in with a code sent to `email`.

    `role_names` are those of `users.roles`.

    A user who had an account without access to the admin keeps it, and gets access.
    """
    email = email.strip().lower()
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email)
    elif user.works_in_admin:
        raise AlreadyExistsError(email)
    user.first_name, user.last_name, user.works_in_admin = first_name, last_name, True
    user.save()
    user.groups.set(Group.objects.filter(name__in=list(role_names)))
    sync_email_address(user=user)
    return user


@transaction.atomic
def make_account_without_admin(*, email: str) -> User:
    """Create an account for a person who has just proved that `email` is theirs.

    It has no password, no role, and no access to the admin.
    Raises AlreadyExistsError if there is an account with this address.
    """
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        raise AlreadyExistsError(email)
    user = User.objects.create_user(email, works_in_admin=False)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    return user


@transaction.atomic
def delete_account_without_admin(*, user: User) -> None:
    """Delete an account with its passkeys, sessions and queued mail.

    Does nothing to an account with access to the admin.
    """
    if not user.works_in_admin:
        key, email = str(user.pk), user.email
        user.delete()
        _forget_sign_in(email, key)


@transaction.atomic
def forget_address(*, email: str) -> None:
    """Delete queued sign-in mail to an address, and the sessions that hold it.

    Does nothing if an account has the address.
    """
    if not User.objects.filter(email__iexact=email).exists():
        _forget_sign_in(email)


@transaction.atomic
def make_administrator(*, email: str, another: bool = False) -> User:
    """Create an administrator.

    Raises AlreadyExistsError if there is one, unless `another` is true.
    """
    if not another and administrators().exists():
        raise AlreadyExistsError
    user = make_account(email=email, role_names=[ADMINISTRATOR])
    # CLI users are trusted: skip email verification.
    # Setting up a second factor needs a verified address.
    EmailAddress.objects.filter(user=user).update(verified=True)
    return user


def administrators() -> QuerySet[User]:
    """Return the active users who may create accounts."""
    return User.objects.filter(Q(groups__name=ADMINISTRATOR) | Q(is_superuser=True), is_active=True).distinct()


def people_with_roles() -> QuerySet[User]:
    """Return the active users who have a role in the admin, or are superusers."""
    has_role = Q(groups__isnull=False) | Q(is_superuser=True)
    return User.objects.in_admin().filter(has_role, is_active=True).distinct()


def sync_email_address(*, user: User) -> None:
    """Make the address of the account the only one to which sign-in codes are sent."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True, "verified": False})


def end_sessions(*, user: User) -> None:
    """End every session of a user: sessions are bound to the password hash, even though the password is unusable."""
    user.set_unusable_password()
    user.save(update_fields=["password"])


def sign_in_link(*, user: User) -> str:
    """Return a URL that signs a user in once, within the hour.

    Only for the server's console.
    """
    return private_url(
        "users:sign-in-once",
        uid=urlsafe_base64_encode(force_bytes(user.pk)),
        token=default_token_generator.make_token(user),
    )


def _forget_sign_in(email: str, key: str = "") -> None:
    """Delete queued mail to an address, the user's sessions, and unfinished sign-ins with the address.

    `key`: the primary key of the user.
    There is no index of sessions: it reads all.
    """
    kinds = [kind.name for kind in mail.KINDS]
    OutgoingMail.objects.filter(kind__in=kinds, recipient__iexact=email).delete()
    for session in Session.objects.iterator():
        held = session.get_decoded()
        if held.get(SESSION_KEY, "") == key != "" or email in str(held):
            session.delete()
