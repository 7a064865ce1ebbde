"""To-dos at the desk that belong to no app: translations, reviews, the clock and mail."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Count, Exists, Min, OuterRef, Q
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.models import Locale, Page, TaskState, WorkflowState
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from core import clock
from core.desk.todo import Lane, Suggestion, ToDo, ToDoLine, Waiting, register, suggest
from core.languages import names
from core.languages.changes import retranslatable
from core.mail.views import PERMISSION
from core.models import JobRun, OutgoingMail
from users import roles, wordings
from users.wordings import to_do

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractUser
    from django.db.models import QuerySet

TRANSLATE = pgettext_lazy("what to do with what is waiting", "Translate")
REVIEW = pgettext_lazy("what to do with what is waiting", "Review")
PUBLISH = pgettext_lazy("what to do with what is waiting", "Publish")


def untranslated() -> Exists:
    """Return a condition on Translation: some of its strings are untranslated."""
    words = StringTranslation.objects.filter(
        translation_of=OuterRef("string"),
        context=OuterRef("context"),
        locale=OuterRef(OuterRef("target_locale")),
        has_error=False,
    )
    return Exists(StringSegment.objects.filter(~Exists(words), source=OuterRef("source")))


def translations(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a to-do for each language that this user translates into, or for all if they may submit translations.

    What has changed since it was translated has a line of its own for translators.
    """
    todo = Translation.objects.filter(untranslated(), enabled=True)
    if not user.has_perm("wagtail_localize.submit_translation"):
        languages = roles.languages_of(user.groups.values_list("name", flat=True))
        if not languages:
            return
        todo = todo.filter(~retranslatable(), target_locale__language_code__in=languages)
    for language, count, since in by_language(todo):
        yield ToDoLine(
            title=_("To translate into %(language)s") % {"language": names.language_name(language)},
            count=count,
            since=since,
            action=TRANSLATE,
            url=f"{reverse('wagtail_localize:translations_report')}?{urlencode({'target_locale': language, 'waiting_for_translation': 'true'})}",
        )


def changed_sources(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a to-do for each of this user's languages in which texts have changed since they were translated."""
    languages = roles.languages_of(user.groups.values_list("name", flat=True))
    if not languages:
        return
    changed = Translation.objects.filter(
        retranslatable(), enabled=True, target_locale__language_code__in=languages
    )
    for language, count, since in by_language(changed):
        yield ToDoLine(
            title=_("Changed in the source since it was translated into %(language)s")
            % {"language": names.language_name(language)},
            count=count,
            since=since,
            action=TRANSLATE,
            url=reverse("changed_pages", args=[language]),
            urgent=True,
        )


def to_hand_in(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a to-do for each of this user's languages with complete translations that nobody has handed in or published."""
    languages = roles.languages_of(user.groups.values_list("name", flat=True))
    if not languages:
        return
    for language, count, since in by_language(finished().filter(target_locale__language_code__in=languages)):
        yield ToDoLine(
            title=_("Translated into %(language)s, and not handed in or published")
            % {"language": names.language_name(language)},
            count=count,
            since=since,
            url=f"{reverse('wagtail_localize:translations_report')}?{urlencode({'target_locale': language, 'waiting_for_translation': 'false'})}",
        )


def by_language(found: QuerySet[Translation]) -> QuerySet[Translation, tuple[str, int, dt.datetime]]:
    """Return language, number, and when the oldest source was last changed."""
    code = "target_locale__language_code"
    return found.values_list(code).annotate(Count("pk"), Min("source__last_updated_at")).order_by(code)


def wordings_to_translate(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a to-do for the words that are not pages, for each language that this user translates into."""
    for code in sorted(roles.languages_of(user.groups.values_list("name", flat=True))):
        locale = Locale.objects.filter(language_code=code).first()
        if locale is not None and (count := len(to_do(locale))):
            title = _("Words of listings, materials and themes to translate into %(language)s")
            yield ToDoLine(
                title=title % {"language": names.language_name(code)},
                count=count,
                action=TRANSLATE,
                url=reverse("wordings", args=[code]),
            )


def finished() -> QuerySet[Translation]:
    """Return complete page translations that are not public yet, or not as they are now, and that nobody has handed in."""
    newer = StringTranslation.objects.filter(
        locale=OuterRef("locale"),
        context__object_id=OuterRef("translation_key"),
        updated_at__gt=OuterRef("last_published_at"),
    )
    handed_in = WorkflowState.objects.filter(
        status=WorkflowState.STATUS_IN_PROGRESS,
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id=Cast(OuterRef("pk"), CharField()),
    )
    target = Page.objects.filter(
        # A source that has lost a text has nothing to translate, and yet its translation must follow.
        Q(live=False) | Exists(newer) | Q(last_published_at__lt=OuterRef("source__last_updated_at")),
        ~Exists(handed_in),
        translation_key=OuterRef("source__object_id"),
        locale=OuterRef("target_locale"),
    )
    return Translation.objects.filter(~untranslated(), Exists(target), enabled=True)


def count_finished(user: AbstractUser) -> int:
    return finished().count() if user.has_perm("wagtail_localize.submit_translation") else 0


def reviews(user: AbstractUser) -> Waiting:
    found = TaskState.objects.reviewable_by(user).aggregate(count=Count("pk"), since=Min("started_at"))
    return Waiting(**found)


def handed_in(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a line for what a user has handed in and somebody else has not decided yet."""
    asked = WorkflowState.objects.filter(status=WorkflowState.STATUS_IN_PROGRESS, requested_by=user)
    found = asked.aggregate(count=Count("pk"), since=Min("created_at"))
    if found["count"]:
        query = urlencode({"requested_by": user.pk, "status": WorkflowState.STATUS_IN_PROGRESS})
        yield ToDoLine(
            title=_("Handed in by you, and not decided"),
            url=f"{reverse('wagtailadmin_reports:workflow')}?{query}",
            lane=Lane.OTHERS,
            **found,
        )


def late_or_failed(user: AbstractUser) -> int:
    """Count the clock's jobs that are late or failed."""
    if not user.has_perm("core.change_sitesettings"):
        return 0
    return len({job.name for job in clock.late()} | {run.name for run in JobRun.objects.exclude(failures=[])})


def undelivered(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield to-dos for undeliverable mail and, while the mail server is down, for all waiting mail."""
    if not user.has_perm(PERMISSION):
        return
    found = OutgoingMail.objects.aggregate(
        failed=Count("pk", filter=Q(failed_at__isnull=False)),
        waiting=Count("pk", filter=Q(failed_at=None)),
        stalled=Count("pk", filter=Q(failed_at=None, stalled=True)),
        oldest_failed=Min("created_at", filter=Q(failed_at__isnull=False)),
        oldest=Min("created_at", filter=Q(failed_at=None)),
    )
    if found["stalled"]:
        title = _("The mail server is not taking mail: all of it is waiting")
        yield ToDoLine(
            title=title,
            count=found["waiting"],
            since=found["oldest"],
            url=reverse("outbox"),
            urgent=True,
            lane=Lane.FAILED,
        )
    if found["failed"]:
        title = _("Mail that could not be delivered")
        yield ToDoLine(
            title=title,
            count=found["failed"],
            since=found["oldest_failed"],
            url=reverse("outbox"),
            lane=Lane.FAILED,
        )


def register_all() -> None:
    register(undelivered)
    register(
        ToDo(
            title=gettext_lazy("Scheduled jobs that are late or have failed"),
            count=late_or_failed,
            url="clock_report",
            urgent=True,
            lane=Lane.FAILED,
        )
    )
    register(
        ToDo(
            title=gettext_lazy("To review"),
            count=reviews,
            somebody_waits=True,
            action=REVIEW,
            url=lambda: (
                f"{reverse('wagtailadmin_reports:workflow_tasks')}?reviewable=true&status=in_progress"
            ),
        )
    )
    register(changed_sources)
    register(translations)
    register(to_hand_in)
    register(wordings_to_translate)
    register(
        ToDo(
            title=gettext_lazy("Translations that can be published"),
            count=count_finished,
            action=PUBLISH,
            url=lambda: f"{reverse('wagtail_localize:translations_report')}?waiting_for_translation=false",
        )
    )
    register(handed_in)
    suggest(
        Suggestion(
            title=gettext_lazy("Invite somebody to the desk"),
            url="wagtailusers_users:add",
            permission="users.add_user",
            order=50,
        )
    )
    suggest(
        Suggestion(
            title=gettext_lazy("See what is translated, language by language"),
            url="wagtail_localize:translations_report",
            permission=translates,
        )
    )


def translates(user: AbstractUser) -> bool:
    return bool(wordings.languages_of(user))
