"""The place of work of a member, and the institutions of ROR."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.db import transaction

from core.search.folding import fold
from core.search.lexemes import vector
from network.members.services import propose_words
from network.models import Institution, Member
from network.vocabulary.details import Detail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from network.models import ProposedWords


def choose_institution(*, member: Member, institution: Institution) -> ProposedWords | None:
    """Name an institution as a member's place of work. A person reads it first, as all that they say of themselves. Raises WrongState."""
    proposal = member.proposals.filter(language=member.language).first()
    words = proposal.words if proposal else member.words_in(member.language)
    named = {Detail.AFFILIATION.value: institution.name_in(member.language)[:160], "ror": institution.ror}
    return propose_words(member=member, language=member.language, words=words | named)


@transaction.atomic
def keep_institutions(*, institutions: Sequence[Institution]) -> None:
    """Keep a part of a dump of ROR: what is new is added, what is there is replaced. Rows that are as they were are written, too."""
    for institution in institutions:
        every = {institution.name, *institution.names.values(), *institution.aliases, institution.city}
        institution.words = vector(" ".join(sorted(every, key=fold)))
    Institution.objects.bulk_create(
        institutions,
        update_conflicts=True,
        unique_fields=["ror"],
        update_fields=["name", "names", "aliases", "city", "country", "status", "successors", "words"],
    )


@transaction.atomic
def rename_places() -> int:
    """Take over what ROR calls the places of work of members since the last dump. Returns how many were called something else."""
    now = cache(Institution.objects.names_of)
    held = Member.objects.exclude(ror="").values_list("pk", "ror", "place_names")
    renamed = [key for key, ror, names in held.iterator() if now(ror) != names]
    for member in Member.objects.select_for_update().filter(pk__in=renamed):
        member.save()
    return len(renamed)
