"""The events and groups of the demonstration, with participants and members.

Texts are in `content/<language>/`, the rest in `events.toml`.
"""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from wagtail.models import CollectionViewRestriction

from core.models import OutgoingMail, UploadedDocument
from demo import content
from demo.content import Words
from network.models import Event, GroupMembership, Member, Registration
from network.vocabulary.details import Detail

# Length of each session of an event.
SESSION = dt.timedelta(minutes=30)


def write_event(page: Any, words: Words, built: Any) -> None:
    known = content.facts("events")["events"][words.key.removeprefix("event-")]
    sessions = words.more["sessions"]
    day = timezone.localdate() + dt.timedelta(days=known["day"])
    begins = dt.datetime.combine(day, known["begins"], ZoneInfo(known["zone"]))
    page.starts_at, page.ends_at = begins, begins + len(sessions) * SESSION
    page.time_zone, page.capacity = known["zone"], known.get("places")
    page.audience, page.state = known.get("audience", "everybody"), known.get("state", "planned")
    page.hours = "1.5"
    page.place, page.joining_details = words.more["place"], words.more["joining"]
    programme = (
        {
            "day": None,
            "begins": (begins + number * SESSION).time(),
            "ends": (begins + (number + 1) * SESSION).time(),
            "title": title,
            "speaker": known["speakers"][number],
        }
        for number, title in enumerate(sessions)
    )
    page.programme = content.blocks("session", programme, words.key, "session")


def write_group(page: Any, words: Words, built: Any) -> None:
    known = content.facts("events")["groups"][words.key.removeprefix("group-")]
    page.purpose, page.is_announced = words.more["purpose"], known["announced"]
    file = {"title": words.more["file"], "file": document(words.key).pk}
    page.files = [{"type": "file", "value": file, "id": content.stable_id(words.key, "file")}]
    pairs = zip(words.more["minutes"][::2], words.more["minutes"][1::2], strict=True)
    minutes = (
        {
            "date": (timezone.localdate() + dt.timedelta(days=day)).isoformat(),
            "title": title,
            "text": text,
            "file": None,
        }
        for day, (title, text) in zip(known["days"], pairs, strict=True)
    )
    page.minutes = content.blocks("entry", minutes, words.key, "minutes")


def document(key: str) -> UploadedDocument:
    """Return the file of a group, in a collection that is not public.

    It is the same in every language.
    """
    words = content.read(key, content.SOURCE)
    title = f"{words.title}: {words.more['file']}"
    there: UploadedDocument | None = UploadedDocument.objects.filter(title=title).first()
    if there is not None:
        return there
    text = "\n\n".join([words.title, words.more["purpose"], *words.more["minutes"]])
    collection = CollectionViewRestriction.objects.select_related("collection")[0].collection
    made: UploadedDocument = UploadedDocument.objects.create(
        title=title, collection=collection, file=ContentFile(text.encode(), name=f"{key}.txt")
    )
    return made


@transaction.atomic
def load(built: Any) -> None:
    """Let members and guests register, and members belong to groups.

    Pages, members and accounts are needed.
    """
    members = list(Member.objects.listed().filter(shown__contains=[Detail.NAME]).order_by("pk")[:6])
    for key, known in content.facts("events")["events"].items():
        _register(Event.objects.get(uuid=built.pages[f"event-{key}"].translation_key), known, members)
    for key in content.facts("events")["groups"]:
        for number, member in enumerate(members):
            GroupMembership.objects.create(
                uuid=uuid.UUID(content.stable_id("membership", key, number)),
                group_key=built.pages[f"group-{key}"].translation_key,
                member=member,
                is_chair=number == 0,
                # The last one has requested to join.
                admitted_at=timezone.now() if number + 1 < len(members) else None,
            )
    # The demonstration sends no mail on its own.
    OutgoingMail.objects.filter(kind__startswith="network.event").delete()


def _register(event: Event, known: dict[str, Any], members: list[Member]) -> None:
    names = [(member.name, member) for member in members[:3]] + [(name, None) for name in known["guests"]]
    for number, (name, member) in enumerate(names, start=1):
        has_place = event.capacity is None or number <= event.capacity
        Registration.objects.create(
            event=event,
            member=member,
            name=name,
            email="" if member else f"guest-{number}@example.org",
            language=content.SOURCE,
            state=Registration.State.PLACE if has_place else Registration.State.WAITING,
            number=number,
            # The first to register could not come.
            attended=known.get("attended", False) and number > 1,
            reminded_at=timezone.now(),
        )
    Event.objects.filter(pk=event.pk).update(last_number=len(names))
