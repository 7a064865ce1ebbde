from __future__ import annotations

from typing import Any

from wagtail.permission_policies import ModelPermissionPolicy

from campaigns.models import KeptWord, LinkedAddress, Term

ENTER = "wagtailadmin.access_admin"


class ReadByStaff(ModelPermissionPolicy):
    """Everybody at the desk reads it; changing it takes a permission."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        if action == "view":
            return bool(user.has_perm(ENTER))
        return bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


TERMS, KEPT, READ = ReadByStaff(Term), ReadByStaff(KeptWord), ReadByStaff(LinkedAddress)
