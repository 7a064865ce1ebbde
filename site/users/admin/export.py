"""What is kept about somebody who works at the desk, as a file for them (GDPR, art. 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from wagtail.models import ModelLogEntry, PageLogEntry
from wagtail.users.models import UserProfile

from users import roles
from users.models import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

LOGS = (PageLogEntry, ModelLogEntry)
# Told in words of their own.
TOLD = (*LOGS, EmailAddress, Authenticator, UserProfile, User.groups.through, User.user_permissions.through)


def everything_about(user: User) -> dict[str, object]:
    """Return the account, what it signs in with, what it did, and where else its name stands, as values that can be serialised to JSON.

    Not what it was done to: that is about others, or is the work itself. Nothing that signs in is among it.
    """
    profile = UserProfile.objects.filter(user=user).first()
    labels = roles.labels()
    return {
        "account": {
            "email": user.email,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "may_sign_in": user.is_active,
            "since": user.date_joined,
            "last_signed_in": user.last_login,
            "roles": [str(labels.get(group.name, group.name)) for group in user.groups.order_by("name")],
            "language": profile.preferred_language if profile else "",
            "time_zone": profile.current_time_zone if profile else "",
        },
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "signs_in_with": list(
            Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")
        ),
        "done": sorted(
            (entry for log in LOGS for entry in done(user, log)), key=lambda entry: str(entry["at"])
        ),
        "named_in": list(named_in(user)),
        "as_of": timezone.now(),
    }


def done(user: User, log: type[Any]) -> Iterator[dict[str, object]]:
    """Yield what somebody did, when, and to what kind of thing."""
    entries = log.objects.filter(user=user).select_related("content_type")
    for entry in entries:
        about = entry.page_id if isinstance(entry, PageLogEntry) else entry.object_id
        yield {
            "at": entry.timestamp,
            "action": entry.action,
            "kind": str(entry.content_type),
            "number": str(about),
        }


def named_in(user: User) -> Iterator[dict[str, object]]:
    """Yield each kind of row that names somebody, as what, and how many there are."""
    for relation in User._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.related_model in TOLD:
            continue
        model, field = relation.related_model, relation.field
        if count := model._default_manager.filter(**{field.name: user}).count():
            yield {"kind": str(model._meta.verbose_name), "as": str(field.verbose_name), "rows": count}


def own_data(request: HttpRequest) -> JsonResponse:
    """Download what is kept about oneself."""
    return _file(request.user)  # type: ignore[arg-type]  # the admin lets nobody else in


def data_of_person(request: HttpRequest, pk: int) -> JsonResponse:
    """Download what is kept about somebody who works here: for an administrator who answers them."""
    if not request.user.has_perm("users.change_user"):
        raise PermissionDenied
    return _file(get_object_or_404(User.objects.at_desk(), pk=pk))


def _file(user: User) -> JsonResponse:
    return JsonResponse(
        everything_about(user),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": 'attachment; filename="account.json"'},
    )
