"""All public texts of a page or a record: plain and rich text, nested blocks, text alternatives, captions, children."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.text import capfirst
from modelcluster.models import get_all_child_relations
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Comment, Page, TranslatableMixin
from wagtail_localize.fields import SynchronizedField, get_translatable_fields

from core.models import Picture, UploadedDocument

# Separator of the parts of a label, as in text, callout, title.
BELOW = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
PAGE_FIELDS = ("title", "seo_title", "search_description")
NOT_WORDS = (models.SlugField, models.URLField, models.EmailField, models.FileField)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text, its path, its label in the form, and its language.

    `owner` is the picture or file that it belongs to, if it is not stored in the page: it can only be changed there.
    """

    path: str
    label: str
    text: str
    language: str
    is_html: bool = False
    owner: models.Model | None = None


type Change = Callable[[Passage], str]


def passages(thing: models.Model) -> list[Passage]:
    """Return all texts of a page or a record, each with its language."""
    return [*own_passages(thing), *media_passages(thing)]


def own_passages(thing: models.Model) -> list[Passage]:
    """Return the texts stored in a page or a record itself. For a page, this needs no query."""
    found: list[Passage] = []

    def read(passage: Passage) -> str:
        if passage.text.strip():
            found.append(passage)
        return passage.text

    rewrite(thing, read)
    return found


def rewrite(thing: models.Model, change: Change) -> None:
    """Replace each text of `thing` by the result of `change`. Nothing is saved."""
    language = language_of(thing)
    if language:
        _rewrite_fields(thing, change, language, "", "")
    for relation in get_all_child_relations(type(thing)):
        if relation.related_model is Comment:  # comments of staff in the admin, not for readers
            continue
        name = relation.get_accessor_name()
        for number, child in enumerate(getattr(thing, name).all()):
            spoken = getattr(child, "language", "") or language
            label = capfirst(str(child._meta.verbose_name)) + BELOW
            if spoken:
                _rewrite_fields(child, change, spoken, f"{name}.{number}.", label)


def language_of(thing: models.Model) -> str:
    """Return the language of a page or a text; empty for a record whose texts are children with their own languages."""
    if isinstance(thing, TranslatableMixin):
        return str(thing.locale.language_code)
    return str(getattr(thing, "language", ""))


def has_words(thing: models.Model) -> bool:
    """Return whether a record has texts in a language, itself or in its children."""
    return bool(language_of(thing)) or any(
        any(each.name == "language" for each in relation.related_model._meta.concrete_fields)
        for relation in get_all_child_relations(type(thing))
    )


def word_fields(model: type[Any]) -> Iterator[Any]:
    """Yield the fields of a model that hold texts."""
    if issubclass(model, TranslatableMixin):
        kept = {each.field_name for each in get_translatable_fields(model) if not isinstance(each, SynchronizedField)}
    else:
        kept = {each.name for each in model._meta.concrete_fields}
    for each in model._meta.concrete_fields:
        if each.name not in kept or not each.editable or each.choices or isinstance(each, NOT_WORDS):
            continue
        if issubclass(model, Page) and each.model is Page and each.name not in PAGE_FIELDS:
            continue
        if isinstance(each, models.CharField | models.TextField | StreamField) and each.name != "language":
            yield each


def _rewrite_fields(thing: models.Model, change: Change, language: str, path: str, label: str) -> None:
    for each in word_fields(type(thing)):
        value = getattr(thing, each.name)
        here, name = path + each.name, label + capfirst(str(each.verbose_name))
        if isinstance(each, StreamField):
            walker = Walker(change=change, language=language)
            new = walker.walk(each.stream_block, stored(each, value), here, name)
            if walker.changed:
                setattr(thing, each.name, each.to_python(new))
            continue
        if value is None:
            continue
        text = str(value)
        new = change(
            Passage(path=here, label=name, text=text, language=language, is_html=isinstance(each, RichTextField))
        )
        if new != text:
            setattr(thing, each.name, new)


def stored(field: Any, value: Any) -> list[Any]:
    """Return the blocks of a StreamField as they are stored."""
    return list(field.stream_block.get_prep_value(value)) if value is not None else []


@dataclass(slots=True, kw_only=True)
class Walker:
    """Recursion over stored blocks together with their definitions."""

    change: Change
    language: str
    changed: bool = False

    def walk(self, block: Any, raw: Any, path: str, label: str) -> Any:
        # The block of words to avoid, which only lists them, is left out.
        if raw is None or getattr(block.meta, "names_words", False):
            return raw
        if isinstance(block, blocks.StreamBlock):
            return [
                self._item(each, block.child_blocks.get(each["type"]), f"{path}.{number}", label)
                for number, each in enumerate(raw)
            ]
        if isinstance(block, blocks.ListBlock):
            return [self._entry(each, block.child_block, f"{path}.{number}", label) for number, each in enumerate(raw)]
        if isinstance(block, blocks.StructBlock):
            return self._parts(raw, block.child_blocks, path, label) if isinstance(raw, dict) else raw
        if isinstance(block, blocks.RichTextBlock):
            return self._text(raw, path, label, is_html=True)
        if isinstance(block, blocks.CharBlock | blocks.TextBlock):
            return self._text(raw, path, label, is_html=False)
        return raw

    def _item(self, item: dict[str, Any], block: Any, path: str, label: str) -> dict[str, Any]:
        if block is None or isinstance(block, blocks.BlockQuoteBlock):  # unknown, or a quotation of other people
            return item
        return {**item, "value": self.walk(block, item["value"], path, label + BELOW + name_of(block))}

    def _entry(self, entry: Any, block: Any, path: str, label: str) -> Any:
        if is_entry(entry):
            return {**entry, "value": self.walk(block, entry["value"], path, label)}
        return self.walk(block, entry, path, label)

    def _parts(self, parts: dict[str, Any], children: Any, path: str, label: str) -> dict[str, Any]:
        return {
            name: self.walk(children[name], each, f"{path}.{name}", label + BELOW + name_of(children[name]))
            if name in children
            else each
            for name, each in parts.items()
        }

    def _text(self, raw: Any, path: str, label: str, *, is_html: bool) -> Any:
        text = str(raw)
        new = self.change(Passage(path=path, label=label, text=text, language=self.language, is_html=is_html))
        self.changed = self.changed or new != text
        return new


def is_entry(entry: Any) -> bool:
    """Return whether an entry of a list is stored with an id, as Wagtail does now, or as a plain value."""
    return isinstance(entry, dict) and entry.get("type") == "item" and "value" in entry


def name_of(block: Any) -> str:
    return capfirst(str(block.label or block.name))


# --- Texts shown with a page and stored elsewhere ---


def media_passages(thing: models.Model) -> list[Passage]:
    """Return the texts of the pictures and files of `thing`: descriptions, credits, titles of files."""
    language = language_of(thing) or settings.LANGUAGE_CODE
    pictures, documents = media_of(thing)
    media: list[tuple[Any, tuple[str, ...]]] = []
    if pictures:
        media.append((Picture.objects.filter(pk__in=pictures), ("description", "credit")))
    if documents:
        media.append((UploadedDocument.objects.filter(pk__in=documents), ("title",)))
    found = [_of_medium(each, name, language) for rows, fields in media for each in rows for name in fields]
    return [each for each in found if each.text.strip()]


def _of_medium(medium: Picture | UploadedDocument, name: str, language: str) -> Passage:
    what = capfirst(str(medium._meta.verbose_name))
    return Passage(
        path=f"{medium._meta.model_name}.{medium.pk}.{name}",
        label=f"{what} “{medium.title}”{BELOW}{capfirst(str(medium._meta.get_field(name).verbose_name))}",
        text=getattr(medium, name),
        language=language,
        owner=medium,
    )


def media_of(thing: models.Model) -> tuple[set[int], set[int]]:
    """Return the keys of the pictures and of the files that a page refers to in its fields and blocks."""
    pictures: set[int] = set()
    documents: set[int] = set()

    for each in type(thing)._meta.concrete_fields:
        related = each.related_model
        if related in (Picture, UploadedDocument) and (key := getattr(thing, each.attname)):
            (pictures if related is Picture else documents).add(key)
        if isinstance(each, StreamField):
            value = getattr(thing, each.name)
            for block, raw in leaves(each.stream_block, stored(each, value)):
                if isinstance(block, ImageChooserBlock | DocumentChooserBlock) and isinstance(raw, int):
                    (pictures if isinstance(block, ImageChooserBlock) else documents).add(raw)
    return pictures, documents


def leaves(block: Any, raw: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each innermost block of a stored value with its value."""
    if isinstance(block, blocks.StreamBlock):
        for each in raw or ():
            if (child := block.child_blocks.get(each["type"])) is not None:
                yield from leaves(child, each["value"])
    elif isinstance(block, blocks.ListBlock):
        for each in raw or ():
            yield from leaves(block.child_block, each["value"] if is_entry(each) else each)
    elif isinstance(block, blocks.StructBlock) and isinstance(raw, dict):
        for name, child in block.child_blocks.items():
            yield from leaves(child, raw.get(name))
    else:
        yield block, raw
