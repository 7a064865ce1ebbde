"""Uploaded files and pictures, and the fields that store a file only after `core.uploads` has checked it."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import (
    AbstractImage,
    AbstractRendition,
    Filter,
    Image,
    WagtailImageField,
    WagtailImageFieldFile,
    get_upload_to,
)

from core.uploads import cleaning


class PictureFile(WagtailImageFieldFile):
    """The file of a picture.

    An unacceptable one raises ValidationError when it is assigned, or at the latest when it is saved.
    """

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
    """The file of a document.

    An unacceptable one raises ValidationError before it is saved.
    """

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


class UploadedDocument(AbstractDocument):
    """A file for readers to download.

    Its name and content have been checked.
    """

    file = DocumentField(_("file"), upload_to="documents")
    # The stored file whose first page was drawn, or could not be drawn.
    # `core.uploads.first_pages` handles any other.
    first_page_from = models.CharField(max_length=255, blank=True, editable=False)

    admin_form_fields = ("title", "file", "collection", "tags")

    class Meta(AbstractDocument.Meta):
        verbose_name = _("file")
        verbose_name_plural = _("files")

    @property
    def url(self) -> str:
        """The path, the same on both sites: staff get the file, visitors a prerendered copy."""
        # Resolved with the URLs of the public site: loading those of the private site takes a second during rendering.
        return reverse("wagtaildocs_serve", urlconf=settings.PUBLIC_URLCONF, args=[self.pk, self.filename])

    def clean(self) -> None:
        # In the second step of a multiple upload, Wagtail's form has no file field, and there is no file to check yet.
        if self.file:
            super().clean()

    def save(self, *args: object, **kwargs: object) -> None:
        # Before anything is written, so that a refusal leaves the surrounding transaction intact.
        # A method of DocumentFile, which is missing in the stubs.
        self.file.check()  # type: ignore[attr-defined]
        if self.file_size is None and self.file:  # type: ignore[has-type]  # of Wagtail's model
            # Otherwise Wagtail writes it at the first access, during the rendering of a page.
            self.file_size = self.file.size
        super().save(*args, **kwargs)


class Picture(AbstractImage):
    """A picture with the credit and the licence that it may be shown under."""

    # Re-encoded on upload: the file contains nothing but the picture.
    file = PictureField(_("file"), upload_to=get_upload_to, width_field="width", height_field="height")
    credit = models.CharField(
        _("credit"), max_length=200, blank=True, help_text=_("Who made it, as they want to be named.")
    )
    licence = models.CharField(
        _("licence"), max_length=100, blank=True, help_text=_("An SPDX identifier such as CC-BY-4.0.")
    )

    # Drawn by `core.uploads.first_pages`, and deleted with the document.
    # Wagtail's reference index leaves one-to-one relations out; a foreign key would count as a page that offers the
    # document to the public.
    first_page_of = models.OneToOneField(
        "core.UploadedDocument",
        verbose_name=_("first page of"),
        null=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="first_page",
    )

    admin_form_fields = (*Image.admin_form_fields, "credit", "licence")

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def generate_rendition_file(self, filter: Filter, **kwargs: object) -> File[Any]:  # noqa: A002  (Wagtail's name)
        # Wagtail leaves its temporary file open even if the source is missing.
        # Opening the source first raises the error before Wagtail creates one.
        with self.open_file():
            pass
        with super().generate_rendition_file(filter, **kwargs) as drawn:
            drawn.seek(0)
            return ContentFile(drawn.read(), name=drawn.name)

    def create_rendition(self, filter: Filter) -> Rendition:  # noqa: A002  (Wagtail's name)
        """Create a rendition once: if two processes want the same one, the second waits for the first.

        Wagtail would create both, and leave an orphaned file behind.
        """
        with transaction.atomic():
            type(self).objects.select_for_update(no_key=True).get(pk=self.pk)
            drawn: Rendition | None = self.renditions.filter(
                filter_spec=filter.spec, focal_point_key=filter.get_cache_key(self)
            ).first()
            return drawn or super().create_rendition(filter)

    def create_renditions(self, *filters: Filter) -> dict[Filter, Rendition]:
        return {filter: self.create_rendition(filter) for filter in filters}  # noqa: A001


class Rendition(AbstractRendition):
    """A picture in one size and format.

    Its file is never written again.
    """

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")
    # SHA-256 of the file: the renderer makes its public name from it.
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("image", "filter_spec", "focal_point_key"), name="one_rendition_for_each_filter"
            )
        ]

    def save(self, *args: object, **kwargs: object) -> None:
        if not self.digest:
            self.digest = hashlib.sha256(self.file.read()).hexdigest()
            self.file.seek(0)
        super().save(*args, **kwargs)
