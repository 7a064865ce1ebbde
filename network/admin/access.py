"""Permission to review members, and the states in which the admin shows a member."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from network.models import Member

PERMISSION = "network.review_member"
NAMESPACE = "network_review"
# The admin does not show an address before its owner has confirmed it.
SEEN = [state for state in Member.State if state != Member.State.UNCONFIRMED]


class ReviewPermissionMixin(PermissionCheckedMixin):
    """Restrict a view to users who may review members.

    List it first among the base classes.
    """

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def user_has_permission(self, permission: str) -> bool:
        return True

    def user_has_any_permission(self, permissions: Iterable[str]) -> bool:
        return True
