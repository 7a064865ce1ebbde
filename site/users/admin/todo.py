"""To-dos in the admin that belong to no app: translations, reviews, the scheduler and mail."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractUser
from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.models import TaskState, WorkflowState

from core import scheduler
from core.admin.todo import Lane, Rank, Suggestion, ToDo, ToDoLine, Waiting
from core.languages import names, translators
from core.mail.views import PERMISSION
from core.models import ExitAddress, JobRun, OutgoingMail, SettingProposal
from users import services
from users.admin.wordings import to_do

TRANSLATE = pgettext_lazy("what to do with what is waiting", "Translate")
REVIEW = pgettext_lazy("what to do with what is waiting", "Review")


def wordings_to_translate(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a to-do for the texts that are not pages, for each language that this user translates into."""
    for code, locale in translators.own_languages(user).items():
        if count := len(to_do(locale)):
            title = _("Words of listings, materials and themes to translate into %(language)s")
            yield ToDoLine(
                title=title % {"language": names.language_name(code)},
                count=count,
                rank=Rank.TRANSLATION,
                action=TRANSLATE,
                url=reverse("wordings", args=[code]),
            )


def reviews(user: AbstractUser) -> Waiting:
    found = TaskState.objects.reviewable_by(user).aggregate(count=Count("pk"), since=Min("started_at"))
    return Waiting(**found)


def submitted(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a line for submissions of a user that no reviewer has decided yet."""
    asked = WorkflowState.objects.filter(status=WorkflowState.STATUS_IN_PROGRESS, requested_by=user)
    found = asked.aggregate(count=Count("pk"), since=Min("created_at"))
    if found["count"]:
        query = urlencode({"requested_by": user.pk, "status": WorkflowState.STATUS_IN_PROGRESS})
        yield ToDoLine(
            title=_("Submitted by you, and not decided"),
            url=f"{reverse('wagtailadmin_reports:workflow')}?{query}",
            lane=Lane.OTHERS,
            **found,
        )


def too_few_people(user: AbstractUser) -> int:
    """Return how many people have a role if they are too few for the rule of two people, otherwise 0."""
    if not user.has_perm("users.add_user"):
        return 0
    count = services.people_with_roles().count()
    return count if count < services.FEWEST_PEOPLE else 0


def exits_to_approve(user: AbstractUser) -> int:
    if not user.has_perm("core.change_exitaddress"):
        return 0
    return ExitAddress.objects.filter(approved_at=None).exclude(proposed_by=user.pk).count()


def settings_to_approve(user: AbstractUser) -> int:
    if not user.has_perm("core.change_settingproposal"):
        return 0
    return SettingProposal.objects.installed().filter(approved_at=None).exclude(proposed_by=user.pk).count()


def late_or_failed(user: AbstractUser) -> int:
    if not user.has_perm("core.change_sitesettings"):
        return 0
    return len({job.name for job in scheduler.late()} | {run.name for run in JobRun.objects.exclude(failures=[])})


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
            rank=Rank.CHECK,
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


TODOS = (
    undelivered,
    ToDo(
        title=gettext_lazy("Scheduled jobs that are late or have failed"),
        count=late_or_failed,
        url="scheduled_jobs_report",
        urgent=True,
        rank=Rank.CHECK,
        lane=Lane.FAILED,
    ),
    ToDo(
        title=gettext_lazy("To review"),
        count=reviews,
        rank=Rank.PERSON,
        action=REVIEW,
        url=lambda: f"{reverse('wagtailadmin_reports:workflow_tasks')}?reviewable=true&status=in_progress",
    ),
    wordings_to_translate,
    submitted,
    ToDo(
        title=gettext_lazy("Exit addresses to approve"),
        count=exits_to_approve,
        url="exit_addresses:index",
    ),
    ToDo(
        title=gettext_lazy("Proposed settings to approve"),
        count=settings_to_approve,
        url="proposed_settings:index",
    ),
    ToDo(
        title=gettext_lazy(
            "People with a role in the admin: with fewer than three, no third person is notified "
            "if one of them uses the account of another to approve their own work"
        ),
        count=too_few_people,
        url="wagtailusers_users:index",
    ),
)
SUGGESTION = Suggestion(
    title=gettext_lazy("Invite a user to the admin"),
    url="wagtailusers_users:add",
    permission="users.add_user",
    order=50,
)
