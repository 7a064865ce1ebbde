"""P12: a number that is withdrawn leaves every address before anything else is rendered.

Shown by order, with 5,000 addresses waiting: how long a machine takes for the batches of a withdrawal is no test's
business.
"""

import io
from collections.abc import Callable
from itertools import cycle

import pytest
from pypdf import PdfReader

from core.models import LanguageState
from helpline.exchange.open_data.publishing import OpenApi, OpenData
from helpline.finder.publishing import HelpPages
from helpline.finder.sharing.publishing import SharedPages
from helpline.governance import services
from helpline.models import Programme
from helpline.vocabulary.codes import LineKind
from prerender import invalidation
from prerender.models import Kind, PendingChange, PendingPath
from prerender.rendering.batches import RenderOutcome
from prerender.services import make_all_due, render_all, render_due
from prerender.store.files import FileStore
from tests.factories.helpline import FinderPageFactory, ProgrammeFactory, StaffFactory, SupportLineFactory
from tests.promises.mutants import Mutant, of
from tests.support.cached_fixtures import cached_fixture

pytestmark = pytest.mark.django_db

NUMBER = "23125000"
WAITING = 5000
URGENCY = PendingPath.Urgency


class WithdrawnError(Exception):
    """No address of the withdrawal is due any more."""


@pytest.fixture(autouse=True)
def _helpline_alone(declare: Callable[..., None], settings) -> None:
    settings.INTERFACE_LANGUAGES = ["en"]
    declare(routes=[HelpPages(), SharedPages(), OpenData(), OpenApi()])


@pytest.fixture
@cached_fixture
def programme(home) -> Programme:
    """A programme whose number is on every kind of address, all of which are rendered."""
    LanguageState.objects.exclude(locale__language_code="en").update(state=LanguageState.State.RETIRED)
    FinderPageFactory(parent=home)
    for kind, number in ((LineKind.EMERGENCY, "112"), (LineKind.SUICIDE_CRISIS, "116123")):
        SupportLineFactory(kind=kind, number=number, approved=True)
    ProgrammeFactory(contacts=[{"channel": "phone", "number": "+493011111111", "languages": ["de"]}], approved=True)
    programme = ProgrammeFactory(approved=True)
    render_all()
    return programme


def holders() -> set[str]:
    """Return the names of the public files that hold the number."""
    folder = FileStore()
    return {name for name in folder.names() if NUMBER in "".join(text_of(name, folder).split())}


def text_of(name: str, folder: FileStore) -> str:
    content = (folder.root / name).read_bytes()
    if name.endswith(".pdf"):
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode(errors="replace")


def fill_the_queue() -> None:
    """Have addresses of each other urgency wait."""
    PendingPath.objects.bulk_create(
        PendingPath(path=f"/en/waiting/{number}/", kind=Kind.OTHER, urgency=urgency)
        for number, urgency in zip(range(WAITING), cycle([URGENCY.NOW, URGENCY.SOON, URGENCY.WHOLE_SITE]))
    )


def hide(programme: Programme) -> None:
    services.hide(listing=programme, by=StaffFactory(), reason="A stranger answers.")


def close(programme: Programme) -> None:
    services.close(listing=programme, by=StaffFactory(), reason="Their letter.")


def delist(programme: Programme) -> None:
    services.delist(listing=programme, by=StaffFactory(), reason="A stranger answers.")


def delete(programme: Programme) -> None:
    programme.delete()


def withdraw_number(programme: Programme) -> None:
    services.withdraw_number(
        listing=programme, number=f"+4930{NUMBER}", by=StaffFactory(), reason="A stranger answers."
    )


def withdraw_before_an_upgrade(programme: Programme) -> None:
    hide(programme)
    make_all_due()
    fill_the_queue()


def check(programme: Programme, withdraw: Callable[[Programme], None]) -> None:
    """Withdraw the number with a full queue, and render the batches of the withdrawal."""
    fill_the_queue()
    withdraw(programme)

    def stop(outcome: RenderOutcome) -> None:
        if not PendingPath.objects.filter(urgency=URGENCY.WITHDRAWN).exists():
            raise WithdrawnError

    with pytest.raises(WithdrawnError):
        render_due(progress=stop)
    assert holders() == set()
    assert PendingPath.objects.filter(path__startswith="/en/waiting/").count() == WAITING


class TestWithdrawnNumber:
    def test_was_on_every_kind_of_address(self, programme):
        kinds = (
            "en/help/index.html", "en/help/de/index.html", "en/embed/de/index.html",
            f"en/help/listing/{programme.uuid}/index.html", f"en/help/handouts/{programme.uuid}-en.pdf",
            "en/help/handouts/de-en.pdf", "open-data/programmes.csv",
        )  # fmt: skip

        found = holders()
        assert set(kinds) - found == set()
        assert [name for name in found if name.startswith("hsds/")] != []

    @pytest.mark.parametrize(
        "withdraw",
        [hide, close, delist, delete, withdraw_number, withdraw_before_an_upgrade],
        ids=lambda do: do.__name__,
    )
    def test_leaves_all_of_them_before_anything_else_is_rendered(self, programme, withdraw):
        check(programme, withdraw)

    def test_waits_for_no_other_change_to_be_looked_at(self, programme, monkeypatch):
        """As an import of a thousand listings makes, each of which takes a while to be looked at."""
        PendingChange.objects.bulk_create(PendingChange(pattern=f"/en/waiting/{number}/") for number in range(1000))
        hide(programme)

        invalidation.expand_changes()

        assert set(PendingPath.objects.values_list("urgency", flat=True)) == {URGENCY.WITHDRAWN}
        assert PendingChange.objects.count() == 1000


class TestMutants:
    @pytest.mark.parametrize("mutant", of("P12"))
    def test_are_noticed(self, mutant: Mutant, programme, monkeypatch):
        withdraw = getattr(self, mutant.change.leak)(monkeypatch)
        with pytest.raises(AssertionError):
            check(programme, withdraw)

    def hurry(self, patch: pytest.MonkeyPatch) -> Callable[[Programme], None]:
        patch.setattr(invalidation, "is_withdrawal", lambda changed, *, deleted=False: False)
        return hide

    def deletion(self, patch: pytest.MonkeyPatch) -> Callable[[Programme], None]:
        real = HelpPages.withdraws
        patch.setattr(HelpPages, "withdraws", lambda self, changed, *, deleted: real(self, changed, deleted=False))
        return delete

    def upgrade(self, patch: pytest.MonkeyPatch) -> Callable[[Programme], None]:
        def forget(programme: Programme) -> None:
            hide(programme)
            PendingChange.objects.update(is_withdrawal=False)
            make_all_due()
            fill_the_queue()

        return forget
