"""Fields that store a file only after `core.uploads` has checked it, whichever way it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from wagtail.images.models import WagtailImageField, WagtailImageFieldFile

from core.uploads import cleaning

if TYPE_CHECKING:
    from django.core.files.base import File


class PictureFile(WagtailImageFieldFile):
    """The file of a picture. An unacceptable one raises ValidationError when it is assigned, or at the latest when it is saved."""

    def get_image_dimensions(self) -> tuple[int, int]:
        # Called when a file is assigned, before it is stored: from then on it is the cleaned one.
        if not self._committed:
            self.file: File[bytes] = cleaning.clean_picture(self.file)
        return super().get_image_dimensions()

    def save(self, name: str, content: File[bytes], save: bool = True) -> None:
        checked = cleaning.clean_picture(_named(content, name))
        super().save(checked.name or name, checked, save)


class PictureField(WagtailImageField):
    attr_class = PictureFile


class DocumentFile(models.fields.files.FieldFile):
    """The file of a document. An unacceptable one raises ValidationError before it is saved."""

    def check(self) -> None:
        """Replace a file that has not been stored yet with its cleaned version."""
        if self and not self._committed:  # type: ignore[attr-defined]  # missing from the stubs
            self.file: File[bytes] = cleaning.clean_document(self.file)

    def save(self, name: str, content: File[bytes], save: bool = True) -> None:
        checked = cleaning.clean_document(_named(content, name))
        super().save(checked.name or name, checked, save)


class DocumentField(models.FileField):
    attr_class = DocumentFile


def _named(content: File[bytes], name: str) -> File[bytes]:
    """Set the intended name on `content`: a caller may give it only when saving."""
    if not isinstance(content, cleaning.Cleaned):
        content.name = name
    return content
