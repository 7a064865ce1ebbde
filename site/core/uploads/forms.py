"""The admin's forms for pictures and documents: they report what is wrong with a file before it is stored."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy, ngettext
from wagtail.documents.fields import WagtailDocumentField
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm
from wagtail.models import ReferenceIndex

from core.publishing import references
from core.uploads import cleaning
from core.uploads.unavailable import require_storage


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


# What readers of a page may see of a file.
SEEN = ("file", "title", "description", "credit", "licence")


def keep_on_help_pages(form: Any) -> None:
    """Refuse the changes of a file that a public help page shows: what readers of these pages see takes two people.

    Another file is on no page until two people have approved that page.
    """
    is_changed = any(name in form.changed_data for name in SEEN)
    if is_changed and form.instance.pk and references.is_on_sensitive_page(form.instance):
        form.cleaned_data.pop("file", None)  # without it the form goes on showing the existing file
        form.add_error(
            None,
            gettext(
                "A public help page shows this file, so it was not changed. Add the new one as another file, and "
                "choose it on the page, which a second person then approves."
            ),
        )


class PictureForm(BaseImageForm):
    """A picture.

    Replacing the file of one that pages show takes a confirmation that their text alternatives fit it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not declared on the class: the form for multiple uploads has no file field.
        if field := self.fields.get("file"):
            self.fields["file"] = PictureFormField(required=field.required, label=field.label, widget=field.widget)
            if self.instance.pk and (places := ReferenceIndex.get_grouped_references_to(self.instance).count()):
                self.fields["words_fit"] = alt_text_confirmed_field(places)
                self.order_fields(["title", "file", "words_fit"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "file" in data and "file" in self.changed_data and data.get("words_fit") is False:
            # The file cannot be returned to the browser: the editor chooses it again.
            # Without it the form goes on showing the existing picture.
            del data["file"]
            self.add_error(
                "words_fit",
                gettext("Read the text alternatives first. Then choose the file again, and tick this."),
            )
        keep_on_help_pages(self)
        return data


def alt_text_confirmed_field(places: int) -> forms.BooleanField:
    return forms.BooleanField(
        required=False,
        label=gettext_lazy("The text alternatives fit the new file"),
        help_text=ngettext(
            "Only if you choose another file. "
            "The picture is used in %(count)d place, which goes on describing the old one: read its text "
            "alternative under “Usage”.",
            "Only if you choose another file. "
            "The picture is used in %(count)d places, which go on describing the old one: read their text "
            "alternatives under “Usage”.",
            places,
        )
        % {"count": places},
    )


class DocumentForm(BaseDocumentForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("file"):
            self.fields["file"] = DocumentFormField(required=field.required, label=field.label, widget=field.widget)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        keep_on_help_pages(self)
        return data
