"""What templates of the network ask for: evidence of practices, digests and worksheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from network.models.digests import Certainty
from network.models.practice_codes import EvidenceLabel
from network.public import linked_data, printouts

if TYPE_CHECKING:
    from network.models import DigestPage

register = template.Library()
register.filter("facts_of_digest", printouts.facts_of_digest)
register.filter("facts_of_work", printouts.facts_of_work)
register.filter("facts_of_worksheet", printouts.facts_of_worksheet)
register.filter("linked_digest", linked_data.digest)
register.filter("linked_member", linked_data.member)


@register.simple_tag(name="evidence_labels")
def evidence_labels() -> list[EvidenceLabel]:
    """Return all labels of evidence, strongest first."""
    return list(EvidenceLabel)


@register.filter
def levels(page: DigestPage) -> list[tuple[str, str]]:
    """Return each level of certainty with its meaning, from most to least."""
    return [(str(level.label), level.meaning) for level in Certainty]
