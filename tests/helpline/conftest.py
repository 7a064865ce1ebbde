"""Two people, a listing before and after their approval, the admin with its roles, and pages as rendered."""

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache

from helpline.exchange.csv import tables
from helpline.exchange.csv.columns import PROGRAMMES, SUPPORT_LINES
from helpline.exchange.imports.kinds import DATA
from helpline.models import ContactPoint, Programme, SupportLine
from helpline.records.visibility import is_reachable
from helpline.vocabulary.codes import LineKind
from tests.factories.helpline import ProgrammeFactory, StaffFactory, SupportLineFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import store_setting
from users import roles


@pytest.fixture
def anna():
    return StaffFactory()


@pytest.fixture
def ben():
    return StaffFactory()


@pytest.fixture
def draft(anna):
    """Draft by Anna."""
    programme = ProgrammeFactory(checked=True)
    programme.save_revision(user=anna)
    return programme


@pytest.fixture
@cached_fixture
def shown():
    """Programme that two people have approved."""
    return ProgrammeFactory(approved=True)


@pytest.fixture
@cached_fixture
def lines():
    """Support lines that a help page requires to be public."""
    return [
        SupportLineFactory(approved=True, kind=LineKind.EMERGENCY, number="112", name="Emergency"),
        SupportLineFactory(
            approved=True,
            kind=LineKind.SUICIDE_CRISIS,
            number="116123",
            name="Night line",
            opening_hours="24/7",
        ),
    ]


@pytest.fixture
@cached_fixture
def admin_roles(home):
    """The roles in the admin, and their review workflows."""
    roles.sync()


@pytest.fixture
def sign_in(private):
    """Return a function that signs a user in to the admin with these permissions and no others."""

    def signed_in(*names, person=None):
        person = person or StaffFactory()
        person.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *names]))
        private.force_login(person)
        return private

    return signed_in


@pytest.fixture
def corrections(home):
    """Set the address for corrections, and reset all limits."""
    store_setting("helpline.HelplineSettings.corrections_email", "corrections@example.org")
    cache.clear()


@pytest.fixture
def demo(settings):
    settings.DEMO = True


@pytest.fixture
def read(public, settings):
    """Return a function that renders an address as the renderer does, and returns its text."""
    settings.RENDER_ON_REQUEST = True

    def read(path, status=200):
        answer = public.get(path)
        assert answer.status_code == status, path
        return answer.content.decode()

    return read


@pytest.fixture(scope="module")
def starter_programmes():
    """Return the programmes of the starter data, as an import makes them."""
    found = []
    for each in tables.parse(
        (DATA / "programmes.csv").read_bytes(), PROGRAMMES.columns, PROGRAMMES.optional + PROGRAMMES.staff
    ):
        parsed = PROGRAMMES.parse(each)
        made = Programme(**parsed.fields, **parsed.state, pk=each.number)
        made.contact_points = [ContactPoint(**point) for point in parsed.contacts or []]
        found.append(made)
    return [each for each in found if is_reachable(each)]


@pytest.fixture(scope="module")
def starter_lines():
    """Return the support lines of the starter data, as an import makes them."""
    found = tables.parse(
        (DATA / "support_lines.csv").read_bytes(), SUPPORT_LINES.columns, SUPPORT_LINES.optional + SUPPORT_LINES.staff
    )
    return [SupportLine(**SUPPORT_LINES.parse(each).fields) for each in found]
