"""Rights of a user in the table of translations."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import Q
from wagtail.models import Locale, Page
from wagtail.permissions import page_permission_policy

from core.languages import translators, tree, wordings
from translating.models import PAGES
from translating.services import SEND

WORK = {"add", "change", "publish"}


class Rights:
    """The languages and subjects of one user.

    A few queries, however many there are.
    """

    def __init__(self, user: AbstractUser | AnonymousUser) -> None:
        self.user = user

    @cached_property
    def may_send(self) -> bool:
        return bool(self.user.has_perm(SEND))

    @cached_property
    def writes(self) -> dict[str, Locale]:
        """The languages whose texts this user may write."""
        return translators.languages_of(self.user)

    @cached_property
    def paths(self) -> list[str] | None:
        """The tree paths below which this user works on pages; None for everywhere."""
        if self.user.is_superuser:
            return None
        found = {
            each.page.path
            for each in page_permission_policy.get_cached_permissions_for_user(self.user)
            if each.permission.codename.rsplit("_", maxsplit=1)[0] in WORK
        }
        return None if any(len(path) <= Page.steplen for path in found) else sorted(found)

    @cached_property
    def homes(self) -> dict[int, str]:
        """The tree path of the home page in each language."""
        homes = Page.objects.filter(depth=tree.HOME_DEPTH).values_list("locale_id", "path")
        return dict(homes)

    def works_in(self, locale: Locale) -> bool:
        if self.paths is None:
            return True
        home = self.homes.get(locale.pk)
        return home is not None and any(path.startswith(home) for path in self.paths)

    @cached_property
    def edits_sources(self) -> bool:
        return self.works_in(Locale.get_default())

    @cached_property
    def languages(self) -> dict[str, Locale]:
        """The languages that this user sees: all, if they work on sources; otherwise their own."""
        targets = translators.targets()
        if self.may_send or self.edits_sources:
            return targets
        return {code: locale for code, locale in targets.items() if code in self.writes or self.works_in(locale)}

    @cached_property
    def kinds(self) -> set[str]:
        """The kinds of texts, besides pages, that this user sees: translators see all."""
        return {
            each.key
            for each in wordings.declared()
            if self.writes or self.user.has_perm(f"{each.model._meta.app_label}.change_{each.model._meta.model_name}")
        }

    def subjects(self) -> Q:
        """Return a condition on subjects: those that this user sees.

        Translators see no draft that was not sent.
        """
        pages = Q(kind=PAGES)
        if self.edits_sources and self.paths is not None:
            here = Q(pk__in=[])
            for path in self.paths:
                here |= Q(path__startswith=path)
            pages &= here
        elif not self.edits_sources:
            pages &= Q(live=True) | Q(cells__translation_pk__isnull=False)
        return pages | Q(kind__in=self.kinds)

    def may(self, what: str, page: Page | None) -> bool:
        """Return whether this user may `change` or `publish` a page.

        Makes no query.
        """
        if page is None:
            return False
        return (self.paths is None and self.user.is_superuser) or what in self.user_permissions(page)

    def user_permissions(self, page: Page) -> set[str]:
        return {
            each.permission.codename.rsplit("_", maxsplit=1)[0]
            for each in page_permission_policy.get_cached_permissions_for_user(self.user)
            if page.path.startswith(each.page.path)
        }
