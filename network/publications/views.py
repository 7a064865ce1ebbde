"""A member's own publications: key outputs, adding by hand or by DOI, and import from ORCID with selection."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.http.limits import Limit, RequestRejectedError, consume
from network import row_locks
from network.members.access import NOT_POSSIBLE, carry_out, for_members, render_page
from network.models import Member, Publication
from network.publications import registries, services
from network.publications.forms import DoiForm, TypedPublicationForm
from network.publications.models import MOST_KEY_OUTPUTS, MOST_PUBLICATIONS, CslItem, kept, likeness
from network.verification.orcid import OrcidResponseError, OrcidUnavailableError
from network.vocabulary.details import Detail

# Limit on requests to external registries for one member.
ASKED = Limit(name="publications-asked", times=10, seconds=60 * 60)
# Maximum number of entries of an ORCID record that are shown.
# Each is a field of the form, and sends its item back.
MAX_ENTRIES = MOST_PUBLICATIONS
MAX_VALUE = 20_000
ACTIONS: dict[str, Callable[..., None]] = {
    "key": services.make_key_output,
    "not-key": services.end_key_output,
    "up": services.move_key_output_up,
    "delete": services.delete_publication,
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def own_publications(request: HttpRequest, member: Member) -> HttpResponse:
    """Show a member's publications as visitors see them; make one a key output, move it, or delete it."""
    if request.method == "POST":
        action, _colon, uuid = request.POST.get("do", "").partition(":")
        publication = next((each for each in member.publications.all() if str(each.uuid) == uuid), None)
        if publication is None or action not in ACTIONS:
            messages.error(request, NOT_POSSIBLE)
        else:
            _carry_out(request, partial(ACTIONS[action], member=member, publication=publication), _("Saved."))
        return redirect("network:own-publications")
    publications = list(member.publications.all())
    return render_page(
        request,
        "publications/own",
        title=_("Your publications"),
        member=member,
        publications=publications,
        key_outputs=sum(publication.is_key for publication in publications),
        most_key_outputs=MOST_KEY_OUTPUTS,
        audience=member.audience_of(Detail.PUBLICATIONS),
        doi_form=DoiForm(),
        orcid_is_offered=registries.offers_orcid(member),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def add_publication(request: HttpRequest, member: Member) -> HttpResponse:
    """Add a publication by hand."""
    form = TypedPublicationForm(request.POST or None, prefix="publication")
    if request.method == "POST" and form.is_valid():
        return _add(request, member, [form.publication])
    return render_page(request, "publications/typed", title=_("Add a publication"), form=form, action=request.path)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def change_publication(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Change the data of a publication."""
    publication = get_object_or_404(member.publications, uuid=uuid)
    form = TypedPublicationForm(request.POST or None, prefix="publication", item=publication.item)
    if request.method == "POST" and form.is_valid():
        _carry_out(
            request,
            partial(services.change_publication, member=member, publication=publication, item=form.publication),
            _("Saved."),
        )
        return redirect("network:own-publications")
    return render_page(
        request, "publications/typed", title=_("Change this publication"), form=form, action=request.path
    )


@require_POST
@for_members
def publication_by_doi(request: HttpRequest, member: Member) -> HttpResponse:
    """Look up a DOI, and show its metadata in the form for a new publication.

    Nothing is saved yet.
    """
    form = DoiForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["doi"])))
        return redirect("network:own-publications")
    item = _registered(member, form.cleaned_data["doi"])
    if "title" not in item:
        messages.info(
            request,
            _("Of this one we know only the DOI. If it is yours, please fill in what it is called."),
        )
    return render_page(
        request,
        "publications/typed",
        title=_("Add a publication"),
        form=TypedPublicationForm(prefix="publication", item=item),
        action=reverse("network:add-publication"),
    )


@require_POST
@for_members
def publications_at_orcid(request: HttpRequest, member: Member) -> HttpResponse:
    """Show the publications of a member's ORCID record.

    Nothing is saved until the member selects it.
    """
    if not registries.offers_orcid(member):
        raise Http404
    try:
        consume(ASKED, str(member.uuid))
        found = registries.publications_at_orcid(member.orcid)
    except RequestRejectedError as refusal:
        messages.error(request, str(refusal.sentence))
    except OrcidUnavailableError:
        messages.error(request, _("ORCID does not answer. Nothing was changed; please try again later."))
    except OrcidResponseError:
        messages.error(request, _("We cannot read what ORCID has answered. Nothing was changed."))
    else:
        if found:
            return _offered(request, member, found[:MAX_ENTRIES])
        messages.info(
            request,
            _("ORCID shows us no publications: there are none in your record, or not everybody may see them."),
        )
    return redirect("network:own-publications")


def _offered(request: HttpRequest, member: Member, found: list[CslItem]) -> HttpResponse:
    """Show publications of a member's ORCID record, and which of them the profile has already."""
    there = list(member.publications.all())
    dois, alike = (
        {publication.doi for publication in there if publication.doi},
        {likeness(publication.item) for publication in there},
    )
    return render_page(
        request,
        "publications/preview",
        title=_("Which of these are yours?"),
        publications=[
            (
                Publication(item=item),
                json.dumps(item, ensure_ascii=False, separators=(",", ":")),
                item.get("DOI") in dois or likeness(item) in alike,
            )
            for item in found
        ],
    )


@require_POST
@for_members
def keep_publications(request: HttpRequest, member: Member) -> HttpResponse:
    """Save the selected publications."""
    ticked = list(_ticked(request))
    if not ticked:
        messages.error(request, _("You have ticked nothing, so nothing was added."))
        return redirect("network:own-publications")
    return _add(request, member, ticked)


# --- Shared -------------------------------------------------------------------------------------------------


def _registered(member: Member, doi: str) -> CslItem:
    """Return the agency's metadata of a DOI, or only the DOI if there is none or the limit is reached."""
    bare = kept({"type": "article-journal", "DOI": doi})
    try:
        consume(ASKED, str(member.uuid))
    except RequestRejectedError:
        return bare
    return registries.registered_publication(doi) or bare


def _ticked(request: HttpRequest) -> Iterator[CslItem]:
    """Yield the selected items, sanitised again, because they come from the browser."""
    for value in request.POST.getlist("publication")[:MAX_ENTRIES]:
        try:
            given = json.loads(value[:MAX_VALUE])
        except (ValueError, RecursionError):
            continue
        if isinstance(given, dict) and "title" in (item := kept(given)):
            yield item


def _add(request: HttpRequest, member: Member, items: list[CslItem]) -> HttpResponse:
    try:
        added = services.add_publications(member=member, items=items)
    except services.TooManyPublicationsError:
        messages.error(
            request,
            _(
                "A profile has %(count)s publications at most. Nothing was added; please tick fewer, "
                "or delete some first."
            )
            % {"count": MOST_PUBLICATIONS},
        )
    except row_locks.InvalidStateError:
        messages.error(request, NOT_POSSIBLE)
    else:
        if added:
            messages.success(
                request,
                ngettext("%(count)s publication added.", "%(count)s publications added.", added) % {"count": added},
            )
        if passed_over := len(items) - added:
            messages.info(
                request,
                ngettext(
                    "%(count)s publication was there already.",
                    "%(count)s publications were there already.",
                    passed_over,
                )
                % {"count": passed_over},
            )
    return redirect("network:own-publications")


def _carry_out(request: HttpRequest, service: Callable[[], None], done: str) -> None:
    too_many = _("%(count)s key outputs are shown first, and you have chosen as many. Please take one of them out.")
    gone = _("That is not possible: it is gone, or another of your publications has the same DOI.")
    refusals = {
        services.TooManyPublicationsError: too_many % {"count": MOST_KEY_OUTPUTS},
        row_locks.InvalidStateError: gone,
    }
    carry_out(request, service, done, refusals)
