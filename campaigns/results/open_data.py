"""Results of campaigns as open data: sums by asset, language and country, as reported by the channels."""

import csv
import io
from collections.abc import Iterator, Sequence

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse

from campaigns.models import CampaignPage, CampaignResult
from core.admin.spreadsheets import csv_cell
from core.publishing import routes
from core.publishing.routes import AppRoute

CSV = "/open-data/campaign-results.csv"
COLUMNS = (
    "campaign", "material", "kind", "language", "country", "channel", "first_day", "last_day", *CampaignResult.NUMBERS
)  # fmt: skip
# Numbers of people's actions from 1 to 9 are left out. There are no totals from which they could be inferred.
OF_PEOPLE = ("clicked", "people")
THRESHOLD = 10


def shown(name: str, number: int | None) -> int | str:
    """Return a number as published."""
    if number is None or (name in OF_PEOPLE and 0 < number < THRESHOLD):
        return ""
    return int(number)


def rows() -> Iterator[list[object]]:
    """Yield a line for each campaign, material, language, country and channel, in two queries."""
    pages = CampaignPage.objects.public().values_list("translation_key", "slug")
    slugs = dict(pages.order_by("-locale__language_code"))
    by = ("campaign_key", "material", "material__kind", "language", "country", "channel")
    for row in CampaignResult.objects.public().added_up(*by):
        numbers = [shown(name, row[f"{name}_sum"]) for name in CampaignResult.NUMBERS]
        yield [
            slugs[row["campaign_key"]],
            row["material"] or "",
            row["material__kind"] or "",
            row["language"],
            row["country"],
            row["channel"],
            row["begun"].isoformat(),
            row["ended"].isoformat(),
            *numbers,
        ]


def public_csv() -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows())
    return text.getvalue()


def table(request: HttpRequest) -> HttpResponse:
    """Serve the table to the renderer. Raise Http404 for other requests."""
    if not routes.may_render(request):
        raise Http404
    return HttpResponse(public_csv(), content_type="text/csv; charset=utf-8")


class ResultRoute(AppRoute):
    """The results of public campaigns, as one table."""

    unhurried = True
    watches: Sequence[type[Model]] = (CampaignResult,)

    def addresses(self) -> Iterator[str]:
        yield CSV

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, CampaignResult | CampaignPage):
            yield CSV


ROUTES = (ResultRoute(),)
