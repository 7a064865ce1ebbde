from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image, get_upload_to

from core.models.files import PictureField

if TYPE_CHECKING:
    from django.core.files.base import File
    from wagtail.images.models import Filter


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

    # Drawn by `core.first_pages`, and deleted with the document. The reference index does not know it: what stands there counts as
    # something that offers the document to the public.
    first_page_of = models.OneToOneField(
        "core.UploadedDocument",
        verbose_name=_("first page of"),
        null=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="first_page",
    )
    first_page_of.wagtail_reference_index_ignore = True  # type: ignore[attr-defined]  # Wagtail looks for it

    admin_form_fields = (*Image.admin_form_fields, "credit", "licence")

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def generate_rendition_file(self, filter: Filter, **kwargs: object) -> File[Any]:  # noqa: A002  (Wagtail's name)
        # Wagtail leaves its temporary file open, also if there is nothing to draw: then this raises before it makes one.
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
    """A picture in one size and format. Its file is never written again."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")
    # SHA-256 of the file: the press makes its public name from it.
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
