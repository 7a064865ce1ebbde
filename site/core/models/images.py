from __future__ import annotations

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
    """A picture with what must be known before it may be shown: who made it and under which licence."""

    # Drawn anew when it is uploaded: the file holds nothing but the picture.
    file = PictureField(_("file"), upload_to=get_upload_to, width_field="width", height_field="height")
    credit = models.CharField(
        _("credit"), max_length=200, blank=True, help_text=_("Who made it, as they want to be named.")
    )
    licence = models.CharField(
        _("licence"), max_length=100, blank=True, help_text=_("An SPDX identifier such as CC-BY-4.0.")
    )

    admin_form_fields = (*Image.admin_form_fields, "credit", "licence")

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def generate_rendition_file(self, filter: Filter, **kwargs: Any) -> File[Any]:  # noqa: A002  (Wagtail's name)
        # Wagtail leaves the temporary file open that it draws into.
        with super().generate_rendition_file(filter, **kwargs) as drawn:
            drawn.seek(0)
            return ContentFile(drawn.read(), name=drawn.name)

    def create_rendition(self, filter: Filter) -> Rendition:  # noqa: A002  (Wagtail's name)
        """Draw the picture in a size, once: where two processes want the same one, the second waits for the first.

        Wagtail's own would draw both, and leave the file of one behind where no page refers to it.
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
    """A picture in one size and format."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("image", "filter_spec", "focal_point_key"), name="one_rendition_for_each_filter"
            )
        ]
