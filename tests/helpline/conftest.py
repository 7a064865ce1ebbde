"""Two people, and a listing before and after they have approved it."""

import pytest

from tests.factories.helpline import ProgrammeFactory, StaffFactory
from tests.support.scenes import scene


@pytest.fixture
def anna():
    return StaffFactory()


@pytest.fixture
def ben():
    return StaffFactory()


@pytest.fixture
def draft(anna):
    """What Anna has written."""
    programme = ProgrammeFactory(checked=True)
    programme.save_revision(user=anna)
    return programme


@pytest.fixture
@scene
def shown():
    """What two people have approved."""
    return ProgrammeFactory(approved=True)
