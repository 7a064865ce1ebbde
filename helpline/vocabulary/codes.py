"""The codes of listings and of the law of a country, as documented in `docs/editors/listings.md`.

Countries are lower-case ISO 3166 codes (`xx` is anywhere), languages lower-case BCP 47.
Codes are data: they are stored in the database, in imports and exports and in the finder's style sheet, and never
change their meaning.

The words about a law describe duties of people, and never what a service does.
"May" and "must" are never mixed.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from core.languages import names

ANYWHERE = "xx"
ANY = "any"
NOW = "now"

# The languages that a contact may answer in: those of this site, and others in which helplines answer.
# The finder's style sheet has a rule for each: after a change run `manage.py finder_css`.
ELSEWHERE = ("bs", "fa", "hi", "ja", "ku", "lb", "mk", "ps", "rm", "rom", "so", "ti", "ur", "zh")
LANGUAGES = tuple(dict.fromkeys((*settings.LANGUAGE_TABLE, *ELSEWHERE)))


def countries() -> list[tuple[str, str]]:
    """Return (code, name) of every country and of anywhere, in the active language."""
    return [*names.countries(), (ANYWHERE, str(_("Anywhere (online or by phone)")))]


def country_codes() -> frozenset[str]:
    return names.country_codes() | {ANYWHERE}


def country_name(code: str) -> str:
    return str(_("Anywhere")) if code == ANYWHERE else names.country_name(code)


def languages() -> list[tuple[str, str]]:
    """Return (code, name) of every language that a contact may answer in, in the active language, sorted by name."""
    named = [(code, names.language_name(code)) for code in LANGUAGES]
    return sorted(named, key=lambda pair: names.sort_key(pair[1]))


def language_names(spoken: Iterable[str]) -> str:
    """Return the names of languages as a list in the active language, sorted."""
    return names.joined(sorted((names.language_name(code) for code in spoken), key=names.sort_key))


class Codes(models.TextChoices):
    """A vocabulary whose codes are stored in lists."""

    @classmethod
    def named(cls) -> list[tuple[str, str]]:
        """Return (code, name) of each, in the active language."""
        return [(code.value, str(code.label)) for code in cls]


class Audience(Codes):
    """Audience of a programme."""

    SELF_THOUGHTS = "self_thoughts", _("people worried about their thoughts")
    SELF_BEHAVIOUR = "self_behaviour", _("people worried about something they do or did")
    YOUNG_PERSON = "young_person", _("people under 18")
    FAMILY_OR_FRIEND = "family_or_friend", _("family and friends")
    PROFESSIONAL = "professional", _("professionals")
    VICTIM_SURVIVOR = "victim_survivor", _("people who were harmed")

    @classmethod
    def in_finder(cls) -> list[Audience]:
        """Return the choices of the finder.

        People who were harmed get other pages, and never this list.
        """
        return [audience for audience in cls if audience is not cls.VICTIM_SURVIVOR]

    @classmethod
    def in_words(cls, audiences: Iterable[str]) -> list[str]:
        """Return the items of a list of these audiences in the active language, without those outside the finder.

        Family and friends are two, because a list has an “and” of its own.
        """
        apart = {cls.FAMILY_OR_FRIEND: (pgettext("audience", "family"), pgettext("audience", "friends"))}
        shown = [audience for audience in map(cls, audiences) if audience in cls.in_finder()]
        return [item for audience in shown for item in apart.get(audience, (str(audience.label),))]


# People who are worried about themselves must find an answer.
# Services for others only are no answer for them.
WORRIED = frozenset({Audience.SELF_THOUGHTS, Audience.SELF_BEHAVIOUR})


class Situation(Codes):
    """Situation that brings people to a service: a choice of the finder, derived from other facts of a listing."""

    IMAGES = "images", _("I have looked at images of abuse")
    INVESTIGATION = "investigation", _("The police have been here")


class SuitableFor(Codes):
    """People for whom a programme says that it is suitable, beyond its audiences."""

    IMAGES = "images", _("people who have looked at images of abuse")
    OPEN_PROCEEDINGS = "open_proceedings", _("people with an open police or court case")
    WOMEN = "women", _("women")
    DEAF = "deaf", _("deaf people")
    EASY_LANGUAGE = "easy_language", _("people who need easy language")


class Channel(models.TextChoices):
    """Channel of a contact point."""

    PHONE = "phone", pgettext_lazy("channel", "Phone")
    CHAT = "chat", pgettext_lazy("channel", "Chat")
    SMS = "sms", pgettext_lazy("channel", "Text message")
    EMAIL = "email", pgettext_lazy("channel", "E-mail")
    VIDEO = "video", pgettext_lazy("channel", "Video call")
    FACE_TO_FACE = "face_to_face", pgettext_lazy("channel", "In person")
    ONLINE_SELF_HELP = "online_self_help", pgettext_lazy("channel", "Self-help online")
    APP = "app", pgettext_lazy("channel", "App")
    POST = "post", pgettext_lazy("channel", "Letter")

    @property
    def remote(self) -> bool:
        """Return whether it can be used from far away."""
        return self is not Channel.FACE_TO_FACE


class NotFor(Codes):
    """People whom a programme does not accept."""

    OPEN_PROCEEDINGS = "open_proceedings", _("people with an open police or court case")
    CONVICTED = "convicted", _("people who have been convicted")
    HAS_ACTED = "has_acted", _("people who have already harmed a child")
    HAS_NOT_ACTED = "has_not_acted", _("people who have done nothing")
    UNDER_18 = "under_18", _("people under 18")
    ADULTS = "adults", _("adults")
    NON_RESIDENTS = "non_residents", _("people who live elsewhere")
    UNINSURED = "uninsured", _("people without health insurance")
    ACUTE_CRISIS = "acute_crisis", _("people in an acute crisis")
    UNTREATED_ILLNESS = "untreated_illness", _("people with another illness that needs treatment first")


class Reach(models.TextChoices):
    NATIONAL = "national", _("the whole country")
    REGIONAL = "regional", _("part of the country")
    INTERNATIONAL = "international", _("several countries")


class OperatorType(models.TextChoices):
    HEALTH = "health", _("health service")
    CHARITY = "charity", _("charity")
    UNIVERSITY = "university", _("university")
    STATE = "state", _("public body")
    OTHER = "other", _("other")


class YesNo(models.TextChoices):
    """Yes or no, or not known."""

    UNKNOWN = "unknown", _("not known")
    YES = "yes", _("yes")
    NO = "no", _("no")


class Cost(models.TextChoices):
    UNKNOWN = "unknown", pgettext_lazy("cost", "not known")
    FREE = "free", pgettext_lazy("cost", "free")
    PAID = "paid", pgettext_lazy("cost", "costs money")


class Asks(models.TextChoices):
    """Data that people must give about themselves."""

    UNKNOWN = "unknown", pgettext_lazy("what is asked", "not known")
    NOTHING = "nothing", pgettext_lazy("what is asked", "nothing")
    NICKNAME = "nickname", pgettext_lazy("what is asked", "a name that you choose")
    EMAIL = "email", pgettext_lazy("what is asked", "an e-mail address")
    IDENTITY = "identity", pgettext_lazy("what is asked", "your real name and address")


class Sees(Codes):
    """Data that a service can see when a person makes contact, without asking."""

    NOTHING = "nothing", pgettext_lazy("what is seen", "nothing")
    NUMBER = "number", _("your phone number")
    EMAIL = "email", _("your e-mail address")
    DEVICE = "device", _("the internet address of your device")
    ACCOUNT = "account", _("the name of the account that you use")
    FACE = "face", _("your face")


class Confidentiality(models.TextChoices):
    """Rule for what people tell the service."""

    UNKNOWN = "unknown", _("Not known. Ask before you tell them who you are.")
    SECRECY = "secrecy", _("They are bound by professional secrecy.")
    CONFIDENTIAL = "confidential", _("They keep what you tell them confidential, with exceptions.")
    NOT_CONFIDENTIAL = "not_confidential", _("It is not confidential.")


class Trigger(models.TextChoices):
    """Exception to the rule, with its condition.

    A service that reports any offence also reports a child at risk.
    "Even without a name" means that it tries to trace the contact.
    """

    UNKNOWN = "unknown", _("We do not know when they tell others.")
    NONE = "none", _("We have read of no exception.")
    IMMINENT_DANGER = "imminent_danger", _("They tell others when someone is in danger now.")
    IMMINENT_DANGER_TRACED = (
        "imminent_danger_traced",
        _("They tell others when someone is in danger now. Even without a name they try to trace you."),
    )
    CHILD_AT_RISK = (
        "child_at_risk",
        _("They tell others when a child is at risk and they know who you are."),
    )
    IDENTIFIED_OFFENCE = (
        "identified_offence",
        _("If you say who you are, they report any offence, past ones too, and any child at risk."),
    )
    OFFENCE = "offence", _("They report any offence, past ones too, and any child at risk.")
    ALWAYS = "always", _("They tell the authorities about everyone they help.")


# Exceptions of which the law of the country may say more.
NOT_STATED = frozenset({Trigger.UNKNOWN, Trigger.NONE})


class Evidence(models.TextChoices):
    """Evidence that it works."""

    UNKNOWN = "unknown", pgettext_lazy("evidence", "not rated")
    EFFECTIVE = "effective", pgettext_lazy("evidence", "effective")
    PROMISING = "promising", pgettext_lazy("evidence", "promising")
    PRUDENT = "prudent", pgettext_lazy("evidence", "well founded, not yet evaluated")
    PIONEERING = "pioneering", pgettext_lazy("evidence", "pioneering")


class Status(models.TextChoices):
    """State of a listing.

    It takes two people to verify a draft, or to reopen what was closed.
    """

    DRAFT = "draft", pgettext_lazy("listing", "draft, not verified")
    VERIFIED = "verified", pgettext_lazy("listing", "verified")
    CLOSED_UNTIL = "closed_until", pgettext_lazy("listing", "temporarily closed")
    CLOSED = "closed", pgettext_lazy("listing", "closed")
    DELISTED = "delisted", pgettext_lazy("listing", "taken off the list")


CLOSED_STATUSES = frozenset({Status.CLOSED_UNTIL, Status.CLOSED, Status.DELISTED})


class Alert(models.TextChoices):
    """Notice that people must read before they make contact."""

    NONE = "", pgettext_lazy("alert", "none")
    PHONE_DISTURBED = "phone_disturbed", _("There are problems with the phone line at the moment.")
    CHAT_DISTURBED = "chat_disturbed", _("The chat is not working at the moment.")
    SHORT_HOURS = "short_hours", _("The opening hours are shorter than usual at the moment.")
    WAITING_LIST = "waiting_list", _("There is a long waiting list.")
    NO_NEW_PEOPLE = "no_new_people", _("They are not taking new people at the moment.")
    IN_DOUBT = "in_doubt", _("We are checking whether this still exists.")


class Confidence(models.TextChoices):
    """Confidence of the source of an imported row."""

    UNKNOWN = "", pgettext_lazy("confidence", "not stated")
    HIGH = "high", _("high: seen on the website of the operator")
    MEDIUM = "medium", _("medium: seen on another website, or in two sources that agree")
    LOW = "low", _("low: one unconfirmed source")


class LineKind(models.TextChoices):
    """Purpose of a support line."""

    EMERGENCY = "emergency", pgettext_lazy("support line", "Emergency")
    SUICIDE_CRISIS = "suicide_crisis", pgettext_lazy("support line", "Crisis and suicide")
    CHILD_HELPLINE = "child_helpline", pgettext_lazy("support line", "Children and young people")
    VICTIM_SUPPORT = "victim_support", pgettext_lazy("support line", "Support for people who were harmed")
    REPORT_CSAM = "report_csam", pgettext_lazy("support line", "Report child sexual abuse material")


class LineTopic(models.TextChoices):
    """What a support line is about, or for whom, where its kind alone does not say it.

    In the order in which emergency numbers of one country are shown.
    Of crisis lines that are alike otherwise, those about suicide come before those for any trouble.
    """

    ALL = "", _("all that its kind says")
    POLICE = "police", _("Police")
    AMBULANCE = "ambulance", _("Ambulance")
    FIRE = "fire", _("Fire brigade")
    MISSING_CHILDREN = "missing_children", _("Missing children")
    CHILD_AT_RISK = "child_at_risk", _("Concern about a child")
    ONLINE_SAFETY = "online_safety", _("Trouble on the internet")
    IMAGES_OF_ME = "images_of_me", _("Intimate pictures of you from before you were 18")
    VIOLENCE = "violence", _("People who suffer violence")
    HOME = "home", _("Violence at home")
    WOMEN = "women", _("Women who suffer violence")
    SEXUAL_VIOLENCE = "sexual_violence", _("Sexual violence")
    SUICIDE = "suicide", _("Suicide")


class ReportReason(models.TextChoices):
    """Reason of a report about a listing."""

    NUMBER = "number", pgettext_lazy("reason of a report", "The number, or another contact detail")
    HOURS = "hours", pgettext_lazy("reason of a report", "The opening hours")
    CLOSED = "closed", pgettext_lazy("reason of a report", "It is closed, or no longer exists")
    LANGUAGE = "language", pgettext_lazy("reason of a report", "The languages")
    OTHER = "other", pgettext_lazy("reason of a report", "Something else")


class OperatorAnswer(models.TextChoices):
    """The operator's answer to the yearly question whether a listing is still correct."""

    RIGHT = "right", pgettext_lazy("answer", "Yes, all of it is right")
    CHANGED = "changed", pgettext_lazy("answer", "Something has changed")
    GONE = "gone", pgettext_lazy("answer", "The service no longer exists")
    DELIST = "delist", pgettext_lazy("answer", "Please take us off the list")


class ReportingDuty(models.TextChoices):
    """People whom the law obliges to report the abuse of a child."""

    UNKNOWN = "unknown", pgettext_lazy("who must report", "not known")
    EVERYONE = "everyone", pgettext_lazy("who must report", "everyone")
    PROFESSIONALS = "professionals", pgettext_lazy("who must report", "certain professionals")
    PUBLIC_OFFICIALS = "public_officials", pgettext_lazy("who must report", "staff of public services")
    NONE_GENERAL = "none_general", pgettext_lazy("who must report", "no one in general")


class DutyTrigger(models.TextChoices):
    """Event that gives rise to the duty or, if there is no general one, to the permission."""

    UNKNOWN = "unknown", pgettext_lazy("what must be reported", "not known")
    IMMINENT_DANGER = "imminent_danger", pgettext_lazy("what must be reported", "a child is in danger now")
    CHILD_AT_RISK = (
        "child_at_risk",
        pgettext_lazy("what must be reported", "a child is being harmed or at risk"),
    )
    OFFENCE = "offence", pgettext_lazy("what must be reported", "an offence against a child, a past one too")


# One sentence for each pair, as languages differ too much to assemble it from parts.
DUTIES = {
    ("everyone", "unknown"): _("Everyone has a duty to report the abuse of a child. When exactly is not known here."),
    ("everyone", "imminent_danger"): _("Everyone must act or report if a child is in danger now."),
    ("everyone", "child_at_risk"): _(
        "Everyone must report if they learn that a child is being harmed or is at risk."
    ),
    ("everyone", "offence"): _(
        "Everyone must report certain offences against a child that they learn of, in some cases past ones too."
    ),
    ("professionals", "unknown"): _(
        "Certain professionals have a duty to report the abuse of a child. When exactly is not known here."
    ),
    ("professionals", "imminent_danger"): _("Certain professionals must act or report if a child is in danger now."),
    ("professionals", "child_at_risk"): _(
        "Certain professionals must report if they learn that a child is being harmed or is at risk."
    ),
    ("professionals", "offence"): _(
        "Certain professionals must report offences against a child, in some cases past ones too."
    ),
    ("public_officials", "unknown"): _(
        "Staff of public services have a duty to report the abuse of a child. When exactly is not known here."
    ),
    ("public_officials", "imminent_danger"): _(
        "Staff of public services must act or report if a child is in danger now."
    ),
    ("public_officials", "child_at_risk"): _(
        "Staff of public services must report if they learn that a child is being harmed or is at risk."
    ),
    ("public_officials", "offence"): _(
        "Staff of public services must report offences that they learn of at work, in some cases past ones too."
    ),
    ("none_general", "unknown"): _("We found no general duty to report. What may be reported is not known here."),
    ("none_general", "imminent_danger"): _(
        "There is no general duty to report, but people may tell others if a child is in danger."
    ),
    ("none_general", "child_at_risk"): _(
        "There is no general duty to report, but people may report if a child is being harmed or is at risk."
    ),
    ("none_general", "offence"): _(
        "There is no general duty to report, but people may report an offence against a child."
    ),
}  # fmt: skip
NOT_KNOWN = _("Not known who must report what.")


class SecrecyRule(models.TextChoices):
    """Precedence of a duty to report and professional secrecy in the law."""

    UNKNOWN = "unknown", _("How this fits with professional secrecy is not known.")
    YIELDS = "yields", _("This goes before professional secrecy.")
    IN_PART = "in_part", _("Professional secrecy frees some people from this, or in some cases, but not all.")
    MAY_SPEAK = (
        "may_speak",
        _(
            "People bound by professional secrecy do not have to report, but the law lets them do so to protect a "
            "child."
        ),
    )


class Authority(Codes):
    """Authority that receives a report."""

    POLICE = "police", pgettext_lazy("authority", "the police")
    PROSECUTOR = "prosecutor", pgettext_lazy("authority", "the public prosecutor")
    COURT = "court", pgettext_lazy("authority", "a court")
    CHILD_PROTECTION = "child_protection", pgettext_lazy("authority", "the child protection authority")
    MUNICIPALITY = "municipality", pgettext_lazy("authority", "the municipality")
    SOCIAL_SERVICES = "social_services", pgettext_lazy("authority", "the social services")
    ADVICE_CENTRE = "advice_centre", pgettext_lazy("authority", "the advice and reporting centre")
    EMERGENCY = "emergency", pgettext_lazy("authority", "the emergency number")


class LawPart(models.TextChoices):
    """Parts of countries with a separate law, by their ISO 3166-2 codes.

    Further parts are added here.
    """

    AU_ACT = "au-act", _("Australian Capital Territory")
    CH_VS = "ch-vs", _("Valais")
    GB_ENG = "gb-eng", _("England")
    GB_NIR = "gb-nir", _("Northern Ireland")
    GB_SCT = "gb-sct", _("Scotland")
    GB_WLS = "gb-wls", _("Wales")


def duty_in_words(who: str, trigger: str) -> str:
    return str(DUTIES.get((who, trigger), NOT_KNOWN))
