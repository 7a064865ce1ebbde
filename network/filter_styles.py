"""Generator of the CSS rules that filter the lists of practices and of opportunities.

The rules depend only on the possible choices, not on any practice or opportunity.
A choice hides what does not match it; nothing is loaded, sent or remembered.
Outcome and evidence are on one empty element for each rating, because the same rating must match both.
Countries, languages, fields and groups of people are numbered on the page.
`manage.py practices_css` writes the file.
"""

from collections.abc import Iterator, Mapping, Sequence

from network.opportunities.models import OpportunityKind, OpportunitySubject
from network.practices.codes import DeliveryMode, EvidenceRating, PracticeOutcome, PreventionLevel

HEAD = """\
/* Made by `manage.py practices_css` (network/filter_styles.py). What does not match a choice is not shown. */
"""
# Any beyond these numbers are on the pages, but cannot be chosen.
MOST_COUNTRIES = 40
MOST_POPULATIONS = 20
MOST_FIELDS = 30
MOST_LANGUAGES = 40
# The letter of each filter, and the codes of its choices.
# Practices and opportunities share those about people and countries.
ASKED: Mapping[str, Sequence[str]] = {
    "p": [str(number) for number in range(1, MOST_POPULATIONS + 1)],
    "l": PreventionLevel.values,
    "m": DeliveryMode.values,
    "c": [str(number) for number in range(1, MOST_COUNTRIES + 1)],
    "k": OpportunityKind.values,
    "w": OpportunitySubject.values,
    "f": [str(number) for number in range(1, MOST_FIELDS + 1)],
    "s": [str(number) for number in range(1, MOST_LANGUAGES + 1)],
}
OUTCOMES = PracticeOutcome.values
EVIDENCE = [*EvidenceRating.values, "expired"]


def stylesheet() -> str:
    return HEAD + ",\n".join(_hidden()) + " {\n  display: none;\n}\n"


def _hidden() -> Iterator[str]:
    """Yield the selectors of articles that lack a chosen value."""
    for facet, codes in ASKED.items():
        for code in codes:
            yield f".filters:has([data-code={facet}-{code}]:checked)~*>:not([data-{facet}~='{code}'])>article"
    for facet, codes in (("o", OUTCOMES), ("e", EVIDENCE)):
        for code in codes:
            yield f".filters:has([data-code={facet}-{code}]:checked)~*>:not(:has([data-{facet}={code}]))>article"
    for outcome in OUTCOMES:
        for rating in EVIDENCE:
            yield (
                f".filters:has([data-code=o-{outcome}]:checked):has([data-code=e-{rating}]:checked)"
                f"~*>:not(:has([data-o={outcome}][data-e={rating}]))>article"
            )
