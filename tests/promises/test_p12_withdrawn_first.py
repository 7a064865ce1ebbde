"""P12: a number that is withdrawn leaves every address, and every mirror, before anything else is rendered or copied.

Shown by order, with 5,000 addresses waiting to be rendered and 5,000 files to be copied: how long a machine takes for
the batches of a withdrawal is no test's business.
"""

import gzip
import io
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import brotli
import pytest
from pypdf import PdfReader

from core.assets import storage
from core.models import LanguageState
from helpline.exchange.open_data.publishing import OpenApi, OpenData
from helpline.finder.publishing import HelpPages
from helpline.finder.sharing.publishing import SharedPages
from helpline.governance import services
from helpline.models import Programme
from helpline.vocabulary.codes import LineKind
from home.routes import Overview
from prerender import invalidation
from prerender.mirrors import pages
from prerender.mirrors.copying import Mirror
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
# Before all other pages in the order of their names, in which a mirror copies them.
WAITING_PAGES = "en/a/"


class WithdrawnError(Exception):
    """No address of the withdrawal is due any more."""


class NextPageError(Exception):
    """The mirror goes on to the next of the pages that waited."""


@pytest.fixture(autouse=True)
def _helpline_alone(declare: Callable[..., None], settings) -> None:
    settings.INTERFACE_LANGUAGES = ["en"]
    declare(routes=[Overview(), HelpPages(), SharedPages(), OpenData(), OpenApi()])


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


@pytest.fixture
def mirror(programme: Programme, settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    """A mirror of the rendered site, without static files."""
    settings.STATIC_ROOT = tmp_path / "static"
    monkeypatch.setattr(storage, "SHARED", tmp_path / "shared")
    root = tmp_path / "mirror"
    root.mkdir()
    mirror = Mirror(str(root))
    mirror.bring_up_to_date(begin=True)
    return mirror


def holders(root: Path) -> set[str]:
    """Return the names of the public files below a folder that hold the number, compressed ones included."""
    files = [file for file in root.rglob("*") if file.is_file() and not file.is_relative_to(FileStore().state)]
    return {str(file.relative_to(root)) for file in files if NUMBER in "".join(text_of(file).split())}


def text_of(file: Path) -> str:
    content = file.read_bytes()
    if file.suffix == ".pdf":
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    unpack = {".br": brotli.decompress, ".gz": gzip.decompress}.get(file.suffix, bytes)
    return unpack(content).decode(errors="replace")


def fill_the_queue() -> None:
    """Have addresses of each other urgency wait."""
    PendingPath.objects.bulk_create(
        PendingPath(path=f"/en/waiting/{number}/", kind=Kind.OTHER, urgency=urgency)
        for number, urgency in zip(range(WAITING), cycle([URGENCY.NOW, URGENCY.SOON, URGENCY.WHOLE_SITE]))
    )


def add_pages_to_copy() -> None:
    """Add pages to the rendered site, which come first in the order of their names."""
    (folder := FileStore().root / WAITING_PAGES).mkdir(parents=True)
    (first := folder / "0.html").write_bytes((FileStore().root / "index.html").read_bytes())
    for number in range(1, WAITING):
        (folder / f"{number}.html").hardlink_to(first)


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


def render(programme: Programme, withdraw: Callable[[Programme], None]) -> None:
    """Withdraw the number with a full queue, and render the batches of the withdrawal."""
    fill_the_queue()
    withdraw(programme)

    def stop(outcome: RenderOutcome) -> None:
        if not PendingPath.objects.filter(urgency=URGENCY.WITHDRAWN).exists():
            raise WithdrawnError

    with pytest.raises(WithdrawnError):
        render_due(progress=stop)
    assert holders(FileStore().root) == set()
    assert PendingPath.objects.filter(path__startswith="/en/waiting/").count() == WAITING


def check(programme: Programme, withdraw: Callable[[Programme], None], mirror: Mirror) -> None:
    """Withdraw the number as above, while a mirror is copying the first of many pages, and let it finish that page."""
    add_pages_to_copy()
    copied, real = [], pages.mirrored

    def mirrored(name: str, body: bytes) -> bytes:
        if name.startswith(WAITING_PAGES):
            if copied:
                raise NextPageError
            copied.append(name)
            render(programme, withdraw)
        return real(name, body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "mirrored", mirrored)
        with pytest.raises(NextPageError):
            mirror.bring_up_to_date(begin=False)
    assert holders(mirror.root) == set()


class TestWithdrawnNumber:
    def test_was_on_every_kind_of_address(self, programme):
        kinds = (
            "en/help/index.html", "en/help/de/index.html", "en/embed/de/index.html",
            f"en/help/listing/{programme.uuid}/index.html", f"en/help/handouts/{programme.uuid}-en.pdf",
            "en/help/handouts/de-en.pdf", "open-data/programmes.csv",
        )  # fmt: skip

        found = holders(FileStore().root)
        assert set(kinds) - found == set()
        assert [name for name in found if name.startswith("hsds/")] != []

    @pytest.mark.parametrize(
        "withdraw",
        [hide, close, delist, delete, withdraw_number, withdraw_before_an_upgrade],
        ids=lambda do: do.__name__,
    )
    def test_leaves_all_of_them_before_anything_else(self, programme, withdraw, mirror):
        check(programme, withdraw, mirror)

    def test_waits_for_no_other_change_to_be_looked_at(self, programme, monkeypatch):
        """As an import of a thousand listings makes, each of which takes a while to be looked at."""
        PendingChange.objects.bulk_create(PendingChange(pattern=f"/en/waiting/{number}/") for number in range(1000))
        hide(programme)

        invalidation.expand_changes()

        assert set(PendingPath.objects.values_list("urgency", flat=True)) == {URGENCY.WITHDRAWN}
        assert PendingChange.objects.count() == 1000


class TestMutants:
    @pytest.mark.parametrize("mutant", of("P12"))
    def test_are_noticed(self, mutant: Mutant, programme, mirror, monkeypatch):
        withdraw = getattr(self, mutant.change.leak)(monkeypatch)
        with pytest.raises(AssertionError):
            check(programme, withdraw, mirror)

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

    def later(self, patch: pytest.MonkeyPatch) -> Callable[[Programme], None]:
        patch.setattr(Mirror, "follow_withdrawals", lambda self, position, outcome: position)
        return hide

    def untold(self, patch: pytest.MonkeyPatch) -> Callable[[Programme], None]:
        patch.setattr(FileStore, "note_withdrawn", lambda self, names: None)
        return hide
