"""The desk's forms for pictures and documents: they report what is wrong with a file before it is stored."""

from __future__ import annotations

from typing import Any

from wagtail.documents.fields import WagtailDocumentField
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from core.uploads import cleaning
from core.uploads.away import require_storage


class PictureFormField(WagtailImageField):
    def to_python(self, data: Any) -> Any:
        if data in self.empty_values:
            return super().to_python(data)
        require_storage()
        return super().to_python(cleaning.clean_picture(data))


class DocumentFormField(WagtailDocumentField):
    def to_python(self, data: Any) -> Any:
        if data in self.empty_values:
            return super().to_python(data)
        require_storage()
        return super().to_python(cleaning.clean_document(data))


class PictureForm(BaseImageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not declared on the class: the form for multiple uploads has no file field.
        if field := self.fields.get("file"):
            self.fields["file"] = PictureFormField(
                required=field.required, label=field.label, widget=field.widget
            )


class DocumentForm(BaseDocumentForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("file"):
            self.fields["file"] = DocumentFormField(
                required=field.required, label=field.label, widget=field.widget
            )
