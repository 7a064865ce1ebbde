"""Invented reports about listings, so that the work list of the demonstration shows what they look like."""

from __future__ import annotations

from helpline.models import Programme, Report, SupportLine
from helpline.vocabulary.codes import Wrong

INVENTED = "Invented for the demonstration."
REPORTS = (
    (Programme, Wrong.HOURS, "They answer until eight in the evening on Thursdays now.", "I work there."),
    (Programme, Wrong.LANGUAGE, "They answer in English as well.", "A colleague called them last week."),
    (SupportLine, Wrong.NUMBER, "Nobody answers at this number any more.", "Our switchboard tried it twice."),
)


def load() -> None:
    """One report about the first listings of each kind."""
    listings = {
        model: iter(model.objects.order_by("name", "pk")[: len(REPORTS)])
        for model in (Programme, SupportLine)
    }
    for model, what, text, source in REPORTS:
        listing = next(listings[model], None)
        if listing is not None:
            Report.objects.create(
                listing=listing, what=what, text=f"{INVENTED} {text}", source=source, language="en"
            )
