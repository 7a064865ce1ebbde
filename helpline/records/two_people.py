"""Two people for every listing, and for every help page.

Showing a listing or changing a fact takes two people: nothing that whoever publishes has changed since the last approval is in the version,
and something that another user has changed is (so what an import wrote has not been checked by anybody). Hiding, closing, an alert, fewer
countries for a support line, and a recheck that changes nothing take one person and effect at once.

The rule is enforced where publishing happens, in `SecondPerson.publish()`, so the admin's button, a workflow, a bulk action, a schedule, a
translation, an import and a superuser all pass it. `SecondPerson.save_base()` keeps anything else from publishing a listing, and from changing
what was approved. `ApprovedPart` applies the same to a child that is saved or deleted alone, `refuse_update()` to a queryset
(`helpline.records.querysets`). Whatever gets past all of them, such as a statement in a migration, `helpline.governance.integrity` finds
and hides. A second person approves with `helpline.governance.approval.approve()`.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from modelcluster.models import get_all_child_relations, get_serializable_data_for_fields
from wagtail.models import DraftStateMixin

from core.languages.names import joined
from helpline.records.authorship import WrittenVersion, authorships, comparable
from helpline.vocabulary.codes import CLOSED_STATUSES, Alert

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from wagtail.models import Revision

    from helpline.records.authorship import Authorship, Fact

# Fields about the record that say nothing to a reader.
BOOKKEEPING = frozenset(
    {
        "pk", "standing", "scan_grade", "live", "has_unpublished_changes", "first_published_at", "last_published_at", "live_revision", "latest_revision",
        "go_live_at", "expire_at", "expired", "locked", "locked_at", "locked_by", "sort_order", "checked_by",
        # Of a page: its place in the tree, what is noted beside it, and for which day it is printed.
        "path", "depth", "numchild", "url_path", "draft_title", "latest_revision_created_at", "owner", "alias_of",
        "wagtail_admin_comments", "printed_for",
    }
)  # fmt: skip
# The foreign key of a part to its record. It is ignored only within the record: a text of a programme is approved on its own.
PARENT = frozenset({"programme"})
# The fields that say whether a record is published, and which version of it.
SHOW = frozenset({"live", "live_revision"})
RECHECK = frozenset({"checked_on", "checked_source", "next_check_due"})

# How many facts a sentence names.
FACTS_NAMED = 6

ONLY_BY_PUBLISHING = gettext_lazy("Published content can only be changed by publishing another version.")


class NotApproved(PermissionDenied):
    """This person may not publish the listing now. The message tells an editor why."""


if TYPE_CHECKING:
    from wagtail.models import DraftStateMixin as _Base
else:
    # A page has the fields of that mixin already.
    _Base = models.Model


class SecondPerson(_Base):
    """What one person alone cannot publish: a record (`TwoPeople`) or a page. List it before Wagtail's own bases."""

    approvals = GenericRelation("helpline.Approval", for_concrete_model=False)

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        live: bool
        live_revision: Revision | None

    def reasons_not_to_show(self) -> Iterator[str]:
        """Yield what is missing before this can be approved, as sentences for editors."""
        return iter(())

    def says_nothing(self) -> bool:
        """Whether nobody has written anything in it yet, so that it may be shown as the software made it."""
        return False

    def other_authors(self, since: dt.datetime | None) -> set[int | None]:
        """Return the keys of those whose words are in the newest revision without having saved one since then."""
        return set()

    def publish(self, revision: Revision, user: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Publish a revision if the rule allows it. Raises NotApproved otherwise, and then nothing has changed."""
        with transaction.atomic():
            lock_row(self)
            ensure_approved(listing=self, revision=revision, by=user)
            return super().publish(revision, user, *args, **kwargs)

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Store the row, as `save()` does. An unpublished record stays a draft, whatever its `live` says, unless its revision is approved.

        A published record keeps the facts that were approved, or gets them back: raises NotApproved if others would become public.
        """
        fields = kwargs.get("update_fields")
        if fields is None or not BOOKKEEPING.issuperset(fields) or not SHOW.isdisjoint(fields):
            current = type(self)._default_manager.filter(pk=self.pk, live=True).first() if self.pk else None
            if not self.live:
                if current is not None:  # it is being hidden: showing it again takes two people again
                    self.approvals.update(is_withdrawn=True)
            elif current is None or current.live_revision_id != self.live_revision_id:
                if not is_approved(self, self.live_revision) and not (
                    current is None and self.says_nothing()
                ):
                    if current is not None:
                        raise NotApproved(_("Another version can only go live by publishing it."))
                    self.live = False
                    self.live_revision = None
            elif any(
                name
                for name, _values in changed_fields(content_of(current), content_of(self))
                if fields is None or name in fields
            ) and (fields is not None or differences(self) != []):
                raise NotApproved(ONLY_BY_PUBLISHING)
        super().save_base(*args, **kwargs)


class TwoPeople(SecondPerson, DraftStateMixin):
    """A record that one person alone cannot publish. List it before Wagtail's mixins of drafts and revisions."""

    class Meta:
        abstract = True


class ApprovedPart(models.Model):
    """A child of a record that takes two people. While the record is published, only values that were approved with it are stored.

    The record saves its children after its own row, when the approved version is already the one being published.
    """

    # The names of the foreign key to the record, and of its reverse relation.
    owner_field: str
    owner_relation: str

    class Meta:
        abstract = True

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Store the row, as `save()` does. Raises NotApproved if that would publish something that was not approved."""
        before = type(self)._default_manager.filter(pk=self.pk).first() if self.pk else None
        after = part_facts(self)
        owner = self._meta.get_field(self.owner_field).attname  # type: ignore[union-attr]
        moved = before is not None and getattr(before, owner) != getattr(self, owner)
        if before is None or moved or part_facts(before) != after:
            if after not in self._approved(getattr(self, owner), [after]):
                raise NotApproved(ONLY_BY_PUBLISHING)
            if before is not None and moved:
                before.check_removal()
        super().save_base(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete. Raises NotApproved if it is part of what was approved and is published."""
        self.check_removal()
        return super().delete(*args, **kwargs)

    def check_removal(self) -> None:
        """Raise NotApproved if it is part of what was approved with the published record."""
        if part_facts(self)["uuid"] in {part["uuid"] for part in self._approved(self._owner(), [])}:
            raise NotApproved(ONLY_BY_PUBLISHING)

    def _owner(self) -> Any:
        return type(self)._default_manager.values_list(self.owner_field, flat=True).get(pk=self.pk)

    def _approved(self, owner: Any, otherwise: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the parts as they were approved with the published record, or `otherwise` if it is not published."""
        model: Any = self._meta.get_field(self.owner_field).related_model
        record = model._default_manager.filter(pk=owner, live=True).select_related("live_revision").first()
        if record is None:
            return otherwise
        # An overwritten revision is no longer what was approved: then the stored parts stay as they are.
        known = record.live_revision.as_object() if is_approved(record, record.live_revision) else record
        return [part_facts(part) for part in getattr(known, self.owner_relation).all()]


def part_facts(part: Any) -> dict[str, Any]:
    """Return the content of a child as a revision of its record would hold it."""
    plain: dict[str, Any] = _plain(get_serializable_data_for_fields(part))
    return plain


def refuse_update(rows: models.QuerySet[Any], names: Iterable[str], *, live: str = "live") -> None:
    """Refuse a bulk statement that would change published content, or publish something. Raises NotApproved.

    `names` are the fields to be changed; `live` is the lookup of the field that says whether a row is published.
    """
    changed = {name.removesuffix("_id") for name in names}
    if not SHOW.isdisjoint(changed):
        raise NotApproved(_("Another version can only go live by publishing it."))
    if changed - BOOKKEEPING and rows.filter(**{live: True}).exists():
        raise NotApproved(ONLY_BY_PUBLISHING)


def refuse_insert(
    model: type[Any],
    rows: Iterable[Any],
    *,
    update_fields: Iterable[str],
    unique_fields: Iterable[str],
    live: str = "live",
) -> None:
    """Refuse to insert rows over others (`update_conflicts`) where that would change published content. Raises NotApproved."""
    for name in unique_fields:
        there = model._default_manager.filter(**{f"{name}__in": [getattr(row, name) for row in rows]})
        refuse_update(there, update_fields, live=live)
        return  # whatever else is unique can only leave fewer rows


def digest(revision: Revision) -> str:
    """Return a hash of the content of a revision, bookkeeping apart."""
    return digest_of(revision.content)


def digest_of(content: Mapping[str, Any]) -> str:
    plain = {name: _plain(value) for name, value in content.items() if name not in BOOKKEEPING}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def is_approved(listing: SecondPerson, revision: Revision | None) -> bool:
    """Whether `revision` was approved with its present content, and has not been hidden since."""
    if revision is None:
        return False
    return listing.approvals.valid().for_revision(revision_id=revision.pk, digest=digest(revision)).exists()


def differences(listing: SecondPerson) -> list[str] | None:
    """Return the fields in which what is published differs from what was approved; None if its version was not approved."""
    revision = listing.live_revision
    if revision is None or not is_approved(listing, revision):
        return None
    # A field added since then has its default in the approved version, too.
    return [name for name, _values in changed_fields(content_of(revision.as_object()), content_of(listing))]


def last_approved(listing: SecondPerson) -> Any:
    """Return the listing as it was last approved: the published one, or the last one before it was hidden. None if it never was."""
    current = type(listing)._default_manager.filter(pk=listing.pk, live=True).first()
    if current is not None:
        return current
    approval = listing.approvals.first()
    revision = listing.revisions.filter(pk=approval.revision_id).first() if approval else None
    # An author can overwrite a revision: then it is no longer what was approved.
    return revision.as_object() if revision is not None and digest(revision) == approval.digest else None


def lock_row(listing: SecondPerson) -> None:
    """Lock the row until the transaction ends, so that two approvals cannot overlap."""
    type(listing)._default_manager.select_for_update().get(pk=listing.pk)


def unanswered_message() -> str:
    return _("The checklist of the listing policy has not been answered for this version.")


def record_approval(listing: SecondPerson, revision: Revision, by: Any, **how: Any) -> None:
    listing.approvals.create(revision_id=revision.pk, digest=digest(revision), by=by, **how)


def ensure_approved(*, listing: SecondPerson, revision: Revision, by: Any) -> None:
    """Allow only an approved revision, or one that `by` may publish alone. Raises NotApproved otherwise.

    `by` is None for a schedule, which publishes what was approved when it was set, unless something newer has been approved since.
    """
    newest = listing.approvals.first()
    if (
        newest
        and not newest.is_withdrawn
        and (newest.revision_id, newest.digest) == (revision.pk, digest(revision))
    ):
        return
    with transaction.atomic():
        lock_row(listing)
        against = list(reasons_against(listing=listing, revision=revision, by=by))
        if against or not one_is_enough(listing=listing, revision=revision):
            raise NotApproved(" ".join([*against, unanswered_message()]))
        record_approval(listing, revision, by, rule="one")


def reasons_against(*, listing: SecondPerson, revision: Revision, by: Any) -> Iterator[str]:
    """Yield why `by` may not approve `revision`, as sentences; nothing if they may once the checklist is answered."""
    if by is None or not by.pk:
        yield _("Nobody is named as responsible for publishing this.")
        return
    if one_is_enough(listing=listing, revision=revision):
        return
    yield from revision.as_object().reasons_not_to_show()
    yield from reasons_against_person(listing=listing, by=by, revision=revision)


def reasons_against_person(
    *, listing: SecondPerson, by: Any, revision: Revision | None = None
) -> Iterator[str]:
    """Yield why `by` cannot be the second person for what has changed since the last approval, as sentences.

    `revision` is the version to approve: the newest, if it is not given.
    """
    authors = authors_since_approval(listing, revision)
    if by.pk in authors:
        written = changes_since_approval(listing, revision)
        own = [fact for fact, change in written.items() if change.author == by.pk]
        if own:
            message = _(
                "You have changed this since it was last approved (%(facts)s): a second person must approve it."
            )
            yield message % {"facts": in_words(type(listing), own)}
        else:
            yield _("You have changed this since it was last approved: a second person must approve it.")
    if not authors - {by.pk, None}:
        yield _(
            "Nobody else has checked this yet: one person checks and saves it first, then another approves it."
        )


def authors_since_approval(listing: SecondPerson, revision: Revision | None = None) -> set[int | None]:
    """Return the keys of those whose changes are in a version, the newest if none is given (None: an import, or a deleted user)."""
    authors = {change.author for change in changes_since_approval(listing, revision).values()}
    return authors | other_authors_since_approval(listing)


def other_authors_since_approval(listing: SecondPerson) -> set[int | None]:
    """Return the keys of those whose words have come into the newest version since then, although others have saved it."""
    last = listing.approvals.by_two().first()
    return listing.other_authors(last.at if last is not None else None)


def changes_since_approval(listing: SecondPerson, revision: Revision | None = None) -> dict[Fact, Authorship]:
    """Return who wrote each fact in which a version, the newest if none is given, differs from what two people last agreed on.

    A change that was taken back is in no version, so it has no author. A revision that one person was allowed to publish alone counts as
    approved.
    """
    model = type(listing)
    revisions = listing.revisions.order_by("created_at", "pk")
    last = listing.approvals.by_two().first()
    if last is not None:
        # An author can overwrite the newest revision: then its date is later than its approval.
        revisions = revisions.filter(models.Q(pk__gt=last.revision_id) | models.Q(created_at__gt=last.at))
    if revision is not None:
        revisions = revisions.filter(
            models.Q(created_at__lt=revision.created_at)
            | models.Q(created_at=revision.created_at, pk__lte=revision.pk)
        )
    alone = set(listing.approvals.by_one().values_list("revision_id", "digest"))
    steps = [
        WrittenVersion(whole_content(model, each.content), each.user_id, (each.pk, digest(each)) in alone)
        for each in revisions
    ]
    return authorships(whole_content(model, _content_agreed_on(listing, last)), steps)


def _content_agreed_on(listing: SecondPerson, last: Any) -> Mapping[str, Any]:
    """Return the content that two people last agreed on; nothing if they never did, or if it cannot be told any more."""
    if last is None:
        return {}
    revision = listing.revisions.filter(pk=last.revision_id).first()
    if revision is not None and digest(revision) == last.digest:
        return revision.content
    # It was overwritten or purged. The row still holds it, unless that was changed past the rule.
    current = type(listing)._default_manager.filter(pk=listing.pk, live=True).first()
    known = {approval.digest for approval in listing.approvals.filter(at__gte=last.at)}
    content = {} if current is None else content_of(current)
    return content if digest_of(content) in known else {}


def whole_content(model: type[Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a revision without bookkeeping, with the default of each field that has been added to the model since."""
    whole: dict[str, Any] = {}
    for name, value in {**_defaults(model), **content}.items():
        if name in BOOKKEEPING:
            continue
        plain = _plain(value)
        child = child_model(model, name)
        whole[name] = plain if child is None else [{**_plain(_defaults(child)), **each} for each in plain]
    return whole


def _defaults(model: type[Any]) -> dict[str, Any]:
    new = model()
    return {
        field.name: field.value_from_object(new)
        for field in model._meta.concrete_fields
        if field.serialize and not field.unique and not field.is_relation
    }


def child_model(model: type[Any], name: str) -> Any:
    """Return the model of the children that a revision keeps under this name; None if it is a field."""
    relations = {each.get_accessor_name(): each.related_model for each in get_all_child_relations(model)}
    return relations.get(name)


def in_words(model: type[Any], facts: Iterable[Fact]) -> str:
    """Return the names of facts as the forms of the desk have them, each once, and not more than a sentence holds."""
    facts = list(facts)
    labels: dict[str, None] = {}
    for fact in facts:
        child = child_model(model, fact[0])
        # Of a child that has come or gone, its fields say nothing more.
        whole = child is not None and (fact[-1] == "" or (*fact[:-1], "") in facts)
        owner, name = (model, fact[0]) if child is None else (child, fact[-1])
        field = None if whole else owner._meta.get_field(name)
        if field is None or field.editable:
            labels[str(owner._meta.verbose_name_plural if field is None else field.verbose_name)] = None
    more = len(labels) - FACTS_NAMED
    if more > 1:
        return joined([*list(labels)[:FACTS_NAMED], ngettext("%(n)d more", "%(n)d more", more) % {"n": more}])
    return joined(labels)


def one_is_enough(*, listing: SecondPerson, revision: Revision) -> bool:
    """Whether the revision only restricts or confirms what is published, so that one person may publish it."""
    current = type(listing)._default_manager.filter(pk=listing.pk).select_related("live_revision").first()
    if current is None or not current.live or not is_approved(current, current.live_revision):
        return False
    # Not the row: what got into it in another way is not approved by a mere confirmation.
    approved = content_of(current.live_revision.as_object())
    changed = dict(changed_fields(approved, content_of(revision.as_object())))
    status = changed.pop("status", None)
    if status is not None and status[1] not in CLOSED_STATUSES:
        return False
    if status is None and "closed_until" in changed and approved["status"] not in CLOSED_STATUSES:
        return False
    alert = changed.pop("alert", None)
    if alert is not None and alert[1] == Alert.NONE:
        return False
    countries = changed.pop("countries", None)
    if countries is not None and not (hasattr(listing, "kind") and only_fewer(*countries)):
        return False
    allowed = RECHECK | {"closed_until", "delisted_reason"}
    if alert is not None:
        allowed |= {"alert_note"}
    return changed.keys() <= allowed


def only_fewer(before: str, after: str) -> bool:
    """Whether a line only stops being shown in some of its countries. Both are lists of codes, as a revision holds them."""
    return set() < set(json.loads(after)) < set(json.loads(before))


def content_of(listing: Any) -> dict[str, Any]:
    """Return the content of a listing as a revision would hold it, with a value for each field of today's model."""
    plain: dict[str, Any] = json.loads(json.dumps(listing.serializable_data(), cls=DjangoJSONEncoder))
    return plain


def changed_fields(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield the fields that differ between the contents of two revisions, with both values; children count as one field."""
    for name in sorted({*before, *after} - BOOKKEEPING):
        old, new = _plain(before.get(name)), _plain(after.get(name))
        if comparable(old) != comparable(new):
            yield name, (old, new)


def changed_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
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
            found |= {
                f"{name}.{field}" for field, _values in changed_fields(was.get(key, {}), now.get(key, {}))
            }
        names |= found or {name}  # only their order differs
    return names


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if name not in BOOKKEEPING | PARENT}
    if isinstance(value, str):
        return _sorted_blocks(value)
    if value is None or isinstance(value, int | float):
        return value
    # A new revision still holds dates, one from the database holds their text.
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _sorted_blocks(text: str) -> str:
    """Return a text of blocks with its keys in one order, because the database keeps them in another than a revision; any other text as it is."""
    if not text.startswith("[{"):
        return text
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text
