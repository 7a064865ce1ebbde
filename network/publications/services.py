"""Publications of a member. What is written here has been checked field by field (`network.publications.models`)."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from django.db import IntegrityError, transaction

from network.models import Member, PublishedWork
from network.publications.models import MOST_KEY_OUTPUTS, MOST_WORKS, CslItem, likeness
from network.row_locks import WrongState, locked


class TooManyWorks(WrongState):
    """The member has as many works, or as many key outputs, as there can be."""


@transaction.atomic
def add_works(*, member: Member, items: Sequence[CslItem]) -> int:
    """Add works that the member has ticked or typed. Returns how many are new: one that is there already is passed over.

    Raises WrongState, or TooManyWorks without having added any.
    """
    member = locked(member, *Member.KNOWN)
    there = list(member.works.all())
    dois = {work.doi for work in there if work.doi}
    alike = {likeness(work.item) for work in there}
    new = []
    for item in items:
        doi = item.get("DOI", "")
        if (doi and doi in dois) or likeness(item) in alike:
            continue
        dois.add(doi)
        alike.add(likeness(item))
        new.append(item)
    if len(there) + len(new) > MOST_WORKS:
        raise TooManyWorks
    for item in new:
        member.works.create(item=item)
    member.save()
    return len(new)


@transaction.atomic
def change_work(*, member: Member, work: PublishedWork, item: CslItem) -> None:
    """Replace what is said of a work. Raises WrongState if it is gone, or if another work of the member has the same DOI."""
    member, work = _locked_work(member, work)
    work.item = item
    try:
        with transaction.atomic():
            work.save()
    except IntegrityError as taken:
        raise WrongState from taken
    member.save()


@transaction.atomic
def delete_work(*, member: Member, work: PublishedWork) -> None:
    """Forget a work. Raises WrongState if it is gone."""
    member, work = _locked_work(member, work)
    work.delete()
    member.save()


@transaction.atomic
def make_key_output(*, member: Member, work: PublishedWork) -> None:
    """Show a work among the first. Raises WrongState if it is gone, TooManyWorks if there are as many as there can be."""
    member, work = _locked_work(member, work)
    keys = list(member.works.filter(is_key=True).exclude(pk=work.pk))
    if len(keys) >= MOST_KEY_OUTPUTS:
        raise TooManyWorks
    work.is_key = True
    _place([*keys, work])
    member.save()


@transaction.atomic
def end_key_output(*, member: Member, work: PublishedWork) -> None:
    """Show a work among the others again. Raises WrongState if it is gone."""
    member, work = _locked_work(member, work)
    work.is_key, work.position = False, 0
    work.save()
    _place(member.works.filter(is_key=True))
    member.save()


@transaction.atomic
def move_key_output_up(*, member: Member, work: PublishedWork) -> None:
    """Show a key output before the one that it follows. Raises WrongState if it is gone."""
    member, work = _locked_work(member, work)
    keys = list(member.works.filter(is_key=True))
    with suppress(ValueError):
        before = keys.index(work)
        keys.insert(max(0, before - 1), keys.pop(before))
    _place(keys)
    member.save()


def _locked_work(member: Member, work: PublishedWork) -> tuple[Member, PublishedWork]:
    """Return member and work as they are now. The member's row is locked, and with it all their works."""
    member = locked(member, *Member.KNOWN)
    now = member.works.filter(pk=work.pk).first()
    if now is None:
        raise WrongState
    return member, now


def _place(keys: Iterable[PublishedWork]) -> None:
    for position, work in enumerate(keys, 1):
        work.position = position
        work.save()
