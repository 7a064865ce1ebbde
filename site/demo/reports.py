"""Invented reports about listings, to show in the demonstration's work list."""

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
    """Create the reports, each about one of the first listings of its kind."""
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
