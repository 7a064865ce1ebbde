from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument

from core.models.files import DocumentField


class UploadedDocument(AbstractDocument):
    """A file that readers download. Its name and content have been checked."""

    file = DocumentField(_("file"), upload_to="documents")

    admin_form_fields = ("title", "file", "collection", "tags")

    class Meta(AbstractDocument.Meta):
        verbose_name = _("file")
        verbose_name_plural = _("files")

    @property
    def url(self) -> str:
        """Its path, the same at both doors: the desk serves it to staff, at the public door it is printed."""
        return reverse("wagtaildocs_serve", urlconf=settings.ROOT_URLCONF, args=[self.pk, self.filename])

    def clean(self) -> None:
        # Wagtail's form for the second step of several uploads has no field for the file, and no file yet to complain of.
        if self.file:
            super().clean()

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Before anything is written: a refusal leaves the transaction that it happens in whole.
        self.file.check()  # type: ignore[attr-defined]  # of DocumentFile, which the stubs do not look up
        super().save(*args, **kwargs)
