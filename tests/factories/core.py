"""Factories for pages: minimal by default, traits for situations."""

from typing import Any

import factory
from django.core.mail import EmailMessage
from django.db import transaction
from wagtail.models import Locale, Page

from core.mail import outbox
from core.mail.kinds import serialize_message
from core.models import OutgoingMail
from home.models import HomePage, StandardPage
from tests.support.publishing import publish_page


class PageFactory(factory.django.DjangoModelFactory[Page]):
    """A live page below `parent` (given, or the deepest home page there is)."""

    class Meta:
        abstract = True
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Page {n}")
    slug = factory.Sequence(lambda n: f"page-{n}")

    @classmethod
    def _create(cls, model_class: type[Page], *args: Any, parent: Page | None = None, **kwargs: Any) -> Page:
        parent = parent or HomePage.objects.first()
        kwargs.setdefault("locale", parent.locale if not parent.is_root() else Locale.get_default())
        page = model_class(*args, **kwargs)
        with transaction.atomic():  # so that it is rendered once
            parent.add_child(instance=page)
            publish_page(page)
        page.refresh_from_db()
        return page


class HomePageFactory(PageFactory):
    class Meta:
        model = HomePage

    title = "Home"
    slug = "home"


class StandardPageFactory(PageFactory):
    class Meta:
        model = StandardPage


class OutgoingMailFactory(factory.django.DjangoModelFactory[OutgoingMail]):
    """A message in the outbox, to a user of the admin."""

    class Meta:
        model = OutgoingMail

    kind = outbox.ADMIN
    recipient = factory.Sequence(lambda n: f"person-{n}@example.org")
    data = factory.LazyFunction(lambda: serialize_message(EmailMessage("Subject", "Words.")))
