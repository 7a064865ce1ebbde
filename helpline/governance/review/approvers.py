"""Second persons for a version: their names, and a way to become one by taking one's own changes back.

Reviewers who have changed something in a version cannot approve it.
If all who may approve it have changed it, one of them takes their own changes back.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import page_permission_policy

from core.languages.names import joined
from core.publishing import account_changes, approval
from helpline.approval.authorship import ABSENT, Authorship, Fact, Value
from helpline.approval.mixins import SecondPerson
from helpline.approval.rule import (
    NotApprovedError,
    User,
    changes_since_approval,
    last_approved,
    lock_row,
    other_authors_since_approval,
)
from helpline.approval.versions import child_model, content_of, in_words

type Written = Mapping[Fact, Authorship]

# The number of people that a sentence names.
NAMED = 8


@dataclass(frozen=True, slots=True)
class PossibleApprovers:
    """People who can approve the newest version, or the reason why there are none.

    Each is a sentence, or empty.
    """

    who: str = ""
    blocker: str = ""


def people_who_may_approve(listing: SecondPerson) -> QuerySet[AbstractUser]:
    """Return the users who may publish this.

    For a page, this depends on the permissions of their groups at its place in the tree, for a record on its model.
    """
    found: QuerySet[AbstractUser] = (
        page_permission_policy.users_with_permission_for_instance("publish", listing)
        if isinstance(listing, Page)
        else ModelPermissionPolicy(type(listing)).users_with_permission("publish")
    )
    return found


def second_person(listing: SecondPerson, written: Written) -> PossibleApprovers:
    """Return the people who can approve the changes in `written`.

    The number of queries does not depend on the number of users.
    """
    approvers = sorted(people_who_may_approve(listing), key=str)
    others = other_authors_since_approval(listing)
    authors = {change.author for change in written.values()} | others
    changes = account_changes.recent()
    free = [
        user
        for user in approvers
        if authors - {user.pk, None} and approval.may_approve(user.pk, authors, changes=changes)
    ]
    if free:
        return PossibleApprovers(who=_("It can be approved by: %(people)s.") % {"people": named(free)})
    if not authors - {None}:
        return PossibleApprovers()  # not checked by a person yet, which the reasons say
    if not approvers:
        return PossibleApprovers(
            blocker=_("No user has a role that can approve this. An administrator has to assign one.")
        )
    if waiting := [user for user in approvers if user.pk not in authors]:
        message = _(
            "Those who may approve cannot do so yet, because an account was created or changed a short time ago: "
            "%(people)s."
        )
        return PossibleApprovers(blocker=message % {"people": named(waiting)})
    # If a draft is taken back, a translated text returns with the next translation.
    stuck = [user for user in approvers if user.pk not in others and authors - {user.pk, None}]
    if stuck and last_approved(listing) is not None:
        said = joined(
            _("%(person)s (%(facts)s)") % {"person": user, "facts": in_words(type(listing), facts_of(written, user))}
            for user in stuck[:NAMED]
        )
        message = _(
            "Everyone who may approve has changed something in this version: %(people)s. Any of them who takes back "
            "their own changes can approve the rest."
        )
        return PossibleApprovers(blocker=message % {"people": said})
    message = _(
        "A person is missing: everyone who may approve has changed this version (%(people)s). An administrator has "
        "to give another user a role that can approve."
    )
    return PossibleApprovers(blocker=message % {"people": named(approvers)})


def named(people: Iterable[AbstractUser]) -> str:
    return joined(str(user) for user in list(people)[:NAMED])


def facts_of(written: Written, user: User) -> list[Fact]:
    """Return the facts whose value in this version is this user's."""
    return [fact for fact, change in written.items() if change.author == user.pk]


@transaction.atomic
def take_back(*, listing: SecondPerson, by: User) -> str:
    """Save a draft without the changes that `by` has made since the last approval, and return the names of those facts.

    Raises NotApprovedError if there are none, or if nothing was ever approved that they could go back to.
    """
    lock_row(listing)
    row = type(listing)._default_manager.get(pk=listing.pk)
    written = changes_since_approval(row)
    own = facts_of(written, by)
    approved = last_approved(row)
    if not own or approved is None:
        raise NotApprovedError(_("You have changed nothing here that could be taken back."))
    content = deepcopy(row.latest_revision.content)
    # First whether a child exists, then its fields.
    for fact in sorted(own, key=lambda fact: bool(fact[-1])):
        _put(content, type(row), fact, written[fact].otherwise, row)
    for name, children in content_of(approved).items():
        if child_model(type(row), name) is not None and (name, "") not in written.keys() - set(own):
            _in_order(content[name], [child["uuid"] for child in children])
    revision = row.with_content_json(content).save_revision(user=by, clean=False)
    facts = in_words(type(row), own)
    reason = _("Took back their own changes: %(facts)s.") % {"facts": facts}
    log(instance=row, action="helpline.note", user=by, revision=revision, data={"reason": reason})
    return facts


def _put(content: dict[str, Value], model: type[Model], fact: Fact, value: Value, row: SecondPerson) -> None:
    """Give a fact another value."""
    if child_model(model, fact[0]) is None:
        content[fact[0]] = value
        return
    if len(fact) < 3:
        return  # their order, which comes last
    name, uuid, field = fact
    children = content[name]
    child = next((each for each in children if each["uuid"] == uuid), None)
    if not field and value is ABSENT:
        children.remove(child)
    elif not field:
        children.append(_as_it_was(row, name, uuid))
    elif child is not None and value is not ABSENT:
        child[field] = value


def _as_it_was(row: SecondPerson, name: str, uuid: str) -> dict[str, Value]:
    """Return a child as the newest version had it that still had it."""
    for revision in row.revisions.order_by("-created_at", "-pk"):
        for child in revision.content[name]:
            if child["uuid"] == uuid:
                return deepcopy(child)
    raise LookupError(uuid)


def _in_order(children: list[dict[str, Value]], approved: list[str]) -> None:
    """Put the approved children into their approved order, each in the place of another.

    New ones stay in place.
    """
    places = [at for at, child in enumerate(children) if child["uuid"] in approved]
    known = sorted((children[at] for at in places), key=lambda child: approved.index(child["uuid"]))
    for at, child in zip(places, known, strict=True):
        children[at] = child
    for at, child in enumerate(children):
        child["sort_order"] = at
