"""Content of the versions of a record, without bookkeeping, and how two versions differ."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils.translation import ngettext
from modelcluster.models import get_all_child_relations, get_serializable_data_for_fields
from wagtail.models import DraftStateMixin, LockableMixin, Orderable, Revision, RevisionMixin

from core.languages.names import joined
from core.publishing.approval import Content
from helpline.approval.authorship import Fact, Value, comparable

# Fields without content for readers: drafts, locks and order of the record, and our own bookkeeping.
BOOKKEEPING = frozenset(
    field.name
    for mixin in (DraftStateMixin, LockableMixin, RevisionMixin, Orderable)
    for field in mixin._meta.fields
) | {
    "pk", "standing", "scan_grade", "checked_by",
    # Of a page: its place in the tree, its bookkeeping, and the day for which it is rendered.
    "path", "depth", "numchild", "url_path", "draft_title", "latest_revision_created_at", "owner", "alias_of",
    "wagtail_admin_comments", "rendered_for",
}  # fmt: skip
# The foreign key of a part to its record.
# It is ignored only within the record: a text of a programme is approved on its own.
PARENT = frozenset({"programme"})

# The number of facts that a sentence names.
FACTS_NAMED = 6


class Versioned(Protocol):
    """A record or page whose versions are kept as revisions."""

    def serializable_data(self) -> dict[str, Value]: ...


def content_of(row: Versioned) -> dict[str, Value]:
    """Return the content of a row as a revision would hold it, with a value for each field of today's model."""
    plain: dict[str, Value] = json.loads(json.dumps(row.serializable_data(), cls=DjangoJSONEncoder))
    return plain


def digest(revision: Revision) -> str:
    """Return a hash of the content of a revision, bookkeeping apart."""
    return digest_of(revision.content)


def digest_of(content: Content) -> str:
    plain = {name: _plain(value) for name, value in content.items() if name not in BOOKKEEPING}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def whole_content(model: type[Model], content: Content) -> dict[str, Value]:
    """Return the content of a revision without bookkeeping.

    Fields that were added to the model since have their defaults.
    """
    whole: dict[str, Value] = {}
    for name, value in {**_defaults(model), **content}.items():
        if name in BOOKKEEPING:
            continue
        plain = _plain(value)
        child = child_model(model, name)
        whole[name] = plain if child is None else [{**_plain(_defaults(child)), **each} for each in plain]
    return whole


def _defaults(model: type[Model]) -> dict[str, Value]:
    new = model()
    return {
        field.name: field.value_from_object(new)
        for field in model._meta.concrete_fields
        if field.serialize and not field.unique and not field.is_relation  # type: ignore[attr-defined]
    }


def child_model(model: type[Model], name: str) -> type[Model] | None:
    """Return the model of the children that a revision keeps under this name, or None if it is a field."""
    relations = {each.get_accessor_name(): each.related_model for each in get_all_child_relations(model)}
    return relations.get(name)


def part_facts(part: Model) -> dict[str, Value]:
    """Return the content of a child as a revision of its record would hold it."""
    plain: dict[str, Value] = _plain(get_serializable_data_for_fields(part))
    return plain


def changed_fields(before: Content, after: Content) -> Iterator[tuple[str, tuple[Value, Value]]]:
    """Yield the fields that differ between the contents of two revisions, with both values.

    Children count as one field.
    """
    for name in sorted({*before, *after} - BOOKKEEPING):
        old, new = _plain(before.get(name)), _plain(after.get(name))
        if comparable(old) != comparable(new):
            yield name, (old, new)


def changed_facts(before: Content, after: Content) -> set[str]:
    """Return the names of the facts that differ; those of children (contact points) as `contact_points.number`."""
    names = set()
    for name, (old, new) in changed_fields(before, after):
        if not (isinstance(new, list) and all(isinstance(item, dict) for item in [*(old or ()), *new])):
            names.add(name)
            continue
        was = {item["uuid"]: item for item in old or ()}
        now = {item["uuid"]: item for item in new}
        found = set()
        for key in was.keys() | now.keys():
            found |= {f"{name}.{field}" for field, _values in changed_fields(was.get(key, {}), now.get(key, {}))}
        names |= found or {name}  # only their order differs
    return names


def in_words(model: type[Model], facts: Iterable[Fact]) -> str:
    """Return the names of facts as the forms of the admin have them, each once, and not more than a sentence holds."""
    facts = list(facts)
    labels: dict[str, None] = {}
    for fact in facts:
        child = child_model(model, fact[0])
        # Fields of an added or removed child are not listed.
        whole = child is not None and (fact[-1] == "" or (*fact[:-1], "") in facts)
        owner, name = (model, fact[0]) if child is None else (child, fact[-1])
        field = None if whole else owner._meta.get_field(name)
        if field is None or field.editable:
            named = owner._meta.verbose_name_plural if field is None else field.verbose_name  # type: ignore[union-attr]
            labels[str(named)] = None
    more = len(labels) - FACTS_NAMED
    if more > 1:
        return joined([*list(labels)[:FACTS_NAMED], ngettext("%(n)d more", "%(n)d more", more) % {"n": more}])
    return joined(labels)


def _plain(value: Value) -> Value:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if name not in BOOKKEEPING | PARENT}
    if isinstance(value, str):
        return _sorted_blocks(value)
    if value is None or isinstance(value, int | float):
        return value
    # A new revision holds dates, and one from the database holds their text.
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _sorted_blocks(text: str) -> str:
    """Return a text of blocks with its keys sorted, because the database and a revision order them differently.

    Any other text is returned as it is.
    """
    if not text.startswith("[{"):
        return text
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text
