"""Email digest for translators: one mail a day at most, in the language of the admin.

A mail is sent when there is new work since the last one: a page whose source has changed, or one that was sent.
The first change of a day is mailed within minutes; later changes of the same day are in the next mail.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy, ngettext
from wagtail.users.models import UserProfile

from core.http import private_url
from core.languages import names, translators
from core.mail import outbox
from core.mail.kinds import MailKind
from core.models import OutgoingMail
from core.scheduler import Job
from translating.models import Cell, CellQuerySet, CellState, DigestSent

DAY = timedelta(days=1)
# Number of titles that a mail names; of the others it has the number only.
NAMED = 10
TO_DO = (CellState.STALE, CellState.IN_WORK, CellState.MACHINE)


def waiting(code: str) -> CellQuerySet:
    """Return the work of the translators of a language: pages that were sent or have changed, and changed texts."""
    sent = Q(translation_pk__isnull=False) | Q(state=CellState.STALE)
    return (
        Cell.objects.with_subjects()
        .filter(sent, locale__language_code=code, state__in=TO_DO, waits=False)
        .order_by("due", "subject__path", "pk")
    )


def due() -> Iterator[tuple[Any, str]]:
    """Yield each translator with new work since their last mail, with their language."""
    told = dict(DigestSent.objects.values_list("user_id", "at"))
    for code in translators.targets():
        found = waiting(code)
        newest = max((cell.waits_since for cell in found if cell.waits_since), default=None)
        if newest is None:
            continue
        for user in translators.translators(code):
            at = told.get(user.pk)
            if at is None or newest > at:
                yield user, code


def tell(item: tuple[Any, str]) -> None:
    """Queue a mail to one translator about all of their languages, a day after the last at the earliest."""
    user, _code = item
    now = timezone.now()
    if DigestSent.objects.filter(user=user, at__gt=now - DAY).exists():
        return
    DigestSent.objects.update_or_create(user=user, defaults={"at": now})
    outbox.queue(DIGEST.name, recipient=user.email, user=user.pk)


def write(mail: OutgoingMail) -> EmailMessage | None:
    """Return the mail to a translator, in the language of the admin; None if they have left or have no work."""
    user = get_user_model()._default_manager.filter(pk=mail.data["user"], is_active=True).first()
    if user is None:
        return None
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
        languages: list[dict[str, Any]] = []
        for code in translators.own_languages(user):
            cells = list(waiting(code))
            if cells:
                languages.append(
                    {
                        "name": names.language_name(code),
                        "cells": cells[:NAMED],
                        "more": max(0, len(cells) - NAMED),
                        "url": f"{private_url('translation_table')}?language={code}&state=to_do",
                        "urgent": any(
                            cell.state == CellState.STALE and cell.subject.needs_second_person for cell in cells
                        ),
                    }
                )
        if not languages:
            return None
        count = sum(int(len(each["cells"]) + each["more"]) for each in languages)
        subject = ngettext("%(count)d text to translate", "%(count)d texts to translate", count)
        return EmailMessage(
            subject=subject % {"count": count},
            body=render_to_string("translating/mail/digest.txt", {"languages": languages}),
            to=[mail.recipient],
        )


DIGEST = MailKind(name="translating.digest", title=gettext_lazy("What waits for a translator"), write=write)
JOB = Job(
    name="tell-translators",
    title=gettext_lazy("Mail to translators"),
    every=timedelta(minutes=10),
    items=due,
    run=tell,
)
