"""Translators of each language: the members of its group."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import QuerySet
from wagtail.models import Locale

from core.admin.roles import TRANSLATOR
from core.languages import names
from core.memo import per_batch
from core.models.languages import LanguageState

# Users who manage the languages may translate into any of them.
EVERY_LANGUAGE = "wagtailcore.change_locale"


def group_name(code: str) -> str:
    return TRANSLATOR.format(language=names.language_name(code, "en"))


@per_batch
def targets() -> dict[str, Locale]:
    """Return the languages that are translated into, by code, in the order of the site."""
    retired = LanguageState.State.RETIRED
    found = Locale.objects.exclude(language_code=settings.LANGUAGE_CODE).exclude(language_state__state=retired)
    by_code = {locale.language_code: locale for locale in found.select_related("language_state")}
    return {code: by_code[code] for code in settings.LANGUAGE_TABLE if code in by_code}


def translators(code: str) -> QuerySet[Any]:
    """Return those who translate into a language and can be mailed."""
    return get_user_model()._default_manager.filter(groups__name=group_name(code), is_active=True).exclude(email="")


def languages_of(user: AbstractUser | AnonymousUser) -> dict[str, Locale]:
    """Return the languages that a user translates into: all of them for a user who manages languages."""
    return targets() if user.has_perm(EVERY_LANGUAGE) else own_languages(user)


@per_batch
def own_languages(user: AbstractUser | AnonymousUser) -> dict[str, Locale]:
    """Return the languages whose translators' group the user is in."""
    groups = set(user.groups.values_list("name", flat=True))
    own = {code for code in settings.LANGUAGE_TABLE if group_name(code) in groups}
    return {code: locale for code, locale in targets().items() if code in own} if own else {}
