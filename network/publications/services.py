"""Services for a member's publications.

Their items have been sanitised already (`network.publications.models`).
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from django.db import IntegrityError, transaction

from network.models import Member, Publication
from network.publications.models import MOST_KEY_OUTPUTS, MOST_PUBLICATIONS, CslItem, likeness
from network.row_locks import InvalidStateError, locked


class TooManyPublicationsError(InvalidStateError):
    """The member has reached the maximum number of publications or of key outputs."""


@transaction.atomic
def add_publications(*, member: Member, items: Sequence[CslItem]) -> int:
    """Add publications that the member has selected or typed.

    Returns the number of new ones; known ones are skipped.

    Raises InvalidStateError, or TooManyPublicationsError without adding any.
    """
    member = locked(member, *Member.KNOWN)
    there = list(member.publications.all())
    dois = {publication.doi for publication in there if publication.doi}
    alike = {likeness(publication.item) for publication in there}
    new = []
    for item in items:
        doi = item.get("DOI", "")
        if (doi and doi in dois) or likeness(item) in alike:
            continue
        dois.add(doi)
        alike.add(likeness(item))
        new.append(item)
    if len(there) + len(new) > MOST_PUBLICATIONS:
        raise TooManyPublicationsError
    for item in new:
        member.publications.create(item=item)
    member.save()
    return len(new)


@transaction.atomic
def change_publication(*, member: Member, publication: Publication, item: CslItem) -> None:
    """Replace the item of a publication.

    Raises InvalidStateError if it is gone, or if another publication of the member has the same DOI.
    """
    member, publication = _locked_publication(member, publication)
    publication.item = item
    try:
        with transaction.atomic():
            publication.save()
    except IntegrityError as taken:
        raise InvalidStateError from taken
    member.save()


@transaction.atomic
def delete_publication(*, member: Member, publication: Publication) -> None:
    """Delete a publication.

    Raises InvalidStateError if it is gone.
    """
    member, publication = _locked_publication(member, publication)
    publication.delete()
    member.save()


@transaction.atomic
def make_key_output(*, member: Member, publication: Publication) -> None:
    """Make a publication a key output.

    Raises InvalidStateError if it is gone, TooManyPublicationsError if the maximum is reached.
    """
    member, publication = _locked_publication(member, publication)
    keys = list(member.publications.filter(is_key=True).exclude(pk=publication.pk))
    if len(keys) >= MOST_KEY_OUTPUTS:
        raise TooManyPublicationsError
    publication.is_key = True
    _place([*keys, publication])
    member.save()


@transaction.atomic
def end_key_output(*, member: Member, publication: Publication) -> None:
    """Make a key output an ordinary publication again.

    Raises InvalidStateError if it is gone.
    """
    member, publication = _locked_publication(member, publication)
    publication.is_key, publication.position = False, 0
    publication.save()
    _place(member.publications.filter(is_key=True))
    member.save()


@transaction.atomic
def move_key_output_up(*, member: Member, publication: Publication) -> None:
    """Move a key output up by one place.

    Raises InvalidStateError if it is gone.
    """
    member, publication = _locked_publication(member, publication)
    keys = list(member.publications.filter(is_key=True))
    with suppress(ValueError):
        before = keys.index(publication)
        keys.insert(max(0, before - 1), keys.pop(before))
    _place(keys)
    member.save()


def _locked_publication(member: Member, publication: Publication) -> tuple[Member, Publication]:
    """Return member and publication from the database.

    The lock on the member's row covers all their publications.
    """
    member = locked(member, *Member.KNOWN)
    now = member.publications.filter(pk=publication.pk).first()
    if now is None:
        raise InvalidStateError
    return member, now


def _place(keys: Iterable[Publication]) -> None:
    for position, publication in enumerate(keys, 1):
        publication.position = position
        publication.save()
