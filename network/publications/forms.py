"""What a member types of one work, and where they put a list of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.desk.forms import LineField, LinesField
from network.publications import csl
from network.publications.csl import (
    NAME_FIELDS,
    TEXT_FIELDS,
    TYPES,
    YEARS,
    kept,
    names_of,
    normal_doi,
    year_of,
)
from network.publications.reading import MAX_CHARACTERS, NotReadable, Reading, decoded, read

if TYPE_CHECKING:
    from network.publications.csl import CslItem

# Four bytes are the most that a letter takes.
MAX_BYTES = 4 * MAX_CHARACTERS
# The fields of an item that the form has, in its order.
TYPED = (
    "title",
    "container-title",
    "volume",
    "issue",
    "page",
    "edition",
    "publisher",
    "publisher-place",
    "genre",
    "number",
)


def _text_field(name: str, *, required: bool = False, help_text: Any = "") -> LineField:
    length, label = TEXT_FIELDS[name]
    return LineField(label=label, max_length=length, required=required, help_text=help_text)


def names_read(text: str) -> list[dict[str, str]]:
    """Return the names of a text with one on each line: "Family, Given", or a name that stays as it is."""
    people = []
    for line in text.splitlines():
        family, comma, given = (part.strip() for part in line.partition(","))
        if family:
            people.append({"family": family, "given": given} if comma and given else {"literal": family})
    return people


class TypedWorkForm(forms.Form):
    """One work, field by field."""

    type = forms.ChoiceField(
        label=pgettext_lazy("of a work", "Type"), choices=TYPES, initial="article-journal"
    )
    title = _text_field("title", required=True)
    author = LinesField(
        label=NAME_FIELDS["author"],
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
    container_title = _text_field("container-title")
    volume = _text_field("volume")
    issue = _text_field("issue")
    page = _text_field("page", help_text=gettext_lazy("For example 100-120"))
    editor = LinesField(
        label=NAME_FIELDS["editor"],
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Of the book that a chapter is in; written like the authors."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    edition = _text_field("edition")
    publisher = _text_field("publisher")
    publisher_place = _text_field("publisher-place")
    genre = _text_field("genre", help_text=gettext_lazy("For example: doctoral dissertation"))
    number = _text_field("number", help_text=gettext_lazy("Of a report"))
    doi = forms.CharField(
        label="DOI", max_length=300, required=False, help_text=gettext_lazy("For example 10.1000/182")
    )
    url = forms.CharField(
        label=gettext_lazy("Address on the web"),
        max_length=csl.MAX_URL,
        required=False,
        help_text=gettext_lazy("If it has no DOI"),
        widget=forms.URLInput,
    )
    language = LineField(
        label=gettext_lazy("Language of the work, as a code"),
        max_length=35,
        required=False,
        help_text=gettext_lazy("For example en or ar"),
    )

    def __init__(self, *args: Any, item: CslItem | None = None, **kwargs: Any) -> None:
        self.item = item or {}
        kwargs["initial"] = _initial(self.item) if item else None
        super().__init__(*args, **kwargs)

    def clean_doi(self) -> str:
        doi = normal_doi(given) if (given := self.cleaned_data["doi"]) else ""
        if given and not doi:
            raise forms.ValidationError(_("This is not a DOI. It begins with 10, for example 10.1000/182."))
        return doi

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        if url and not csl.is_address(url):
            raise forms.ValidationError(_("This is not the address of a page. It begins with https://."))
        return url

    def clean_language(self) -> str:
        code: str = self.cleaned_data["language"]
        if code and not csl.LANGUAGE_TAG.fullmatch(code):
            raise forms.ValidationError(
                _("This is not the code of a language. Two or three letters will do.")
            )
        return code

    @property
    def work(self) -> CslItem:
        """The work as it is kept. What the form does not show stays as it was."""
        given = self.cleaned_data
        year = str(given["year"] or "")
        item = {
            **self.item,
            **{name: given[name.replace("-", "_")] for name in TYPED},
            "type": given["type"],
            "author": names_read(given["author"]),
            "editor": names_read(given["editor"]),
            "issued": self.item.get("issued")
            if year and year == year_of(self.item)
            else {"date-parts": [[year]]},
            "DOI": given["doi"],
            "URL": given["url"],
            "language": given["language"],
        }
        if not year:
            del item["issued"]
        for name in NAME_FIELDS:
            # Parts of names that the form does not tell apart stay, as long as nobody changes a name.
            if item[name] and names_of(self.item, name) == names_of(item, name):
                item[name] = self.item[name]
        return kept(item).item


def _initial(item: CslItem) -> dict[str, Any]:
    texts = {name.replace("-", "_"): item.get(name, "") for name in TYPED}
    people = {name: "\n".join(names_of(item, name)) for name in NAME_FIELDS}
    return {
        **texts,
        **people,
        "type": item["type"],
        "year": year_of(item),
        "doi": item.get("DOI", ""),
        "url": item.get("URL", ""),
        "language": item.get("language", ""),
    }


class WorksImportForm(forms.Form):
    """A list of works, pasted or as a file."""

    text = forms.CharField(
        label=gettext_lazy("Paste your list"),
        required=False,
        help_text=gettext_lazy(
            "DOIs, one on each line; or BibTeX, RIS or CSL-JSON, as programs for references export it."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "dir": "ltr", "spellcheck": "false"}),
        strip=False,
    )
    file = forms.FileField(
        label=gettext_lazy("Or choose a file"),
        required=False,
        help_text=gettext_lazy("BibTeX (.bib), RIS (.ris) or CSL-JSON (.json)"),
    )

    reading: Reading

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        file = cleaned.get("file")
        if self.errors:
            return cleaned
        if not file and not cleaned.get("text", "").strip():
            raise forms.ValidationError(_("Please paste a list, or choose a file."))
        try:
            if file and file.size > MAX_BYTES:
                raise NotReadable(_("This file is too large. Please divide it."))
            self.reading = read(decoded(file.read()) if file else cleaned["text"])
        except NotReadable as why:
            raise forms.ValidationError(str(why)) from why
        return cleaned
