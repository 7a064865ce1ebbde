"""Files for translators, made from cells of the table of translations."""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import slugify

from core.languages.exchange import po, xliff
from core.languages.exchange.documents import SourceInLanguage, documents

FORMATS = {"xliff": "XLIFF 1.2", "po": "PO"}
MOST_CELLS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    name: str
    content_type: str
    content: bytes

    def response(self) -> HttpResponse:
        response = HttpResponse(self.content, content_type=self.content_type)
        response["Content-Disposition"] = f'attachment; filename="{self.name}"'
        return response


def export(
    cells: Iterable[SourceInLanguage], *, file_format: str, user: AbstractUser | AnonymousUser
) -> ExportedFile | None:
    """Return a file with the texts of those cells that the user may translate; None if there is none.

    XLIFF has one file for each language, PO one for each cell.
    Several files are put into a ZIP archive.
    Raises KeyError for another format.
    """
    if file_format not in FORMATS:
        raise KeyError(file_format)
    now = timezone.now()
    found = documents(cells, user)
    for document in found:
        document.exported_at = now
    files: dict[str, bytes] = {}
    if file_format == "po":
        for number, document in enumerate(found, 1):
            name = slugify(document.title)[:60] or "text"
            language = document.target_language
            first = f"{name}-{language}{po.SUFFIX}"
            files[first if first not in files else f"{name}-{number}-{language}{po.SUFFIX}"] = po.write(document)
    else:
        for language in dict.fromkeys(each.target_language for each in found):
            mine = [each for each in found if each.target_language == language]
            name = (slugify(mine[0].title)[:60] or "text") if len(mine) == 1 else "waymark"
            files[f"{name}-{language}{xliff.SUFFIX}"] = xliff.write(mine)
    if not files:
        return None
    if len(files) > 1:
        return ExportedFile(name="waymark-translations.zip", content_type="application/zip", content=_zip(files))
    ((name, content),) = files.items()
    kind = "application/xliff+xml" if name.endswith(xliff.SUFFIX) else "text/x-gettext-translation"
    return ExportedFile(name=name, content_type=kind, content=content)


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
