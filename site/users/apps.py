from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig

from core import declarations


class UsersConfig(declarations.AppConfig):
    name = "users"
    verbose_name = _("People in the admin")
    default = True

    jobs = "users.roles.JOBS"
    receivers = ("users.receivers.RECEIVERS", "users.alerts.RECEIVERS")
    todos = "users.admin.todo.TODOS"
    suggestions = "users.admin.todo.SUGGESTION"
    admin_search = "users.admin.people.PEOPLE"
    mails = "users.mail.KINDS"


class PeopleConfig(WagtailUsersAppConfig):
    """Wagtail's user management, with forms for users identified by email."""

    user_viewset = "users.admin.people.UserViewSet"
