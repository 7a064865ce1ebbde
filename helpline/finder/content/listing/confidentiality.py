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

from core.languages.lazy import StrOrPromise
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
NOTHING_KNOWN = gettext_lazy("We do not know who they may inform: ask before you say who you are.")
# Channels without a person at the other end.
UNSTAFFED = frozenset({Channel.ONLINE_SELF_HELP, Channel.APP})
# The rule and its exception in two lines of a phone: one sentence for each pair, as languages differ too much to
# assemble it from parts.
# For other pairs, the sentences of both codes stand side by side.
PROMISES: dict[tuple[str, str], StrOrPromise] = {
    ("secrecy", "unknown"): gettext_lazy("Bound by professional secrecy. We do not know when they tell others."),
    ("secrecy", "none"): gettext_lazy("Bound by professional secrecy."),
    ("secrecy", "imminent_danger"): gettext_lazy(
        "Bound by professional secrecy, except when someone is in danger now."
    ),
    ("secrecy", "imminent_danger_traced"): gettext_lazy(
        "Secrecy. If someone is in danger now, they try to trace you, even without a name."
    ),
    ("secrecy", "child_at_risk"): gettext_lazy(
        "Bound by professional secrecy, except when a child is at risk and they know who you are."
    ),
    ("secrecy", "identified_offence"): gettext_lazy(
        "Secrecy, but if you say who you are, they report any offence and any child at risk."
    ),
    ("secrecy", "offence"): gettext_lazy("Professional secrecy, but they report any offence and any child at risk."),
    ("confidential", "unknown"): gettext_lazy("Confidential. We do not know when they tell others."),
    ("confidential", "none"): gettext_lazy("They keep what you tell them confidential."),
    ("confidential", "imminent_danger"): gettext_lazy("Confidential, except when someone is in danger now."),
    ("confidential", "imminent_danger_traced"): gettext_lazy(
        "Confidential. If someone is in danger now, they try to trace you, even without a name."
    ),
    ("confidential", "child_at_risk"): gettext_lazy(
        "Confidential, except when a child is at risk and they know who you are."
    ),
    ("confidential", "identified_offence"): gettext_lazy(
        "Confidential. If you say who you are, they report any offence and any child at risk."
    ),
    ("confidential", "offence"): gettext_lazy("Confidential, but they report any offence and any child at risk."),
    ("unknown", "identified_offence"): gettext_lazy(
        "If you say who you are, they report any offence and any child at risk."
    ),
    ("unknown", "offence"): gettext_lazy("They report any offence and any child at risk."),
    ("unknown", "unknown"): NOTHING_KNOWN,
    ("unknown", "none"): NOTHING_KNOWN,
}
# The same where people have to say who they are: the condition is always met.
PROMISES_BY_NAME: dict[tuple[str, str], StrOrPromise] = {
    ("secrecy", "child_at_risk"): gettext_lazy("Bound by professional secrecy, except when a child is at risk."),
    ("confidential", "child_at_risk"): gettext_lazy("Confidential, except when a child is at risk."),
    ("unknown", "child_at_risk"): gettext_lazy("They tell others when a child is at risk."),
    **{(rule, "identified_offence"): PROMISES[rule, "offence"] for rule in ("secrecy", "confidential", "unknown")},
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
        """Return the laws of its countries that answer what the listing does not state.

        Self-help without staff has none: laws bind people.
        """
        return () if self.is_used_alone else answering(self.programme, self.reading.laws)

    @property
    def essence(self) -> str:
        """Return the facts to read before any number: anonymity, and what the service passes on."""
        known = self.programme.anonymous != YesNo.UNKNOWN
        return " ".join(filter(None, [self.anonymity if known else "", self.tells]))

    @property
    def tells(self) -> str:
        """Return what the service keeps to itself and what it passes on, in a sentence."""
        rule, exception = self.programme.confidentiality, self.programme.reporting_trigger
        if self.is_used_alone and exception == Trigger.UNKNOWN:
            exception = Trigger.NONE  # without staff, nothing is passed on
        promises = PROMISES | PROMISES_BY_NAME if self.programme.anonymous == YesNo.NO else PROMISES
        promise = None if self.is_used_alone and rule == Confidentiality.UNKNOWN else promises.get((rule, exception))
        return str(promise or self.statement)

    @property
    def is_used_alone(self) -> bool:
        """Return whether it is self-help without staff, so that there is no one to ask."""
        channels = {point.channel for point in self.points}
        return bool(channels) and channels <= UNSTAFFED

    @property
    def used_alone(self) -> str:
        """Return that people use it alone, and what the website or the app is known to see."""
        nameless = self.programme.asks == Asks.NOTHING or self.programme.anonymous == YesNo.YES
        alone = _("You use it alone, without saying who you are.") if nameless else _("You use it alone.")
        return " ".join([alone, *dict.fromkeys(what_they_see(point) for point in self.points if point.sees)])

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
        """Return the rule and its exception in full.

        An unknown exception to a known rule is not left out.
        """
        rule, exception = Confidentiality(self.programme.confidentiality), Trigger(self.programme.reporting_trigger)
        known = [str(each.label) for each in (rule, exception) if each.value != "unknown"]
        if self.is_used_alone:
            return " ".join(known) or self.used_alone
        if rule != Confidentiality.UNKNOWN and exception == Trigger.UNKNOWN:
            known.append(str(exception.label))
        return " ".join(known) or str(rule.label)

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
        if self.is_used_alone:
            return []
        found = []
        if any(not point.sees and point.channel not in BY_NATURE for point in self.points):
            found.append(_("“Do you see my number, or the address of my device?”"))
        if self.programme.asks == Asks.UNKNOWN and self.programme.anonymous != YesNo.YES:
            found.append(_("“Do I have to say who I am?”"))
        if self.programme.reporting_trigger == Trigger.UNKNOWN:
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
