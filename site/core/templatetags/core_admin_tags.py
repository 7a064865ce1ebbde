"""Tags of the admin's own templates, and of Wagtail's that it extends."""

import json
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html_join
from wagtail import hooks
from wagtail.admin.userbar import Userbar
from wagtail.models import Page

from core.admin.menus import AreaMenu, menu_for
from core.admin.unpublishing.views import UNPUBLISH, unpublish_url
from core.languages.exchange.documents import PAGE, SourceInLanguage
from core.languages.submission import CHECKS, Submission, submission_of
from core.models import MachineAttempt

register = template.Library()


@register.simple_tag(name="submission", takes_context=True)
def submission(context: Context, page: Any) -> Submission:
    """Return what the user can do with the translation `page`: `may reviewers waits decide_url changed`."""
    return submission_of(context["translation"], page, context["request"].user)


@register.simple_tag(name="content_checks", takes_context=True)
def content_checks(context: Context) -> str:
    """Return the script of Wagtail's content checks for a preview.

    Wagtail's own tag requires a signed-in user, and the public site has none.
    """
    return str(Userbar(object=context.get("page")).render_html(context))


@register.simple_tag(name="translation_checks", takes_context=True)
def translation_checks(context: Context, page: Any) -> str:
    """Return the apps' findings about the saved translation `page`, for which the preview has no panel."""
    request = context["request"]
    return format_html_join("", "{}", ((check(request, page),) for check in hooks.get_hooks(CHECKS)))


@register.simple_tag(name="area_menu", takes_context=True)
def area_menu(context: Context) -> AreaMenu | None:
    """Return the menu of the reader's area; None if there is none."""
    return menu_for(context["request"])


@register.simple_tag(name="exchange_cell", takes_context=True)
def exchange_cell(context: Context) -> SourceInLanguage | None:
    """Return the cell of the table of translations that the user is editing; None if it is not a page."""
    translation = context["translation"]
    page = translation.source.get_source_instance()
    if not isinstance(page, Page):
        return None
    return SourceInLanguage(key=PAGE, pk=page.pk, language=translation.target_locale.language_code)


@register.simple_tag(name="machine_attempt", takes_context=True)
def machine_attempt(context: Context) -> MachineAttempt | None:
    """Return the last attempt at a machine translation; None if there was none."""
    return MachineAttempt.objects.filter(translation=context["translation"]).first()


@register.simple_tag(name="fitting_props", takes_context=True)
def fitting_props(context: Context, props: str, page: Any) -> str:
    """Return the properties of wagtail-localize's editor without the buttons that this user may not press.

    wagtail-localize checks no permission to publish before it offers to stop a translation, or to replace it by a
    mirror of the source.
    """
    permissions = context.get("page_perms")
    if permissions is None:
        return props
    found = json.loads(props)
    if not permissions.can_publish():
        found["links"]["stopTranslationUrl"] = found["links"]["convertToAliasUrl"] = None
    if getattr(page, "pk", None):
        found["links"]["unpublishUrl"] = unpublish_url(page, UNPUBLISH)
    if getattr(page, "is_sensitive", False):
        found["machineTranslator"] = None
    if getattr(page, "needs_second_person", False):
        found["perms"]["canPublish"] = False
    return json.dumps(found)
