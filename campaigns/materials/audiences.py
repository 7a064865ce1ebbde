"""Whom materials and toolkits are made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.codes import CodesField

if TYPE_CHECKING:
    from collections.abc import Iterable


class Readership(models.TextChoices):
    """One meaning for each code, in the order of the library. A row here, a column in no other table.

    They are people who use a material, not people who look for help: those are the audiences of the helpline.
    """

    EVERYBODY = "everybody", _("The general public")
    PARENTS = "parents", _("Parents and carers")
    TEACHERS = "teachers", _("Teachers and educators")
    HEALTH = "health", _("Nurses and health staff")
    JUSTICE = "justice", _("Police and courts")
    EMPLOYERS = "employers", _("Employers and clubs")
    JOURNALISTS = "journalists", _("Journalists")
    WORRIED = "worried", _("People who worry about themselves")

    @classmethod
    def named(cls) -> list[tuple[str, str]]:
        """Return (code, name) of each, in the active language."""
        return [(code.value, str(code.label)) for code in cls]

    @classmethod
    def in_order(cls, codes: Iterable[str]) -> list[Readership]:
        """Return these readers in the order of the table, without codes that it no longer has."""
        known = set(codes)
        return [code for code in cls if code.value in known]


class ReadershipsField(CodesField):
    names = Readership.named
    known = lambda: Readership.values  # noqa: E731  (a vocabulary is a function of no arguments)
    widget = forms.CheckboxSelectMultiple
