"""The codes that the law of a country is written in: who must report what, to whom, and what becomes of professional secrecy.

The words say what a law asks of people, never what a service does: that is `helpline.vocabulary.codes`. "May" and "must" are never mixed.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helpline.vocabulary.codes import Codes


class ReportingDuty(models.TextChoices):
    """Whom the law obliges to report the abuse of a child."""

    UNKNOWN = "unknown", pgettext_lazy("who must report", "not known")
    EVERYONE = "everyone", pgettext_lazy("who must report", "everyone")
    PROFESSIONALS = "professionals", pgettext_lazy("who must report", "certain professionals")
    PUBLIC_OFFICIALS = "public_officials", pgettext_lazy("who must report", "staff of public services")
    NONE_GENERAL = "none_general", pgettext_lazy("who must report", "nobody in general")


class DutyTrigger(models.TextChoices):
    """What gives rise to the duty or, where there is no general one, to the permission."""

    UNKNOWN = "unknown", pgettext_lazy("what must be reported", "not known")
    IMMINENT_DANGER = "imminent_danger", pgettext_lazy("what must be reported", "a child is in danger now")
    CHILD_AT_RISK = (
        "child_at_risk",
        pgettext_lazy("what must be reported", "a child is being harmed or at risk"),
    )
    OFFENCE = "offence", pgettext_lazy("what must be reported", "an offence against a child, a past one too")


# One sentence for each pair: languages differ too much to put it together from parts.
DUTIES = {
    ("everyone", "unknown"): _("Everyone has a duty to report the abuse of a child. When exactly is not known here."),
    ("everyone", "imminent_danger"): _("Everyone must act or report if a child is in danger now."),
    ("everyone", "child_at_risk"): _("Everyone must report if they learn that a child is being harmed or is at risk."),
    ("everyone", "offence"): _("Everyone must report certain offences against a child that they learn of, in some cases past ones too."),
    ("professionals", "unknown"): _("Certain professionals have a duty to report the abuse of a child. When exactly is not known here."),
    ("professionals", "imminent_danger"): _("Certain professionals must act or report if a child is in danger now."),
    ("professionals", "child_at_risk"): _("Certain professionals must report if they learn that a child is being harmed or is at risk."),
    ("professionals", "offence"): _("Certain professionals must report offences against a child, in some cases past ones too."),
    ("public_officials", "unknown"): _("Staff of public services have a duty to report the abuse of a child. When exactly is not known here."),
    ("public_officials", "imminent_danger"): _("Staff of public services must act or report if a child is in danger now."),
    ("public_officials", "child_at_risk"): _("Staff of public services must report if they learn that a child is being harmed or is at risk."),
    ("public_officials", "offence"): _("Staff of public services must report offences that they learn of at work, in some cases past ones too."),
    ("none_general", "unknown"): _("We found no general duty to report. What may be reported is not known here."),
    ("none_general", "imminent_danger"): _("There is no general duty to report, but people may tell others if a child is in danger."),
    ("none_general", "child_at_risk"): _("There is no general duty to report, but people may report if a child is being harmed or is at risk."),
    ("none_general", "offence"): _("There is no general duty to report, but people may report an offence against a child."),
}  # fmt: skip
NOT_KNOWN = _("Not known who must report what.")


class SecrecyRule(models.TextChoices):
    """What the law says where a duty to report meets professional secrecy."""

    UNKNOWN = "unknown", _("How this fits with professional secrecy is not known.")
    YIELDS = "yields", _("This goes before professional secrecy.")
    IN_PART = "in_part", _("Professional secrecy frees some people from this, or in some cases, but not all.")
    MAY_SPEAK = (
        "may_speak",
        _(
            "People bound by professional secrecy do not have to report, but the law lets them do so to protect a child."
        ),
    )


class Authority(Codes):
    """Whom a report goes to."""

    POLICE = "police", pgettext_lazy("authority", "the police")
    PROSECUTOR = "prosecutor", pgettext_lazy("authority", "the public prosecutor")
    COURT = "court", pgettext_lazy("authority", "a court")
    CHILD_PROTECTION = "child_protection", pgettext_lazy("authority", "the child protection authority")
    MUNICIPALITY = "municipality", pgettext_lazy("authority", "the municipality")
    SOCIAL_SERVICES = "social_services", pgettext_lazy("authority", "the social services")
    ADVICE_CENTRE = "advice_centre", pgettext_lazy("authority", "the advice and reporting centre")
    EMERGENCY = "emergency", pgettext_lazy("authority", "the emergency number")


class LawPart(models.TextChoices):
    """The parts of countries that have a law of their own, by their ISO 3166-2 codes. A country that needs another part adds it here."""

    AU_ACT = "au-act", _("Australian Capital Territory")
    CH_VS = "ch-vs", _("Valais")
    GB_ENG = "gb-eng", _("England")
    GB_NIR = "gb-nir", _("Northern Ireland")
    GB_SCT = "gb-sct", _("Scotland")
    GB_WLS = "gb-wls", _("Wales")


def duty_in_words(who: str, trigger: str) -> str:
    return str(DUTIES.get((who, trigger), NOT_KNOWN))
