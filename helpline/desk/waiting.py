"""What listings wait for: a check, a second person, a first look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.waiting import Line
from helpline.codes import Status
from helpline.listings.freshness import HIDES_AFTER
from helpline.models import Programme, SupportLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractUser


def lines(user: AbstractUser) -> Iterator[Line]:
    """One query for each kind of listing. Numbers that are hidden already stand first: nobody can call them."""
    today = timezone.localdate()
    public = Q(live=True) & ~Q(status__in=(Status.DRAFT, Status.DELISTED))
    # Whoever wrote the newest version is not the one who approves it.
    written = Q(has_unpublished_changes=True, latest_revision__isnull=False) & ~Q(latest_revision__user=user)
    for model in (Programme, SupportLine):
        if not user.has_perm(f"helpline.change_{model._meta.model_name}"):
            continue
        found: dict[str, Any] = model.objects.aggregate(
            hidden=Count("pk", filter=public & Q(next_check_due__lte=today - HIDES_AFTER)),
            due=Count(
                "pk", filter=public & Q(next_check_due__lte=today, next_check_due__gt=today - HIDES_AFTER)
            ),
            written=Count("pk", filter=written),
            unchecked=Count("pk", filter=Q(checked_on=None, live=False) & ~Q(status=Status.DELISTED)),
        )
        name = str(model._meta.verbose_name_plural)
        address = reverse(model.snippet_viewset.get_url_name("list"))
        if found["hidden"]:
            title = _("Numbers are hidden, because nobody has checked them: %(listings)s") % {
                "listings": name
            }
            yield Line(title=title, count=found["hidden"], url=f"{address}?due=hidden", urgent=True)
        if found["due"]:
            title = _("To check again: %(listings)s") % {"listings": name}
            yield Line(title=title, count=found["due"], url=f"{address}?due=overdue&live=true")
        if found["written"] and user.has_perm(f"helpline.publish_{model._meta.model_name}"):
            title = _("To approve: %(listings)s that somebody else has changed") % {"listings": name}
            yield Line(
                title=title, count=found["written"], url=f"{address}?ordering=-latest_revision__created_at"
            )
        if found["unchecked"]:
            title = _("Never checked, and not shown: %(listings)s") % {"listings": name}
            yield Line(title=title, count=found["unchecked"], url=f"{address}?due=unchecked&live=false")
