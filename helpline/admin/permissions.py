"""Permissions to change each kind of listing: programmes, support lines, laws."""

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import Model
from django.urls import reverse

from helpline.records.laws import CountryLaw
from helpline.records.listings import Listing
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine

KINDS: dict[str, type[Listing]] = {
    "programme": Programme,
    "supportline": SupportLine,
    "countrylaw": CountryLaw,
}


def may_change(user: AbstractUser | AnonymousUser, model: type[Model]) -> bool:
    return bool(user.has_perm(f"helpline.change_{model._meta.model_name}"))


def models_for(user: AbstractUser | AnonymousUser) -> list[type[Listing]]:
    """Return the kinds of listing that a user may change."""
    return [model for model in KINDS.values() if may_change(user, model)]


def edit_url(listing: Listing) -> str:
    return reverse(listing.snippet_viewset.get_url_name("edit"), args=[listing.pk])
