"""The page for decisions on flagged terms: replace them, or keep them for a reason; then publish."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.contrib.admin.utils import quote
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton
from wagtail.models import Page, RevisionMixin
from wagtail.permissions import policy_registry
from wagtail.snippets.action_menu import ActionMenuItem

from campaigns.models import AllowedException
from campaigns.terms import checker
from campaigns.terms.checker import LABEL, FlaggedTerm, words_url
from campaigns.terms.passages import has_words, language_of
from core.admin.views import AdminView
from core.languages import names
from core.languages.lazy import StrOrPromise
from core.languages.submission import blockers
from core.models import BasePage
from core.publishing.publication_checks import Button

PUBLISH = "publish"


def words_url_of(kept: AllowedException) -> str:
    kind = kept.content_type
    return reverse("words", args=(kind.app_label, kind.model, kept.object_id))


def is_asked_about(thing: Model) -> bool:
    """Return whether the texts of this become public by publishing it."""
    return isinstance(thing, BasePage | RevisionMixin) and has_words(thing)


class WordsView(AdminView, TemplateView):
    """Flagged terms in the newest version."""

    template_name = "campaigns/admin/terms/words.html"
    page_title = LABEL
    header_icon = "openquote"

    def setup(self, request: HttpRequest, *args: object, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.object = self.find(**kwargs)

    @staticmethod
    def find(app_label: str, model_name: str, pk: str) -> Any:
        try:
            model = apps.get_model(app_label, model_name)
            found = model._default_manager.filter(pk=pk).first()
        except (LookupError, ValueError, ValidationError):
            raise Http404("There is nothing of this kind.") from None
        found = found.specific if isinstance(found, Page) else found
        if found is None or not is_asked_about(found):
            raise Http404("There is nothing with words at this address.")
        return found

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        if isinstance(self.object, Page):
            return bool(self.object.permissions_for_user(user).can_edit())
        policy = policy_registry.get_by_type(type(self.object))
        return bool(policy.user_has_permission(user, "change"))

    @property
    def is_locked(self) -> bool:
        return isinstance(self.object, Page) and bool(self.object.permissions_for_user(self.request.user).page_locked())

    @cached_property
    def newest(self) -> Any:
        return checker.newest(self.object)

    @cached_property
    def findings(self) -> list[FlaggedTerm]:
        return checker.findings(self.newest)

    @property
    def asked(self) -> list[FlaggedTerm]:
        return [each for each in self.findings if each.asks]

    @property
    def may_publish(self) -> bool:
        """True if the user may publish the page without a second person."""
        page = self.object
        return (
            isinstance(page, BasePage)
            and not page.needs_second_person
            and bool(page.permissions_for_user(self.request.user).can_publish())
        )

    @property
    def edit_url(self) -> str:
        if isinstance(self.object, Page):
            return reverse("wagtailadmin_pages:edit", args=(self.object.pk,))
        return reverse(self.object.snippet_viewset.get_url_name("edit"), args=(quote(self.object.pk),))

    def get_page_subtitle(self) -> str:
        language = language_of(self.object)
        title = getattr(self.newest, "title", "") or str(self.object)
        return f"{title} ({names.language_name(language)})" if language else title

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield self.edit_url, getattr(self.newest, "title", "") or str(self.object)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        found = self.findings
        return super().get_context_data(
            **kwargs,
            asked=self.asked,
            cautions=[each for each in found if not each.term.holds],
            public=[each for each in found if each.is_public and not each.kept and each.term.holds],
            kept=checker.of_thing(self.object).select_related("by"),
            may_publish=self.may_publish,
            decide_url=getattr(self.object, "decide_url", str)(),
            edit_url=self.edit_url,
            is_locked=self.is_locked,
        )

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if PUBLISH in request.POST:
            return self.publish()
        if self.is_locked:
            raise PermissionDenied
        if "keep" in request.POST:
            self.keep(request.POST["keep"])
        else:
            self.replace(request.POST.get("replace", ""))
        return redirect(request.path)

    def replace(self, key: str) -> None:
        """Replace one word by the typed text; without a key, replace each undecided word by its first replacement."""
        if key:
            chosen = {key: self.request.POST.get("with", "")}
        else:
            chosen = {each.key: each.term.replacements[0] for each in self.asked if each.term.replacements}
        try:
            number = checker.replace(thing=self.object, chosen=chosen, by=self.request.user)
        except (checker.ReplacementError, ValidationError) as problem:
            said = " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
            messages.error(self.request, said)
            return
        messages.success(
            self.request,
            ngettext(
                "%(n)d word replaced. It is saved as a draft.",
                "%(n)d words replaced. They are saved as a draft.",
                number,
            )
            % {"n": number},
        )

    def keep(self, key: str) -> None:
        reason = self.request.POST.get("reason", "").strip()
        if not reason:
            messages.error(self.request, gettext("Say why the word stays. Others read it in the report."))
            return
        checker.keep(thing=self.object, keys=[key], reason=reason[:2000], by=self.request.user)
        messages.success(
            self.request,
            gettext("The word stays, with your reason. If the text around it changes, you are asked again."),
        )

    def publish(self) -> HttpResponse:
        if not self.may_publish:
            raise PermissionDenied
        page, translation = self.object, checker.translation_of(self.object)
        reasons = blockers(translation) if translation else self.newest.publication_blockers()
        if reasons:
            messages.error(self.request, gettext("Not published.") + " " + " ".join(reasons))
            return redirect(self.request.path)
        try:
            if translation:
                translation.save_target(user=self.request.user, publish=True)
            else:
                revision = page.get_latest_revision() or page.save_revision(user=self.request.user)
                revision.publish(user=self.request.user)
        except ValidationError as problem:
            messages.error(self.request, " ".join(problem.messages))
            return redirect(self.edit_url)
        messages.success(self.request, self.what_happened())
        return redirect("wagtailadmin_explore", page.get_parent().pk)

    def what_happened(self) -> str:
        """Return the message that the page is public now, or waits for its go-live time."""
        self.object.refresh_from_db(fields=["go_live_at"])
        hour = self.object.go_live_at
        if hour is None or hour <= timezone.now():
            return gettext("“%(title)s” has been published.") % {"title": self.newest.title}
        when = {"title": self.newest.title, "hour": date_format(timezone.localtime(hour), "DATETIME_FORMAT")}
        return gettext("“%(title)s” is ready, and goes live by itself: %(hour)s.") % when


# --- Redirects to this page ---


def ask(request: HttpRequest, thing: Model, asked: Sequence[FlaggedTerm]) -> HttpResponse | None:
    if not asked:
        return None
    text = gettext("Saved as a draft, but not published yet. Decide about these words first: %(words)s.")
    messages.warning(request, text % {"words": names.joined(dict.fromkeys(f"“{each.found}”" for each in asked))})
    return HttpResponseRedirect(words_url(thing))


def asked_of(thing: Model) -> list[FlaggedTerm]:
    """Return the flagged terms that need a decision in the newest version of a page or a record."""
    return [each for each in checker.findings(checker.newest(thing)) if each.asks]


def remedies(thing: Model) -> list[Button]:
    """Return the button to the decisions on the words of a page or a record, if there are any to make."""
    thing = thing.specific if isinstance(thing, Page) else thing
    return [(words_url(thing), LABEL)] if is_asked_about(thing) and asked_of(thing) else []


def ask_before_publishing(request: HttpRequest, thing: Model) -> HttpResponse | None:
    """Redirect from publishing to the decisions if there are any to make. Two-person approval checks elsewhere."""
    thing = thing.specific if isinstance(thing, Page) else thing
    if not is_asked_about(thing) or getattr(thing, "needs_second_person", False):
        return None
    return ask(request, thing, asked_of(thing))


def ask_in_the_editor(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Warn about undecided words in the editor, and block publishing a translation or approving a version with some."""
    page = page.specific
    if not is_asked_about(page):
        return None
    if request.method == "POST":
        publishes = request.POST.get("action") == PUBLISH  # the button of wagtail-localize
        approves = request.POST.get("workflow-action-name") == "approve"
        if not (publishes or approves) or getattr(page, "needs_second_person", False):
            return None
        return ask(request, page, asked_of(page))
    if asked := asked_of(page):
        text = gettext("Before this is published, decide about these words: %(words)s.")
        said = text % {"words": names.joined(dict.fromkeys(f"“{each.found}”" for each in asked))}
        messages.warning(request, said, buttons=[messages.button(words_url(page), LABEL)])
    return None


def refuse_in_bulk(request: HttpRequest, action_type: str, objects: Sequence[Page], action: Any) -> HttpResponse | None:
    """Refuse to publish pages in bulk if one of them has an undecided word."""
    if action.model is not Page or action_type != PUBLISH:
        return None
    pages = [each.specific for each in objects]
    found = [page for page in pages if is_asked_about(page) and asked_of(page)]
    if not found:
        return None
    text = gettext("Nothing was published. Decide about the words of these pages first: %(pages)s.")
    messages.error(
        request,
        text % {"pages": names.joined(page.get_admin_display_title() for page in found)},
        buttons=[messages.button(words_url(page), page.get_admin_display_title()) for page in found[:5]],
    )
    return redirect(action.next_url or "wagtailadmin_explore_root")


def header_button(
    page: Page, user: AbstractUser | AnonymousUser, view_name: str, next_url: str | None = None
) -> Iterator[HeaderButton]:
    page = page.specific
    if is_asked_about(page) and page.permissions_for_user(user).can_edit():
        yield HeaderButton(LABEL, url=words_url(page), icon_name="openquote", priority=66)


class DecideWordsItem(ActionMenuItem):
    """Link from the form of a record to the decisions on its words."""

    name = "action-words"
    label = LABEL
    icon_name = "openquote"
    order = 60

    def get_url(self, parent_context: dict[str, Any]) -> str:
        return words_url(parent_context["instance"])


def add_to_menu(items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]) -> None:
    instance = context.get("instance")
    if context["view"] == "edit" and instance is not None and is_asked_about(instance):
        items.append(DecideWordsItem())
