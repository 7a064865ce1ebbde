"""To-dos about listings, and the weekly digest email about urgent ones.

The to-dos are checks, drafts, reports, operators' answers and undelivered letters.
Submissions are counted with everything else that is to be reviewed (`users.admin.todo`).
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.db.models import CharField, Count, Exists, Min, OuterRef, Q
from django.db.models.functions import Cast
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.models import WorkflowState

from core.admin.todo import Lane, Rank, Suggestion, ToDoLine
from core.http import private_url
from core.languages import names
from core.languages.names import joined
from core.mail import outbox
from core.mail.kinds import MailKind
from helpline.admin.permissions import models_for
from helpline.admin.review_queue import ranking, views
from helpline.finder import queries
from helpline.governance import integrity
from helpline.governance.models import OperatorContact, Report
from helpline.governance.risk import REASONS
from helpline.records import visibility
from helpline.records.laws import CountryLaw
from helpline.records.listings import Listing
from helpline.records.programmes import Programme
from helpline.records.settings import HelplineSettings
from helpline.records.support_lines import SupportLine
from helpline.vocabulary.codes import OperatorAnswer, ReportReason, Status

REVIEW_QUEUE_KINDS: dict[type[Listing], str] = {
    Programme: views.PROGRAMMES,
    SupportLine: "line",
    CountryLaw: ranking.LAW,
}

CHECK = pgettext_lazy("what to do with what is waiting", "Check")
GO_ON = pgettext_lazy("what to do with a draft of one's own", "Go on")
ANSWER = pgettext_lazy("what to do with what is waiting", "Answer")
SUGGESTIONS = (
    Suggestion(
        title=gettext_lazy("Add a programme that is missing"),
        url=lambda: reverse(Programme.snippet_viewset.get_url_name("add")),
        permission="helpline.add_programme",
    ),
    Suggestion(
        title=gettext_lazy("See what is due to be checked next"),
        url=views.review_queue_url,
        permission="helpline.change_programme",
    ),
)


# Reports by the scheduler.
# A report by a person has the language in which it was written.
ALTERED = Q(source=integrity.SOURCE, language="")


def listing_todos(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield to-dos, hidden numbers first.

    Uses one query for each kind of listing, and two for reports and letters.
    """
    today = timezone.localdate()
    models = models_for(user)
    for model in models:
        yield from check_todos(user, model, today)
    if SupportLine in models:
        yield from missing_line_todos()
    if models:
        yield from report_todos(models)


def missing_line_todos() -> Iterator[ToDoLine]:
    """Yield a to-do if help pages cannot name an emergency or crisis line, because its number was withdrawn."""
    if countries := {country for country, _kind in queries.withdrawn_lines()}:
        title = _("Help pages cannot name an emergency or crisis line: %(countries)s")
        yield ToDoLine(
            title=title % {"countries": joined(sorted(map(names.country_name, countries), key=names.sort_key))},
            count=len(countries),
            url=reverse(SupportLine.snippet_viewset.get_url_name("list")),
            urgent=True,
            rank=Rank.READER,
            lane=Lane.FAILED,
            action=CHECK,
        )


def check_todos(user: AbstractUser, model: type[Listing], today: dt.date) -> Iterator[ToDoLine]:
    public = visibility.public_q()
    hides = public & ~visibility.closed_q() & visibility.stale_q(today, has_kind=model is SupportLine)
    found: dict[str, Any] = model.objects.aggregate(
        hidden=Count("pk", filter=hides),
        hidden_since=Min("next_check_due", filter=hides),
        due=Count("pk", filter=public & Q(next_check_due__lte=today) & ~hides),
        due_since=Min("next_check_due", filter=public & Q(next_check_due__lte=today) & ~hides),
        own=Count("pk", filter=not_submitted(model, user)),
        own_since=Min("latest_revision__created_at", filter=not_submitted(model, user)),
        unchecked=Count("pk", filter=Q(checked_on=None, live=False) & ~Q(status=Status.DELISTED)),
    )
    name = str(model._meta.verbose_name_plural)
    address = reverse(model.snippet_viewset.get_url_name("list"))
    kind = REVIEW_QUEUE_KINDS[model]
    hidden, why = _("Numbers hidden because they have not been checked: %(listings)s"), "hidden"
    if model is CountryLaw:
        hidden, why = _("No longer shown because they have not been checked: %(listings)s"), "law_hidden"
    lines: dict[str, dict[str, Any]] = {
        "hidden": {
            "title": hidden,
            "url": views.review_queue_url(kind=kind, why=why),
            "lane": Lane.LATE,
            "rank": Rank.CHECK,
        },
        "due": {
            "title": _("To check again: %(listings)s"),
            "url": views.review_queue_url(kind=kind, why=views.DUE),
            "lane": Lane.LATE,
            "rank": Rank.CHECK,
        },
        "own": {
            "title": _("Written by you and not submitted: %(listings)s"),
            "url": f"{address}?drafts=own",
            "action": GO_ON,
        },
        "unchecked": {
            "title": _("Never checked: %(listings)s"),
            "url": f"{address}?due=unchecked&live=false",
        },
    }
    for code, line in lines.items():
        if found[code]:
            given = {"action": CHECK, **line, "title": line["title"] % {"listings": name}}
            yield ToDoLine(count=found[code], since=found.get(f"{code}_since"), urgent=code == "hidden", **given)


def not_submitted(model: type[Listing], user: AbstractUser | AnonymousUser) -> Q:
    """Return the condition for drafts that the user was the last to edit and has not submitted."""
    submitted = WorkflowState.objects.active().filter(
        base_content_type=ContentType.objects.get_for_model(model, for_concrete_model=False),
        object_id=Cast(OuterRef("pk"), CharField()),
    )
    return Q(has_unpublished_changes=True, latest_revision__user=user) & ~Q(Exists(submitted))


def report_todos(models: list[type[Listing]]) -> Iterator[ToDoLine]:
    """Yield to-dos for reports, operators' answers and undelivered letters."""
    kinds = list(ContentType.objects.get_for_models(*models, for_concrete_models=False).values())
    conditions = {
        "altered": ALTERED,
        "reported": Q(what__in=ReportReason.values) & ~ALTERED,
        "gone": Q(what__in=(OperatorAnswer.GONE, OperatorAnswer.DELIST)),
        "answered": Q(what__in=(OperatorAnswer.RIGHT, OperatorAnswer.CHANGED)),
    }
    found = (
        Report.objects.open()
        .filter(content_type__in=kinds)
        .aggregate(
            **{why: Count("pk", filter=condition) for why, condition in conditions.items()},
            **{f"{why}_since": Min("created_at", filter=condition) for why, condition in conditions.items()},
        )
    )
    titles = {
        "altered": _("Hidden or reverted because they differ from what two people approved"),
        "reported": _("Error reports about listings"),
        "gone": _("Operators whose service no longer exists, or who want to be taken off the list"),
        "answered": _("Answers from operators about whether their listing is right"),
    }
    for why, title in titles.items():
        if found[why]:
            url = views.review_queue_url(why="reported" if why == "altered" else why)
            yield ToDoLine(
                title=title,
                count=found[why],
                since=found[f"{why}_since"],
                url=url,
                urgent=why != "answered",
                rank=Rank.PERSON if why == "answered" else Rank.READER,
                lane=Lane.FAILED if why == "altered" else Lane.YOU,
                action=ANSWER,
            )
    if lost := OperatorContact.objects.given_up().filter(content_type__in=kinds).count():
        title = _("Letters to operators that could not be delivered")
        url = views.review_queue_url(why="undelivered")
        yield ToDoLine(title=title, count=lost, url=url, lane=Lane.FAILED)


WEEKLY = MailKind(name="helpline.weekly", title=gettext_lazy("Weekly digest email about listings to check"))
# These can wait until a user opens the review queue.
NOT_URGENT = frozenset({"soon", "unchecked"})


def urgent_reasons() -> list[tuple[str, int]]:
    """Return (reason, number of listings), the most serious reason first."""
    items = ranking.items([Programme, SupportLine, CountryLaw], timezone.localdate())
    counted = Counter(name for item in items for name in item.risk.names - NOT_URGENT)
    return [(str(rule.message), counted[name]) for name, rule in REASONS.items() if counted[name]]


def send() -> None:
    """Put the letter into the outbox if there is something to report and an address to send it to."""
    to = HelplineSettings.current().corrections_email
    reasons = urgent_reasons()
    if not to or not reasons:
        return
    context = {"reasons": reasons, "url": private_url("helpline_work:index")}
    message = EmailMessage(
        subject=_("Listings to check"), body=render_to_string("helpline/mail/weekly.txt", context), to=[to]
    )
    outbox.send(message, kind=WEEKLY.name)
