from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.clock import Job
from users import roles


def keep_roles() -> None:
    """Sync the roles with what is new, such as translators for a new language or editors for a new page tree.

    Raises LookupError if a role names something that does not exist.
    """
    if missing := roles.sync().missing:
        raise LookupError("; ".join(missing))


JOBS = [Job(name="keep-roles", title=_("Roles"), every=timedelta(minutes=5), run=keep_roles)]
