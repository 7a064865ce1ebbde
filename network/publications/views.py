"""A member's own works: what is shown first, what is added by hand, and lists of which only what is ticked is kept."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.doors.limits import Limit, Refusal, consume
from network import row_locks
from network.members.access import for_members, render_page
from network.models import PublishedWork
from network.publications import registries, services
from network.publications.citations import citation
from network.publications.csl import kept
from network.publications.entries import ReadEntry
from network.publications.forms import TypedWorkForm, WorksImportForm, names_read
from network.publications.models import MOST_KEY_OUTPUTS, MOST_WORKS
from network.publications.reading import MAX_ENTRIES, Reading, mark_duplicates
from network.verification.orcid import OrcidSilent, OrcidUnclear
from network.vocabulary.details import Detail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from network.models import Member
    from network.publications.csl import CslItem

# How often a member has others asked.
ASKED = Limit(name="works-asked", times=10, seconds=60 * 60)
MAX_VALUE = 20_000
ACTIONS: dict[str, Callable[..., None]] = {
    "key": services.make_key_output,
    "not-key": services.end_key_output,
    "up": services.move_key_output_up,
    "delete": services.delete_work,
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def own_works(request: HttpRequest, member: Member) -> HttpResponse:
    """Show a member's works as readers see them; make one a key output, move it, or delete it."""
    if request.method == "POST":
        action, _colon, uuid = request.POST.get("do", "").partition(":")
        work = next((each for each in member.works.all() if str(each.uuid) == uuid), None)
        if work is None or action not in ACTIONS:
            messages.error(request, _("That is not possible at the moment. This is the current state."))
        else:
            _carry_out(request, partial(ACTIONS[action], member=member, work=work), _("Saved."))
        return redirect("network:own-works")
    works = list(member.works.all())
    return render_page(
        request,
        "works/own",
        title=_("Your works"),
        member=member,
        works=[(work, citation(work)) for work in works],
        key_outputs=sum(work.is_key for work in works),
        most_key_outputs=MOST_KEY_OUTPUTS,
        audience=member.audience_of(Detail.WORKS),
        orcid_is_offered=registries.offers_orcid(member),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def add_work(request: HttpRequest, member: Member) -> HttpResponse:
    """Add a work by hand."""
    form = TypedWorkForm(request.POST or None, prefix="work")
    if request.method == "POST" and form.is_valid():
        return _add(request, member, [form.work])
    return render_page(request, "works/typed", title=_("Add a work"), form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def change_work(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Change what is said of a work."""
    work = member.works.filter(uuid=uuid).first()
    if work is None:
        raise Http404
    form = TypedWorkForm(request.POST or None, prefix="work", item=work.item)
    if request.method == "POST" and form.is_valid():
        _carry_out(
            request, partial(services.change_work, member=member, work=work, item=form.work), _("Saved.")
        )
        return redirect("network:own-works")
    return render_page(request, "works/typed", title=_("Change this work"), form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def import_works(request: HttpRequest, member: Member) -> HttpResponse:
    """Read a list and show what is in it. Nothing is kept until it is ticked."""
    form = WorksImportForm(request.POST or None, request.FILES or None, prefix="list")
    if request.method == "POST" and form.is_valid():
        _look_up(request, member, form.reading.entries)
        return _preview(request, member, form.reading)
    return render_page(request, "works/import", title=_("Import works"), form=form)


@require_POST
@for_members
def works_at_orcid(request: HttpRequest, member: Member) -> HttpResponse:
    """Read the works of a member's ORCID record and show them. Nothing is kept until it is ticked."""
    if not registries.offers_orcid(member):
        raise Http404
    try:
        consume(ASKED, str(member.uuid))
        found = registries.works_at_orcid(member.orcid)
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence))
        return redirect("network:own-works")
    except OrcidSilent:
        messages.error(
            request,
            _("ORCID does not answer. Nothing was changed; please try again later, or import a file."),
        )
        return redirect("network:own-works")
    except OrcidUnclear:
        messages.error(
            request, _("We cannot read what ORCID has answered. Nothing was changed; please import a file.")
        )
        return redirect("network:own-works")
    if not found:
        messages.info(
            request,
            _("ORCID shows us no works: there are none in your record, or not everybody may see them."),
        )
        return redirect("network:own-works")
    entries = [ReadEntry(number=number, kept=each) for number, each in enumerate(found[:MAX_ENTRIES], 1)]
    return _preview(request, member, Reading(entries, left_out=max(0, len(found) - MAX_ENTRIES)))


@require_POST
@for_members
def keep_works(request: HttpRequest, member: Member) -> HttpResponse:
    """Keep what was ticked. What still has no title comes back to be filled in."""
    ticked = list(_ticked(request))
    if not ticked:
        messages.error(request, _("You have ticked nothing, so nothing was added."))
        return redirect("network:import-works")
    untitled = [entry for entry in ticked if not entry.is_work]
    answer = _add(request, member, [entry.kept.item for entry in ticked if entry.is_work])
    if untitled:
        messages.error(request, _("These still need a title. Everything else that you ticked is kept."))
        return _preview(request, member, Reading(untitled))
    return answer


# --- Shared -----------------------------------------------------------------------------------------------------------------


def _preview(request: HttpRequest, member: Member, reading: Reading) -> HttpResponse:
    mark_duplicates(reading.entries, member.works.all())
    shown = [
        (entry, citation(PublishedWork(item=entry.kept.item)) if entry.kept.title else None)
        for entry in reading.entries
    ]
    return render_page(
        request, "works/preview", title=_("Which of these are yours?"), entries=shown, reading=reading
    )


def _look_up(request: HttpRequest, member: Member, entries: list[ReadEntry]) -> None:
    """Ask what the works are called of which only the DOI is known, where the operator wants that. Whatever goes wrong, they are as they were."""
    wanted = {entry.kept.item["DOI"]: entry for entry in entries if entry.lacks_title}
    if not wanted:
        return
    try:
        consume(ASKED, str(member.uuid))
    except Refusal:
        return
    for doi, item in registries.registered_works(wanted).items():
        wanted[doi].kept = kept(item)


def _ticked(request: HttpRequest) -> Iterator[ReadEntry]:
    """Yield what was ticked, checked anew: it comes from a browser."""
    for number in range(1, MAX_ENTRIES + 1):
        value = request.POST.get(f"work-{number}", "")
        if not value or len(value) > MAX_VALUE:
            continue
        try:
            item = json.loads(value)
        except (ValueError, RecursionError):
            continue
        if not isinstance(item, dict):
            continue
        typed: dict[str, Any] = {
            "title": request.POST.get(f"title-{number}", ""),
            "author": names_read(request.POST.get(f"author-{number}", "")[:4000]),
            "issued": request.POST.get(f"year-{number}", ""),
        }
        yield ReadEntry(
            number=number, kept=kept(item | {name: value for name, value in typed.items() if value})
        )


def _add(request: HttpRequest, member: Member, items: list[CslItem]) -> HttpResponse:
    try:
        added = services.add_works(member=member, items=items)
    except services.TooManyWorks:
        messages.error(
            request,
            _(
                "A profile has %(count)s works at most. Nothing was added; please tick fewer, or delete some first."
            )
            % {"count": MOST_WORKS},
        )
    except row_locks.WrongState:
        messages.error(request, _("That is not possible at the moment. This is the current state."))
    else:
        if added:
            messages.success(
                request, ngettext("%(count)s work added.", "%(count)s works added.", added) % {"count": added}
            )
        if passed_over := len(items) - added:
            messages.info(
                request,
                ngettext(
                    "%(count)s work was there already.", "%(count)s works were there already.", passed_over
                )
                % {"count": passed_over},
            )
    return redirect("network:own-works")


def _carry_out(request: HttpRequest, service: Callable[[], None], done: str) -> None:
    try:
        service()
    except services.TooManyWorks:
        messages.error(
            request,
            _(
                "%(count)s key outputs are shown first, and you have chosen as many. Please take one of them out."
            )
            % {"count": MOST_KEY_OUTPUTS},
        )
    except row_locks.WrongState:
        messages.error(
            request, _("That is not possible: it is gone, or another of your works has the same DOI.")
        )
    else:
        messages.success(request, done)
