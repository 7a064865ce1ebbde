from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument

from core.models.files import DocumentField


class UploadedDocument(AbstractDocument):
    """A file for readers to download. Its name and content have been checked."""

    file = DocumentField(_("file"), upload_to="documents")
    # The stored file whose first page was drawn, or could not be drawn: any other is still to be looked at (`core.first_pages`).
    first_page_from = models.CharField(max_length=255, blank=True, editable=False)

    admin_form_fields = ("title", "file", "collection", "tags")

    class Meta(AbstractDocument.Meta):
        verbose_name = _("file")
        verbose_name_plural = _("files")

    @property
    def url(self) -> str:
        """The path, the same at both doors: the desk serves the file to staff, and at the public door it is printed."""
        # By the URLs of the public door: those of the desk take a second to load where pages are printed.
        return reverse("wagtaildocs_serve", urlconf=settings.PUBLIC_URLCONF, args=[self.pk, self.filename])

    def clean(self) -> None:
        # In the second step of a multiple upload, Wagtail's form has no file field, and there is no file to check yet.
        if self.file:
            super().clean()

    def save(self, *args: object, **kwargs: object) -> None:
        # Before anything is written, so that a refusal leaves the surrounding transaction intact.
        self.file.check()  # type: ignore[attr-defined]  # a method of DocumentFile, which the stubs do not know
        if self.file_size is None and self.file:  # type: ignore[has-type]  # of Wagtail's model
            # Otherwise Wagtail writes it when somebody first asks, in the middle of printing a page.
            self.file_size = self.file.size
        super().save(*args, **kwargs)
