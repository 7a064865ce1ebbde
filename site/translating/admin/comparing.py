"""The screen on which a translator compares a changed source with its translation, and updates the translation.

It then leads to the next language.
"""

from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.models import Page
from wagtail_localize.models import StringTranslation, Translation

from core.languages import names
from core.languages.changes import ChangedText, changed_texts
from core.languages.lazy import StrOrPromise
from core.languages.submission import may_submit
from core.models import BasePage
from translating import services, states
from translating.admin.views import TranslationAdminView
from translating.models import PAGES, Cell, CellQuerySet, Subject
from translating.rights import Rights
from translating.services import PreconditionError


class ChangedTextsView(TranslationAdminView, TemplateView):
    """Texts of one page to translate again: the source with its changes marked, and the current translation."""

    template_name = "translating/changed_texts.html"
    page_title = _("Changed in the source")

    def setup(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        super().setup(request, *args, **kwargs)
        translations = Translation.objects.select_related("source__locale", "target_locale")
        self.translation = get_object_or_404(translations, pk=kwargs["pk"], enabled=True)
        page = self.translation.get_target_instance()
        if not isinstance(page, BasePage):
            raise Http404("This is not the translation of a page.")
        self.page = page

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(self.page.permissions_for_user(user).can_edit())

    def get_page_subtitle(self) -> str:
        return names.labelled(names.language_name(self.page.locale.language_code), self.page.get_admin_display_title())

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield from super().trail()
        yield reverse("wagtailadmin_pages:edit", args=[self.page.pk]), self.page.get_admin_display_title()

    @cached_property
    def texts(self) -> list[ChangedText]:
        return changed_texts(self.translation)

    @property
    def may_publish(self) -> bool:
        return not self.page.needs_second_person and self.page.permissions_for_user(self.request.user).can_publish()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        table = settings.LANGUAGE_TABLE
        context = {
            "page": self.page,
            "texts": self.texts,
            "source": table[self.translation.source.locale.language_code],
            "target": table[self.page.locale.language_code],
            "may_publish": self.may_publish,
            "may_submit": may_submit(self.page, self.request.user),
        }
        return super().get_context_data(**{**context, **kwargs})

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Store the text whose button was pressed; or all that were changed or confirmed, and continue."""
        pressed = request.POST.get("save", "")
        if pressed in ("publish", "submit"):
            return self.save_and(pressed)
        text = next((text for text in self.texts if str(text.segment.pk) == pressed), None)
        if text is None:
            messages.error(request, gettext("Nothing was saved: this text has changed meanwhile."))
            return redirect(request.path)
        words = self.words(text)
        if not words:
            messages.error(request, gettext("Nothing was saved: the text is empty."))
            return redirect(request.path)
        if not self.store(text, words):
            return redirect(request.path)
        messages.success(request, gettext("Saved. The public sees it once the page is published."))
        return redirect(request.path)

    def words(self, text: ChangedText) -> str:
        return self.request.POST.get(f"text-{text.segment.pk}", "").strip()

    def is_confirmed(self, text: ChangedText) -> bool:
        """Return whether the translator has read a text: it was changed, or marked as right, or is the only one."""
        words = self.words(text)
        confirmed = f"right-{text.segment.pk}" in self.request.POST or len(self.texts) == 1
        return bool(words) and (confirmed or words != text.translation.strip())

    def save_and(self, what: str) -> HttpResponse:
        """Store changed or confirmed texts; once none is left, publish or submit, and go to the next language."""
        stored = [self.store(text, self.words(text)) for text in self.texts if self.is_confirmed(text)]
        left = len(changed_texts(self.translation))
        if left or not all(stored):
            if left:
                text = ngettext(
                    "Saved, and not published: %(count)d text is left. Tick it if it is still correct as it is.",
                    "Saved, and not published: %(count)d texts are left. "
                    "Tick those that are still correct as they are.",
                    left,
                )
                messages.warning(self.request, text % {"count": left})
            return redirect(self.request.path)
        subject = Subject(kind=PAGES, key=str(self.page.translation_key))
        try:
            still_to_come = getattr(services, what)(subject, self.page.locale, self.request.user)
        except PreconditionError as reason:
            text = gettext("Saved, but not done. %(reason)s") % {"reason": reason}
            messages.error(self.request, text, buttons=reason.remedies)
            return redirect(self.request.path)
        said = gettext("Published: %(page)s.") if what == "publish" else gettext("Submitted: %(page)s.")
        if still_to_come:
            said = "%(page)s: %(note)s"
        messages.success(self.request, said % {"page": self.get_page_subtitle(), "note": still_to_come})
        following = stale_cells(self.page.translation_key, self.rights).first()
        if following is not None:
            return redirect("changed_texts", following.translation_pk)
        return redirect("translation_table")

    def store(self, text: ChangedText, words: str) -> bool:
        """Store a translation.

        Returns whether it can be used; if not, adds an error message.
        """
        stored, _made = StringTranslation.objects.update_or_create(
            translation_of=text.segment.string,
            locale=self.translation.target_locale,
            context=text.segment.context,
            defaults={
                "data": words,
                "translation_type": StringTranslation.TRANSLATION_TYPE_MANUAL,
                "tool_name": "",
                "last_translated_by": self.request.user,
                "has_error": False,
                "field_error": "",
            },
        )
        if problem := stored.get_error():
            said = gettext("Saved, but it cannot be used yet: %(problem)s")
            messages.error(self.request, said % {"problem": problem})
            return False
        return True


def stale_cells(key: UUID, rights: Rights) -> CellQuerySet:
    """Return the outdated translations of a page that this user may edit, in the order of the languages."""
    states.write_noted()
    cells = Cell.objects.filter(
        subject__kind=PAGES,
        subject__key=str(key),
        changed__gt=0,
        translation_pk__isnull=False,
        locale__in=rights.languages.values(),
    )
    pages = Page.objects.in_bulk([each.page_pk for each in cells if each.page_pk])
    mine = [each.pk for each in cells if rights.may("change", pages.get(each.page_pk or 0))]
    return cells.filter(pk__in=mine).order_by("locale__language_code")
