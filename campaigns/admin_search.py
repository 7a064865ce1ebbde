"""Admin search for materials, partners and themes."""

from collections.abc import Iterator

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.models import Material, Partner, Theme
from core.admin.search import Findable, Found, Typed
from core.admin.todo import Suggestion


def materials(user: AbstractUser | AnonymousUser, typed: Typed) -> Iterator[Found]:
    """Yield materials by their names, and by the titles that readers see."""
    if not user.has_perm("campaigns.change_material"):
        return
    for material in Material.objects.prefetch_related("texts").order_by("name", "pk"):
        if typed.names(material.name, *(text.title for text in material.texts.all())):
            yield Found(
                title=material.name,
                url=reverse(material.snippet_viewset.get_url_name("edit"), args=[material.pk]),
                detail=material.get_kind_display(),
            )


def themes(user: AbstractUser | AnonymousUser, typed: Typed) -> Iterator[Found]:
    if not user.has_perm("campaigns.change_theme"):
        return
    for theme in Theme.objects.select_related("locale").order_by("name", "pk"):
        if typed.names(theme.name):
            yield Found(
                title=theme.name,
                url=reverse(theme.snippet_viewset.get_url_name("edit"), args=[theme.pk]),
                detail=theme.locale.get_display_name(),
            )


def partners(user: AbstractUser | AnonymousUser, typed: Typed) -> Iterator[Found]:
    """Yield partners by their names in any language, but not by the person to contact."""
    if not user.has_perm("campaigns.change_partner"):
        return
    for partner in Partner.objects.prefetch_related("texts").order_by("name", "pk"):
        if typed.names(partner.name, *(text.name for text in partner.texts.all())):
            yield Found(
                title=partner.name,
                url=reverse("partner", args=[partner.pk]),
                detail=partner.get_kind_display(),
            )


FINDABLES = (
    Findable(title=_("Materials"), find=materials),
    Findable(title=_("Partners"), find=partners),
    Findable(title=_("Themes"), find=themes),
)
SUGGESTIONS = (
    Suggestion(
        title=_("Add a material to print or post"),
        url="wagtailsnippets_campaigns_material:add",
        permission="campaigns.add_material",
    ),
    Suggestion(
        title=_("Write about a campaign, in the page tree"),
        url="wagtailadmin_explore_root",
        permission="campaigns.add_material",
    ),
)
