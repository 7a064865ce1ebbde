"""The law of a country answers what a listing does not say itself: under the country's name, in every language, after two people."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from helpline.models import CountryLaw, LawText

pytestmark = pytest.mark.django_db


def test_tmp(languages):
    call_command("import_laws", verbosity=0)
    assert CountryLaw.objects.count() == 40
    assert LawText.objects.count() > 40
    for law in CountryLaw.objects.all():
        print(law, "|", law.rule_of_place, "|", law.recipients)
