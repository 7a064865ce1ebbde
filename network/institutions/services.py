"""Members' places of work, and the loader of ROR's dump.

The dump has 110,000 records in 300 MB of JSON, which are streamed record by record and written in batches.
Each record is stored by its id, so loading the same dump twice changes nothing.
Records never disappear from the registry: withdrawn ones are marked and name their successors.
(https://ror.readme.io/docs/ror-data-structure, schema 2.0 and 2.1)
"""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import batched
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core.admin.forms import printable
from core.search.folding import fold, vector
from network.institutions.models import normal_ror
from network.members.services import propose_texts
from network.models import Institution, Member, ProposedTexts
from network.vocabulary.details import Detail

# Number of records in memory and in one transaction.
BATCH = 500
MOST_ALIASES = 20


class InvalidRorDumpError(Exception):
    """The file is no dump of ROR in schema 2; the message says why."""


@dataclass(slots=True)
class Loaded:
    """Numbers of records loaded and skipped."""

    kept: int = 0
    passed_over: int = 0


def load(file: Path) -> Loaded:
    """Load every record of a dump.

    Raises OSError or InvalidRorDumpError; records loaded before the error are kept.
    """
    loaded = Loaded()
    with _opened(file) as stream:
        for records in batched(_records(stream), BATCH):
            # By id: one INSERT … ON CONFLICT cannot write the same row twice.
            found = {each.ror: each for record in records if (each := institution(record)) is not None}
            keep_institutions(institutions=list(found.values()))
            loaded.kept += len(found)
            loaded.passed_over += len(records) - len(found)
    return loaded


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(file):
        with file.open("rb") as stream:
            yield stream
        return
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.endswith(".json")]
        # Older dumps have a file for each schema.
        chosen = next((name for name in names if "schema_v2" in name), names[0] if len(names) == 1 else "")
        if not chosen:
            raise InvalidRorDumpError("There is no .json with records of schema 2 in this archive.")
        with archive.open(chosen) as stream:
            yield stream


def _records(stream: IO[bytes]) -> Iterator[Any]:
    import ijson

    try:
        # Floats are precise enough, since coordinates are not used.
        yield from ijson.items(stream, "item", use_float=True)
    except (ijson.JSONError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise InvalidRorDumpError(f"This is not a list of records in JSON: {error}") from error


def institution(record: Any) -> Institution | None:
    """Return the Institution for a record, or None if it does not follow schema 2."""
    try:
        ror = normal_ror(record["id"])
        names = [(line_of(each["value"]), each["types"], each.get("lang")) for each in record["names"]]
        places = record.get("locations") or [{}]
        place = places[0].get("geonames_details") or {}
        status = Institution.Status(record["status"])
        successors = [each["id"] for each in record.get("relationships") or () if each["type"] == "successor"]
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
    shown = next((name for name, types, _language in names if "ror_display" in types), "")
    if not shown:
        return None
    by_language = {language: name for name, types, language in reversed(names) if language and "label" in types}
    others = dict.fromkeys(name for name, _types, _language in names if name not in {shown, *by_language.values()})
    return Institution(
        ror=ror,
        name=shown,
        names=by_language,
        aliases=list(others)[:MOST_ALIASES],
        city=line_of(place.get("name") or "")[:120],
        country=(place.get("country_code") or "").lower()[:2],
        status=status,
        successors=successors,
    )


def line_of(text: str) -> str:
    return printable(" ".join(text.split()))[:300]


def choose_institution(*, member: Member, institution: Institution) -> ProposedTexts | None:
    """Set an institution as a member's place of work.

    Like all profile texts, it is reviewed first.
    Raises InvalidStateError.
    """
    proposal = member.proposals.filter(language=member.language).first()
    texts = proposal.texts if proposal else member.texts_in(member.language)
    named = {Detail.AFFILIATION.value: institution.name_in(member.language)[:160], "ror": institution.ror}
    return propose_texts(member=member, language=member.language, texts=texts | named)


@transaction.atomic
def keep_institutions(*, institutions: Sequence[Institution]) -> None:
    """Write a batch of a dump: new records are added, existing ones replaced.

    Unchanged rows are written, too.
    """
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
    """Update the names of members' places of work from the loaded dump.

    Returns the number of members whose names changed.
    """
    now = cache(Institution.objects.names_of)
    held = Member.objects.exclude(ror="").values_list("pk", "ror", "place_names")
    renamed = [key for key, ror, names in held.iterator() if now(ror) != names]
    for member in Member.objects.select_for_update().filter(pk__in=renamed):
        member.save()
    return len(renamed)
