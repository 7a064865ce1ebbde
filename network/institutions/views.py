"""Search for a member's place of work in the table of ROR, which the operator has loaded.

There are no requests to ROR.
"""

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.languages import names
from core.search.folding import fold, words
from network.institutions import services
from network.members.access import carry_out, for_members, render_page
from network.models import Institution, Member

# Number of results shown; more specific words find the rest.
MOST_SHOWN = 20
MAX_QUERY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundInstitution:
    """An institution among the results: name in the user's language, place, and other names."""

    ror: str
    name: str
    where: str
    other_names: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def place_of_work(request: HttpRequest, member: Member) -> HttpResponse:
    """Find an institution by its name or city, and choose it."""
    if request.method == "POST":
        chosen = Institution.objects.active().filter(ror=request.POST.get("ror", "")[:40]).first()
        if chosen is None:
            messages.error(request, _("We do not find this institution any more. Please search for it again."))
            return redirect("network:place-of-work")
        carry_out(
            request,
            partial(services.choose_institution, member=member, institution=chosen),
            _("Saved. A person reads it before others see it."),
        )
        return redirect("network:profile")
    query = " ".join(request.GET.get("q", "")[:MAX_QUERY].split())
    found = _found(query)
    return render_page(
        request,
        "institutions/place_of_work",
        title=_("Your place of work"),
        member=member,
        query=query,
        found=found[:MOST_SHOWN],
        is_more=len(found) > MOST_SHOWN,
        is_loaded=Institution.objects.exists(),
    )


def _found(query: str) -> list[FoundInstitution]:
    """Return the matching institutions, one more than are shown.

    Names that begin with the query come first.
    """
    asked = words(query)
    if not asked:
        return []
    language = translation.get_language()
    rows = list(Institution.objects.active().matching(asked).order_by("name", "ror")[: 10 * MOST_SHOWN])
    beginning = fold(query)
    rows.sort(
        key=lambda row: (
            not any(fold(name).startswith(beginning) for name in (row.name, *row.names.values(), *row.aliases))
        )
    )
    return [
        FoundInstitution(
            ror=row.ror,
            name=row.name_in(language),
            where=", ".join(filter(None, (row.city, names.country_name(row.country) if row.country else ""))),
            other_names=" · ".join(
                dict.fromkeys(name for name in (row.name, *row.aliases[:3]) if name != row.name_in(language))
            ),
        )
        for row in rows[: MOST_SHOWN + 1]
    ]
