"""Factories for listings: minimal by default, traits for situations.

Telephone numbers of programmes are from an unassigned range.
"""

import datetime as dt
from functools import cache
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, Permission
from django.db import models
from django.db.models import Q
from django.utils import timezone
from wagtail.models import Locale

from helpline.governance import services
from helpline.governance.review.decisions import points_asked
from helpline.models import (
    CheckPage,
    ContactPoint,
    CountryLaw,
    FinderPage,
    GuidePage,
    LawText,
    Programme,
    ProgrammeText,
    SupportLine,
)
from helpline.vocabulary.codes import LineKind, Status
from tests.factories.core import PageFactory
from tests.support.checklist import all_yes


@cache
def permission_keys(codenames: tuple[str, ...] | None) -> list[int]:
    """Return the keys of permissions, all those of the helpline by default.

    Migrations make them, so they are the same in every test.
    """
    known = Q(content_type__app_label="helpline") if codenames is None else Q(codename__in=codenames)
    return [*Permission.objects.filter(known).values_list("pk", flat=True)]


class StaffFactory(factory.django.DjangoModelFactory[Any]):
    """A member of staff in the admin."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"staff-{n}@example.org")

    @factory.post_generation
    def permissions(self: Any, create: bool, extracted: list[str] | None, **kwargs: Any) -> None:
        """Permissions by codename; all those of the helpline if none are given."""
        self.user_permissions.add(*permission_keys(None if extracted is None else tuple(extracted)))


class FinderPageFactory(PageFactory):
    class Meta:
        model = FinderPage

    title = "Find support"
    slug = "help"


class CheckPageFactory(PageFactory):
    class Meta:
        model = CheckPage

    title = "How these pages work"
    slug = "how-these-pages-work"


class GuidePageFactory(PageFactory):
    class Meta:
        model = GuidePage


def approve(listing: Any, *, by: tuple[AbstractBaseUser, AbstractBaseUser] | None = None) -> Any:
    """Have two people approve a listing: one writes it, the other completes the checklist and publishes it."""
    writer, approver = by or (StaffFactory(), StaffFactory())
    second_person(listing, listing.save_revision(user=writer), approver)
    listing.refresh_from_db()
    return listing


def approve_as_checked(listing: Any) -> None:
    """Have two people approve a listing, checked today unless it says otherwise."""
    listing.status = listing.status if listing.status != Status.DRAFT else Status.VERIFIED
    listing.checked_on = listing.checked_on or timezone.localdate()
    listing.checked_source = listing.checked_source or "https://service.example/contact"
    approve(listing)


def second_person(listing: Any, revision: Any, approver: Any, reason: str = "read its page") -> None:
    """Approve a revision as the second person, who answers each point of the checklist with yes."""
    checklist = all_yes(points_asked(listing=listing, revision=revision))
    services.approve(listing=listing, revision=revision, by=approver, reason=reason, checklist=checklist)


class ListingFactory(factory.django.DjangoModelFactory[Any]):
    """An unverified draft; with `approved=True`, shown to the public, and checked today unless it says otherwise."""

    class Meta:
        abstract = True
        skip_postgeneration_save = True

    live = False

    class Params:
        checked = factory.Trait(
            status=Status.VERIFIED,
            checked_on=factory.LazyFunction(timezone.localdate),
            checked_source="https://service.example/contact",
        )

    @factory.post_generation
    def approved(self: Any, create: bool, extracted: bool, **kwargs: Any) -> None:
        if extracted:
            approve_as_checked(self)


class ProgrammeFactory(ListingFactory):
    class Meta:
        model = Programme

    name = factory.Sequence(lambda n: f"Programme {n}")
    countries = ["de"]
    audiences = ["self_thoughts", "self_behaviour"]
    website = "https://programme.example/"

    @factory.post_generation
    def contacts(self: Any, create: bool, extracted: list[dict[str, Any]] | None, **kwargs: Any) -> None:
        """Create contact points, by default a German phone, before `approved` reads the programme."""
        points = (
            extracted
            if extracted is not None
            else [
                {
                    "channel": "phone",
                    "number": "+493023125000",
                    "languages": ["de"],
                    "timezone": "Europe/Berlin",
                }
            ]
        )
        self.contact_points = [ContactPoint(sort_order=at, **point) for at, point in enumerate(points)]
        self.save()

    # Declared again so that it comes after the contact points.
    @factory.post_generation
    def approved(self: Any, create: bool, extracted: bool, **kwargs: Any) -> None:
        if extracted:
            approve_as_checked(self)


class SupportLineFactory(ListingFactory):
    """A line of one country, `country`, or of several, `countries`."""

    class Meta:
        model = SupportLine

    class Params:
        country = "de"

    name = factory.Sequence(lambda n: f"Line {n}")
    kind = LineKind.SUICIDE_CRISIS
    countries = factory.LazyAttribute(lambda made: [made.country])
    number = "116123"
    languages = ["de"]


class CountryLawFactory(ListingFactory):
    class Meta:
        model = CountryLaw

    country = "be"
    who_must_report = "none_general"
    trigger = "imminent_danger"
    secrecy = "may_speak"
    to_whom = ["prosecutor"]
    law = "Code pénal"
    article = "art. 352"
    reviewer = "Legal service, Example Foundation"


class LawTextFactory(factory.django.DjangoModelFactory[LawText]):
    class Meta:
        model = LawText
        skip_postgeneration_save = True

    live = False
    locale = factory.LazyFunction(Locale.get_default)
    law = factory.SubFactory(CountryLawFactory)
    words = "Nobody has to report you."

    @factory.post_generation
    def approved(self: Any, create: bool, extracted: bool, **kwargs: Any) -> None:
        if extracted:
            approve(self)


class ProgrammeTextFactory(factory.django.DjangoModelFactory[ProgrammeText]):
    class Meta:
        model = ProgrammeText
        skip_postgeneration_save = True

    live = False
    locale = factory.LazyFunction(Locale.get_default)
    programme = factory.SubFactory(ProgrammeFactory)
    summary = "People who listen."

    @factory.post_generation
    def approved(self: Any, create: bool, extracted: bool, **kwargs: Any) -> None:
        if extracted:
            approve(self)


def past_every_rule(row: Any, **values: Any) -> None:
    """Write values to a row without a form and without `save()`, as a migration or a SQL prompt would."""
    models.QuerySet(type(row)).filter(pk=row.pk).update(**values)


def days_ago(days: int) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=days)
