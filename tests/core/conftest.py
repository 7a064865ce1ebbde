"""Fixtures shared by several test modules of core."""

import pytest

from helpline.finder.pages import FinderPage
from helpline.vocabulary.codes import LineKind
from home.models import HomePage
from tests.factories.helpline import FinderPageFactory, SupportLineFactory


@pytest.fixture
def finder(home: HomePage) -> FinderPage:
    """Return the finder page, with the crisis lines that it needs to be public."""
    for kind, number in ((LineKind.EMERGENCY, "112"), (LineKind.SUICIDE_CRISIS, "+498001110111")):
        SupportLineFactory(approved=True, kind=kind, number=number)
    return FinderPageFactory(parent=home, introduction="You can talk to someone.")
