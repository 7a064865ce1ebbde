"""Forms for a single publication of a member."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.admin.forms import LineField, LinesField
from network.publications import models
from network.publications.models import LENGTHS, TYPES, YEARS, CslItem, authors_of, kept, normal_doi, year_of


def names_read(text: str) -> list[dict[str, str]]:
    """Return the names of a text with one on each line: "Family, Given", or a name that stays as it is."""
    people = []
    for line in text.splitlines():
        family, comma, given = (part.strip() for part in line.partition(","))
        if family:
            people.append({"family": family, "given": given} if comma and given else {"literal": family})
    return people


class DoiField(forms.CharField):
    """A DOI, or its URL.

    The value is the bare DOI.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="DOI", max_length=300, help_text=gettext_lazy("For example 10.1000/182"), **kwargs)

    def clean(self, value: Any) -> str:
        given: str = super().clean(value)
        doi = normal_doi(given)
        if given and not doi:
            raise forms.ValidationError(_("This is not a DOI. It begins with 10, for example 10.1000/182."))
        return doi


class DoiForm(forms.Form):
    """The DOI of a publication to look up."""

    doi = DoiField()


class TypedPublicationForm(forms.Form):
    """One publication, field by field."""

    type = forms.ChoiceField(label=pgettext_lazy("of a publication", "Type"), choices=TYPES, initial="article-journal")
    title = LineField(label=gettext_lazy("Title"), max_length=LENGTHS["title"])
    author = LinesField(
        label=gettext_lazy("Authors"),
        max_length=4000,
        required=False,
        help_text=gettext_lazy(
            "One on each line: family name, comma, given name. For an organisation, its name without a comma."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    year = forms.IntegerField(
        label=gettext_lazy("Year"), min_value=YEARS.start, max_value=YEARS.stop - 1, required=False
    )
    container = LineField(
        label=gettext_lazy("In (journal, book, website)"),
        max_length=LENGTHS["container-title"],
        required=False,
    )
    doi = DoiField(required=False)
    url = forms.CharField(
        label=gettext_lazy("Address on the web"),
        max_length=models.MAX_URL,
        required=False,
        help_text=gettext_lazy("If it has no DOI"),
        widget=forms.URLInput,
    )
    language = LineField(
        label=gettext_lazy("Language of the publication, as a code"),
        max_length=35,
        required=False,
        help_text=gettext_lazy("For example en or ar"),
    )

    def __init__(self, *args: Any, item: CslItem | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(item) if item else None
        super().__init__(*args, **kwargs)

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        if url and not models.is_address(url):
            raise forms.ValidationError(_("This is not the address of a page. It begins with https://."))
        return url

    def clean_language(self) -> str:
        code: str = self.cleaned_data["language"]
        if code and not models.LANGUAGE_TAG.fullmatch(code):
            raise forms.ValidationError(_("This is not the code of a language. Two or three letters will do."))
        return code

    @property
    def publication(self) -> CslItem:
        """Return the publication as it is stored."""
        given = self.cleaned_data
        return kept(
            {
                "type": given["type"],
                "title": given["title"],
                "author": names_read(given["author"]),
                "issued": given["year"],
                "container-title": given["container"],
                "DOI": given["doi"],
                "URL": given["url"],
                "language": given["language"],
            }
        )


def _initial(item: CslItem) -> dict[str, Any]:
    return {
        "type": item["type"],
        "title": item.get("title", ""),
        "author": "\n".join(authors_of(item)),
        "year": year_of(item),
        "container": item.get("container-title", ""),
        "doi": item.get("DOI", ""),
        "url": item.get("URL", ""),
        "language": item.get("language", ""),
    }
