"""Confidentiality of a service: what it sees, what it asks for, what it passes on, and how we know.

Unknown confidentiality keeps people from calling.
So the page says what is not known, with the question to ask first.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages.names import joined
from helpline.finder.content.listing.laws import ShownLaw, answering
from helpline.finder.content.listing.reading import FinderReading
from helpline.records.programmes import ContactPoint, Programme
from helpline.vocabulary.codes import Asks, Channel, Confidentiality, Sees, Trigger, YesNo

# Data that a channel discloses by its nature, with any service.
BY_NATURE = {
    Channel.EMAIL: gettext_lazy("They see the email address that you write from."),
    Channel.FACE_TO_FACE: gettext_lazy("They see you."),
    Channel.POST: gettext_lazy("They see what you write on the letter."),
}
# Questions about the other channels, if the service has not told us.
NOT_KNOWN = {
    Channel.PHONE: gettext_lazy("We do not know if they can see your number."),
    Channel.SMS: gettext_lazy("We do not know if they can see your number."),
    Channel.CHAT: gettext_lazy("We do not know if they can see the internet address of your device."),
    Channel.ONLINE_SELF_HELP: gettext_lazy("We do not know if they can see the internet address of your device."),
    Channel.APP: gettext_lazy("We do not know if they can see the internet address of your device."),
    Channel.VIDEO: gettext_lazy("We do not know if they can see more than your picture."),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """Data that the service sees of people on these channels.

    `channels` is empty if none is recorded.
    """

    channels: str
    words: str


@dataclass(frozen=True)
class ConfidentialityCard:
    """Confidentiality of a service, in the active language."""

    programme: Programme
    points: Collection[ContactPoint]
    reading: FinderReading

    @cached_property
    def by_law(self) -> tuple[ShownLaw, ...]:
        """Return the laws of its countries that answer what the listing does not state."""
        return answering(self.programme, self.reading.laws)

    @property
    def essence(self) -> str:
        """Return the facts to read before any number: anonymity, and what the service passes on."""
        known = self.programme.anonymous != YesNo.UNKNOWN
        return " ".join(filter(None, [self.anonymity if known else "", self.tells]))

    @property
    def line(self) -> str:
        """Return the same without “You can stay anonymous”, but with the duty of its one country.

        For places with a tag that says “anonymous”.
        """
        asked = self.programme.anonymous == YesNo.NO
        return " ".join(filter(None, [self.anonymity if asked else "", self.tells, self.duty]))

    @property
    def tells(self) -> str:
        if (
            self.programme.confidentiality != Confidentiality.UNKNOWN
            or self.programme.reporting_trigger != Trigger.UNKNOWN
        ):
            return self.statement
        if self.is_used_alone:
            return _("You use it alone, without saying who you are.")
        return _("We do not know who they may inform: ask before you say who you are.")

    @property
    def duty(self) -> str:
        """Return the duty to report in the law of its country, if the listing does not say what the service passes on.

        Returns an empty string if it has several laws, as the country of the reader decides which one applies.
        The card has them all.
        A law that allows disclosure without requiring it is also only in the card, as it would sound like a promise in
        one line.
        """
        unknown = self.programme.confidentiality == Confidentiality.UNKNOWN and not self.is_used_alone
        return self.by_law[0].duty if unknown and len(self.by_law) == 1 else ""

    @property
    def is_used_alone(self) -> bool:
        """Return whether it is self-help without staff, for which people say nothing about themselves."""
        return self.programme.asks == Asks.NOTHING and {point.channel for point in self.points} == {
            Channel.ONLINE_SELF_HELP
        }

    @property
    def anonymity(self) -> str:
        return {
            YesNo.YES: _("You can stay anonymous."),
            YesNo.NO: _("They ask who you are."),
            YesNo.UNKNOWN: _("We do not know if you can stay anonymous."),
        }[YesNo(self.programme.anonymous)]

    @property
    def sees(self) -> tuple[Sight, ...]:
        return tuple(sights(self.points))

    @property
    def asks(self) -> str:
        if self.programme.asks == Asks.UNKNOWN:
            return self.anonymity
        return _("%(anonymous)s What they ask for: %(asked)s.") % {
            "anonymous": self.anonymity,
            "asked": Asks(self.programme.asks).label,
        }

    @property
    def statement(self) -> str:
        """Return the statement on what the service passes on, as far as it is known."""
        kind = Confidentiality(self.programme.confidentiality)
        trigger = Trigger(self.programme.reporting_trigger)
        known = [str(each.label) for each in (kind, trigger) if each.value != "unknown"]
        return " ".join(known) or str(kind.label)

    @property
    def law(self) -> str:
        return self.programme.legal_basis

    @property
    def reviewed(self) -> str:
        if not self.programme.confidentiality_reviewed_on:
            return _("Not yet reviewed.")
        day = date_format(self.programme.confidentiality_reviewed_on, "DATE_FORMAT")
        if not self.programme.confidentiality_reviewer:
            return _("Reviewed on %(day)s.") % {"day": day}
        return _("Reviewed on %(day)s by %(reviewer)s.") % {
            "day": day,
            "reviewer": self.programme.confidentiality_reviewer,
        }

    @property
    def questions(self) -> list[str]:
        """Return the questions to ask before saying more, in words to be read aloud, or nothing if all is known."""
        found = []
        if any(not point.sees and point.channel not in BY_NATURE for point in self.points):
            found.append(_("“Do you see my number, or the address of my device?”"))
        if self.programme.asks == Asks.UNKNOWN and self.programme.anonymous != YesNo.YES:
            found.append(_("“Do I have to say who I am?”"))
        if self.programme.reporting_trigger == Trigger.UNKNOWN and not self.is_used_alone:
            found.append(_("“What would you have to pass on, and to whom?”"))
        return found


def sights(points: Iterable[ContactPoint]) -> Iterator[Sight]:
    """Yield the data that the service sees on each channel.

    Channels with the same answer are merged.
    """
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
