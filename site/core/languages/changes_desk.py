"""The screens on which a translator sees what has changed in a source, and carries it over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.models import Page
from wagtail.permissions import page_permission_policy
from wagtail_localize.models import StringTranslation, Translation

from core.desk.views import DeskView
from core.languages import names
from core.languages.changes import changed_texts, retranslatable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse
    from django_stubs_ext import StrOrPromise

    from core.languages.changes import ChangedText


class ChangedPagesView(DeskView, TemplateView):
    """The pages of one language whose source has changed, for those who may edit them."""

    template_name = "core/changed_pages.html"
    page_title = _("Changed in the source")
    header_icon = "wagtail-localize-language"
    permission = "wagtailadmin.access_admin"

    def get_page_subtitle(self) -> str:
        return names.language_name(self.kwargs["language"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = page_permission_policy.instances_user_has_any_permission_for(self.request.user, {"change"})
        changed = Translation.objects.filter(
            retranslatable(), enabled=True, target_locale__language_code=self.kwargs["language"]
        )
        by_key = {each.source.object_id: each for each in changed.select_related("source")}
        pages = mine.filter(
            translation_key__in=by_key, locale__language_code=self.kwargs["language"]
        ).order_by("path")
        rows = [(page, by_key[page.translation_key]) for page in pages]
        return super().get_context_data(rows=rows, **kwargs)


class ChangedTextsView(DeskView, TemplateView):
    """The texts of one page to translate again: the source with what has changed in it, and the translation as it was."""

    template_name = "core/changed_texts.html"
    page_title = _("Changed in the source")
    header_icon = "wagtail-localize-language"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        translations = Translation.objects.select_related("source", "target_locale")
        self.translation = get_object_or_404(translations, pk=kwargs["pk"], enabled=True)
        page = self.translation.get_target_instance()
        if not isinstance(page, Page):
            raise Http404("This is not the translation of a page.")
        self.page = page

    def allows(self, user: Any) -> bool:
        return bool(self.page.permissions_for_user(user).can_edit())

    def get_page_subtitle(self) -> str:
        return f"{names.language_name(self.page.locale.language_code)}: {self.page.get_admin_display_title()}"

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse("wagtailadmin_pages:edit", args=[self.page.pk]), self.page.get_admin_display_title()

    @cached_property
    def texts(self) -> list[ChangedText]:
        return changed_texts(self.translation)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {
            "page": self.page,
            "texts": self.texts,
            "source_language": self.translation.source.locale.language_code,
            "language": self.page.locale.language_code,
        }
        return super().get_context_data(**{**context, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Store one text: that whose button was pressed. The others have perhaps not been read yet."""
        pressed = request.POST.get("save", "")
        segment = next((text.segment for text in self.texts if str(text.segment.pk) == pressed), None)
        if segment is None:
            messages.error(request, gettext("Nothing was saved: this text has changed meanwhile."))
            return redirect(request.path)
        words = request.POST.get(f"text-{pressed}", "").strip()
        if not words:
            messages.error(request, gettext("Nothing was saved: the text is empty."))
            return redirect(request.path)
        stored, _made = StringTranslation.objects.update_or_create(
            translation_of=segment.string,
            locale=self.translation.target_locale,
            context=segment.context,
            defaults={
                "data": words,
                "translation_type": StringTranslation.TRANSLATION_TYPE_MANUAL,
                "tool_name": "",
                "last_translated_by": request.user,
                "has_error": False,
                "field_error": "",
            },
        )
        if problem := stored.get_error():
            text = gettext("Saved, but it cannot be used yet: %(problem)s")
            messages.error(request, text % {"problem": problem})
        else:
            messages.success(request, gettext("Saved. The public sees it once the page is published."))
        return redirect(request.path)
