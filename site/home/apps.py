from django.utils.translation import gettext_lazy as _

from core import declarations


class HomeConfig(declarations.AppConfig):
    name = "home"
    verbose_name = _("Home")

    jobs = "home.routes.JOBS"
    public_models = "home.models.PromotedPage"
    routes = "home.routes.ROUTES"
