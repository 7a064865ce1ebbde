"""The page on which native readers confirm words to avoid that rest on general knowledge only.

Until then such a word is shown beside a text and holds up nothing. If the forms of a term change, it is asked again.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages

from campaigns.models import Term
from campaigns.tables import list_url
from core.admin.todo import ToDo
from core.admin.views import AdminView
from core.languages import names, translators
from core.languages.lazy import StrOrPromise

TITLE = _("Words for a native reader")


def languages_of(user: AbstractUser | AnonymousUser) -> list[str]:
    """Return the languages that a user confirms words in: those that they translate into.

    The source language has no translators: there, those who maintain the list confirm them.
    """
    source = [settings.LANGUAGE_CODE] if user.has_perm("campaigns.change_term") else []
    return [*source, *translators.own_languages(user)]


def confirm(*, language: str, keys: Iterable[str], by: Any) -> int:
    """Confirm the chosen terms of a language and return their number."""
    chosen = [int(key) for key in keys if key.isdecimal() and len(key) < 19]
    now = timezone.now()
    terms = Term.objects.unconfirmed().filter(language=language, pk__in=chosen)
    return terms.update(confirmed_by=by, confirmed_at=now, changed_at=now)


class NativeReaderView(AdminView, TemplateView):
    """The words to avoid in one language that no native reader has confirmed."""

    template_name = "campaigns/admin/terms/unconfirmed.html"
    page_title = TITLE
    header_icon = "openquote"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(languages_of(user))

    @cached_property
    def languages(self) -> list[str]:
        return languages_of(self.request.user)

    @cached_property
    def language(self) -> str:
        """The requested language, or else the first of the user's."""
        asked = self.request.GET.get("language") or self.languages[0]
        if asked not in self.languages:
            raise Http404("The user does not confirm words in this language.")
        return asked

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield list_url(Term), capfirst(str(Term._meta.verbose_name_plural))

    def get_page_subtitle(self) -> str:
        return names.language_name(self.language)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(
            **kwargs,
            language=self.language,
            languages=[(code, names.language_name(code)) for code in self.languages],
            terms=Term.objects.unconfirmed().filter(language=self.language),
        )

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        number = confirm(language=self.language, keys=request.POST.getlist("term"), by=request.user)
        text = ngettext(
            "%(n)d word confirmed. From now on it holds up a publication.",
            "%(n)d words confirmed. From now on they hold up a publication.",
            number,
        )
        messages.success(request, text % {"n": number})
        return HttpResponseRedirect(f"{reverse('unconfirmed_terms')}?language={self.language}")


def waiting_for(user: AbstractUser) -> int:
    codes = languages_of(user)
    return Term.objects.unconfirmed().filter(language__in=codes).count() if codes else 0


UNCONFIRMED = ToDo(title=TITLE, count=waiting_for, url="unconfirmed_terms")
