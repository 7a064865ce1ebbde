"""What happens if people confide in a service: what it sees, what it asks, what it passes on, and how we know.

Not knowing this keeps people from calling. So what is not known is said to be not known, with the question to ask first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.languages.names import joined
from helpline.finder.content.laws import answering
from helpline.vocabulary.codes import Asks, Channel, Confidentiality, Sees, Trigger, YesNo

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from helpline.finder.content.laws import Laws, ShownLaw
    from helpline.records.contact_points import ContactPoint
    from helpline.records.programmes import Programme

# The language of unconfirmed notes, and of those on alerts. What they say to readers of other languages is in the codes (`helpline.checks`), and in the alert.
NOTES_IN = "en"
# What a channel discloses by its nature, whoever answers.
BY_NATURE = {
    Channel.EMAIL: gettext_lazy("They see the email address that you write from."),
    Channel.FACE_TO_FACE: gettext_lazy("They see you."),
    Channel.POST: gettext_lazy("They see what you write on the letter."),
}
# What people would want to know about the other channels, where the service has not told us.
NOT_KNOWN = {
    Channel.PHONE: gettext_lazy("Not known whether they see your number."),
    Channel.SMS: gettext_lazy("Not known whether they see your number."),
    Channel.CHAT: gettext_lazy("Not known whether they see the internet address of your device."),
    Channel.ONLINE_SELF_HELP: gettext_lazy("Not known whether they see the internet address of your device."),
    Channel.APP: gettext_lazy("Not known whether they see the internet address of your device."),
    Channel.VIDEO: gettext_lazy("Not known whether they see more than your picture."),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What the service sees of people on these channels. `channels` is empty if none is recorded."""

    channels: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """The card of a listing, in the active language. `essence` is what people must read before any number.

    `line` is the same without “You can stay anonymous”, for where that is said in a word beside it, and with what the law of its one country
    makes people report, where the listing leaves that open.
    """

    essence: str
    line: str
    sees: tuple[Sight, ...]
    asks: str
    passes_on: str
    law: str
    by_law: tuple[ShownLaw, ...]  # what the listing does not say itself, by the law of its countries
    reviewed: str
    note: str  # from a public page, not confirmed; only on pages in its language
    questions: tuple[str, ...]  # what to ask first, because it is not known


def card(programme: Programme, points: Iterable[ContactPoint], laws: Laws | None = None) -> Disclosure:
    points = list(points)
    by_law = answering(programme, laws or {})
    line = essence(programme, points, anonymous_is_said=True)
    return Disclosure(
        essence=essence(programme, points),
        line=" ".join(filter(None, [line, duty(programme, points, by_law)])),
        sees=tuple(sights(points)),
        asks=asks(programme),
        passes_on=passes_on(programme),
        law=programme.legal_basis,
        by_law=by_law,
        reviewed=reviewed(programme),
        note=programme.confidentiality_note if get_language() == NOTES_IN else "",
        questions=tuple(questions(programme, points)),
    )


def essence(programme: Programme, points: Iterable[ContactPoint], *, anonymous_is_said: bool = False) -> str:
    """Return one line: whether people can stay anonymous, and what the service tells others."""
    left_out = {YesNo.UNKNOWN, YesNo.YES} if anonymous_is_said else {YesNo.UNKNOWN}
    parts = [] if programme.anonymous in left_out else [anonymity(programme)]
    if (
        programme.confidentiality == Confidentiality.UNKNOWN
        and programme.reporting_trigger == Trigger.UNKNOWN
    ):
        if is_used_alone(programme, points):
            parts.append(_("You use it alone, and nobody asks who you are."))
        else:
            parts.append(_("What they tell others is not known: ask before you say who you are."))
    else:
        parts.append(passes_on(programme))
    return " ".join(parts)


def duty(programme: Programme, points: Iterable[ContactPoint], by_law: Collection[ShownLaw]) -> str:
    """Return what the law of its country makes people report, if the listing does not say what it tells others.

    Empty where it has several laws, for which one applies depends on where somebody is: the card has them all. A law that lets people speak, and
    obliges nobody, is read in the card too: in one line it would sound like a promise.
    """
    if (
        len(by_law) != 1
        or programme.confidentiality != Confidentiality.UNKNOWN
        or is_used_alone(programme, points)
    ):
        return ""
    (law,) = by_law
    return law.duty


def is_used_alone(programme: Programme, points: Iterable[ContactPoint]) -> bool:
    """Whether there is nobody to tell, and so nobody to ask: self-help for which people say nothing about themselves."""
    return programme.asks == Asks.NOTHING and {point.channel for point in points} == {
        Channel.ONLINE_SELF_HELP
    }


def anonymity(programme: Programme) -> str:
    return {
        YesNo.YES: _("You can stay anonymous."),
        YesNo.NO: _("They ask who you are."),
        YesNo.UNKNOWN: _("Not known whether you can stay anonymous."),
    }[YesNo(programme.anonymous)]


def sights(points: Iterable[ContactPoint]) -> Iterator[Sight]:
    """Yield what the service sees on each channel; channels with the same answer are merged."""
    alike: dict[str, list[str]] = {}
    for point in points:
        channels = alike.setdefault(what_they_see(point), [])
        if point.channel and (label := str(Channel(point.channel).label)) not in channels:
            channels.append(label)
    for words, channels in alike.items():
        yield Sight(joined(channels), words)


def what_they_see(point: ContactPoint) -> str:
    if Sees.NOTHING in point.sees:
        return _("They see nothing that shows who you are.")
    if point.sees:
        return _("They see: %(things)s.") % {"things": joined(str(Sees(code).label) for code in point.sees)}
    if not point.channel:
        return _("Not known what they see of you.")
    channel = Channel(point.channel)
    return str(BY_NATURE.get(channel) or NOT_KNOWN[channel])


def asks(programme: Programme) -> str:
    if programme.asks == Asks.UNKNOWN:
        return anonymity(programme)
    return _("%(anonymous)s What they ask for: %(asked)s.") % {
        "anonymous": anonymity(programme),
        "asked": Asks(programme.asks).label,
    }


def passes_on(programme: Programme) -> str:
    """Return what the service tells others, as far as it is known."""
    kind, trigger = Confidentiality(programme.confidentiality), Trigger(programme.reporting_trigger)
    known = [str(each.label) for each in (kind, trigger) if each.value != "unknown"]
    return " ".join(known) or str(kind.label)


def reviewed(programme: Programme) -> str:
    if not programme.confidentiality_reviewed_on:
        return _("Not reviewed yet.")
    day = date_format(programme.confidentiality_reviewed_on, "DATE_FORMAT")
    if not programme.confidentiality_reviewer:
        return _("Reviewed on %(day)s.") % {"day": day}
    return _("Reviewed on %(day)s by %(reviewer)s.") % {
        "day": day,
        "reviewer": programme.confidentiality_reviewer,
    }


def questions(programme: Programme, points: Collection[ContactPoint]) -> Iterator[str]:
    """Yield what to ask before saying more, in words that can be read aloud; nothing if all is known."""
    if any(not point.sees and point.channel not in BY_NATURE for point in points):
        yield _("“Do you see my number, or the address of my device?”")
    if programme.asks == Asks.UNKNOWN and programme.anonymous != YesNo.YES:
        yield _("“Do I have to say who I am?”")
    if programme.reporting_trigger == Trigger.UNKNOWN and not is_used_alone(programme, points):
        yield _("“What would you have to pass on, and to whom?”")
