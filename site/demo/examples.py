"""Invented programmes that two people have approved.

The real ones have not been checked, so without these the API, the files of the open data and the lists on other sites
would be empty, no card would show a review, and no poster would carry a number.

They must not be taken for real help.
Each states that it is invented in its name, in its first sentence and in `not_for`, in every language.
It has the alert that no new people are taken, or, so that a poster can show its number, that its line, its only
contact, is disturbed: so every real service that is available is listed before it, and no opening hours or coverage map
count it.
It works in a region that does not exist, and its numbers and addresses lead nowhere.
"""

import uuid
from typing import Any

from django.utils import timezone
from wagtail.models import Locale

from demo.content import LANGUAGES, SOURCE, facts, stable_id
from helpline.exchange.imports.parsed import identifier
from helpline.governance import services
from helpline.governance.review.decisions import points_asked
from helpline.governance.review.policy import Answered, ChecklistAnswer
from helpline.models import ContactPoint, Programme, ProgrammeText, Report, SupportLine
from helpline.records.listings import Listing
from helpline.vocabulary.codes import Alert, Confidence, ReportReason, Status
from users.models import User

INVENTED = "Invented for the demonstration."
DRAFTER, APPROVER = "drafter@example.org", "approver@example.org"
TRANSLATORS = {"de": "german@example.org", "fr": "french@example.org", "ar": "arabic@example.org"}


def load() -> None:
    """Have two of the demonstration's people write and approve each programme, and each of its texts."""
    users = {user.email: user for user in User.objects.filter(email__endswith="@example.org")}
    drafter, approver = users[DRAFTER], users[APPROVER]
    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    for row in facts("examples")["programmes"]:
        programme = _programme(row, checked_by=drafter)
        _take_through_review(programme, written_by=drafter, approved_by=approver)
        # As the texts that are imported: they are translations of each other.
        key = uuid.uuid5(programme.uuid, "text")
        for language in LANGUAGES:
            text = ProgrammeText(
                programme=programme,
                locale=locales[language],
                translation_key=key,
                live=False,
                **facts("examples")["words"][language],
            )
            text.save()
            writer = drafter if language == SOURCE else users[TRANSLATORS[language]]
            _take_through_review(text, written_by=writer, approved_by=approver)


def _programme(row: dict[str, Any], *, checked_by: User) -> Programme:
    """Store a programme as a draft that was checked today by `checked_by`."""
    today = timezone.localdate()
    reference = row["reference"]
    programme = Programme(
        **{"alert": Alert.NO_NEW_PEOPLE} | {name: value for name, value in row.items() if name != "contact_points"},
        uuid=identifier(reference),
        live=False,
        status=Status.VERIFIED,
        alert_note=INVENTED,
        confidence=Confidence.HIGH,
        source_url=row["website"],
        checked_on=today,
        checked_by=checked_by,
        checked_source=row["website"],
        confidentiality_reviewed_on=today,
    )
    programme.contact_points = [
        ContactPoint(**point, uuid=uuid.UUID(stable_id(reference, number)), sort_order=number)
        for number, point in enumerate(row["contact_points"])
    ]
    programme.full_clean()
    programme.save()
    return programme


def _take_through_review(listing: Listing | ProgrammeText, *, written_by: User, approved_by: User) -> None:
    """Submit a draft for review as its author does, and approve it as a second person does."""
    revision = listing.save_revision(user=written_by, log_action=True)
    listing.get_workflow().start(listing, written_by)
    asked = points_asked(listing=listing, revision=revision)
    services.approve(
        listing=listing,
        revision=revision,
        by=approved_by,
        reason=INVENTED,
        checklist={point.code: Answered(answer=ChecklistAnswer.YES, note="") for point in asked},
    )


REPORTS = (
    (
        Programme,
        ReportReason.HOURS,
        "They answer until eight in the evening on Thursdays now.",
        "I work there.",
    ),
    (
        Programme,
        ReportReason.LANGUAGE,
        "They answer in English as well.",
        "A colleague called them last week.",
    ),
    (
        SupportLine,
        ReportReason.NUMBER,
        "This number is out of service.",
        "Our switchboard tried it twice.",
    ),
)


def load_reports() -> None:
    """Create invented reports for the review queue, each about one of the first listings of its kind."""
    listings = {model: iter(model.objects.order_by("name", "pk")[: len(REPORTS)]) for model in (Programme, SupportLine)}
    for model, what, text, source in REPORTS:
        listing = next(listings[model], None)
        if listing is not None:
            Report.objects.create(listing=listing, what=what, text=f"{INVENTED} {text}", source=source, language="en")
