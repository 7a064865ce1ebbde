"""Two people, and a listing before and after they have approved it."""

import pytest

from core.publishing import printing
from helpline.exchange.publishing import OpenApi
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


@pytest.fixture
def without_api(monkeypatch):
    """Print nothing of the HSDS API, which has tests of its own: as soon as one programme is listed, most addresses are its own."""
    kinds = [kind for kind in printing.registered() if not isinstance(kind, OpenApi)]
    monkeypatch.setattr(printing, "_registry", kinds)
