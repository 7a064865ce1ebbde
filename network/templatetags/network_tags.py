"""What templates of the network ask for."""

from __future__ import annotations

from django import template

from network.models.practice_codes import EvidenceLabel

register = template.Library()


@register.simple_tag(name="evidence_labels")
def evidence_labels() -> list[EvidenceLabel]:
    """Return all labels of evidence, strongest first."""
    return list(EvidenceLabel)
