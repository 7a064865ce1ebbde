"""Forms with rows, of every page type and every kind of record: what is stored are the rows that were typed."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import models
from django.urls import reverse
from playwright.sync_api import Page, Route, expect
from wagtail.models import DraftStateMixin, Revision, RevisionMixin

from campaigns.models import Partner
from core.admin.rows import RowsPanel
from helpline.models import Programme
from tests.factories.campaigns import (
    ActivityFactory,
    DesignFactory,
    FileFactory,
    MaterialFactory,
    PartnerFactory,
    PictureFactory,
)
from tests.factories.helpline import ProgrammeFactory
from tests.factories.network import MemberFactory, PracticeFactory
from tests.factories.users import UserFactory
from tests.journeys.conftest import open_admin
from tests.support.browser import PATIENCE, Opener
from tests.support.pages import example, page_types
from tests.support.rows import TYPED, form_data, forms_with_rows, new_row, stored_rows
from tests.support.server import SiteServer

FACTORIES: list[Any] = [
    ActivityFactory,
    DesignFactory,
    MaterialFactory,
    PartnerFactory,
    PracticeFactory,
    ProgrammeFactory,
]
FORMS = sorted(forms_with_rows(), key=lambda model: model.__name__)


def draft(model: type[models.Model]) -> Any:
    """Return a record that is a draft, if it can be one, with what its rows can refer to."""
    ProgrammeFactory(approved=True)
    MemberFactory(listed=True)
    FileFactory()
    PartnerFactory(logo=PictureFactory())
    factory = next(each for each in FACTORIES if each._meta.model is model)
    record = factory(**({"live": False} if issubclass(model, DraftStateMixin) else {}))
    if isinstance(record, RevisionMixin):
        record.save_revision()
    return record


def edit_url(record: Any) -> str:
    return reverse(record.snippet_viewset.get_url_name("edit"), args=[record.pk])


class Typed:
    """One more row in each panel of a form."""

    def __init__(self, record: Any, form: Any) -> None:
        self.record = record
        self.rows = {name: new_row(formset) for name, formset in form.formsets.items() if name != "comments"}
        self.before = {name: stored_rows(record, name, [*row]) for name, row in self.rows.items()}

    def data(self, form: Any) -> dict[str, Any]:
        data = form_data(form)
        for name, row in self.rows.items():
            at = data[f"{name}-TOTAL_FORMS"]
            data |= {f"{name}-{at}-{field}": value for field, value in row.items()}
            data |= {f"{name}-{at}-id": "", f"{name}-{at}-ORDER": at + 1, f"{name}-TOTAL_FORMS": at + 1}
        return data

    def assert_stored_once(self) -> None:
        self.record.refresh_from_db()
        for name, row in self.rows.items():
            stored = stored_rows(self.record, name, [*row])
            assert sorted(map(str, stored)) == sorted(map(str, [*self.before[name], row]))
            child = getattr(self.record, name).model
            parent = child._meta.get_field(getattr(type(self.record), name).rel.field.name)
            assert child.objects.filter(**{parent.name: self.record.pk}).count() == len(stored)


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore:get_connection")  # Wagtail opens its mail connection in a deprecated way
class TestEveryForm:
    @pytest.fixture
    def record(self, home, private, model):
        private.force_login(UserFactory(is_superuser=True))
        return draft(model)

    @pytest.mark.parametrize("model", FORMS)
    def test_stores_a_row_once_if_its_form_is_sent_again(self, private, record, model):
        """The response with the identifiers of the rows has been lost."""
        assert all(isinstance(panel, RowsPanel) for panel in forms_with_rows()[model])
        form = private.get(edit_url(record)).context["form"]
        typed = Typed(record, form)
        data = typed.data(form)

        for accept in ("application/json", "text/html", "text/html"):
            answer = private.post(edit_url(record), data, headers={"accept": accept})
            assert answer.status_code in {200, 302}, answer.content
            form = None if answer.status_code == 302 or accept == "application/json" else answer.context["form"]
            assert form is None, [form.errors, *(each.errors for each in form.formsets.values())]

        typed.assert_stored_once()

    @pytest.mark.parametrize("model", [Programme])
    def test_refuses_a_row_that_is_there_twice(self, private, record):
        form = private.get(edit_url(record)).context["form"]
        data = form_data(form)
        again = {name.replace("-0-", "-1-"): value for name, value in data.items() if "-0-" in name}
        data |= again | {"contact_points-1-id": "", "contact_points-TOTAL_FORMS": 2}

        answer = private.post(edit_url(record), data)

        assert answer.context["form"].formsets["contact_points"].non_form_errors() == [
            "The same row is there twice. Remove one."
        ]
        assert record.contact_points.count() == 1

    @pytest.mark.parametrize("model", [Programme])
    def test_stores_a_row_again_that_another_person_has_removed(self, private, record):
        data = form_data(private.get(edit_url(record)).context["form"])
        private.post(edit_url(record), {**data, "contact_points-0-DELETE": "on"})
        record.refresh_from_db()
        assert not record.get_latest_revision_as_object().contact_points.all()

        answer = private.post(edit_url(record), data)

        assert answer.status_code == 302
        record.refresh_from_db()
        (point,) = record.get_latest_revision_as_object().contact_points.all()
        assert point.number == data["contact_points-0-number"]

    @pytest.mark.parametrize("accept", ["application/json", "text/html"])
    def test_creates_an_object_once_if_its_form_is_sent_again(self, home, private, accept):
        private.force_login(UserFactory(is_superuser=True))
        url = reverse(Partner.snippet_viewset.get_url_name("add"))
        form = private.get(url).context["form"]
        typed = {
            "name": "Lantern",
            "kind": "charity",
            "country": "de",
            "texts-0-language": "en",
            "texts-0-about": "We.",
        }
        data = form_data(form) | typed | {"texts-TOTAL_FORMS": 1, "form_key": "7"}

        private.post(url, data, headers={"accept": accept})
        answer = private.post(url, {**data, "name": "Lanterns"}, headers={"accept": accept})
        sent = private.post(url, {**data, "name": "Lanterns"}, follow=True)

        assert answer.status_code == {"application/json": 400, "text/html": 307}[accept]
        assert sent.redirect_chain[0][1] == 307
        (partner,) = Partner.objects.all()
        assert (partner.name, partner.texts.count()) == ("Lanterns", 1)


# Adds a row, if none is numbered, and types into it.
FILL = """([relation, row, number]) => {
    if (number === null) document.getElementById(`id_${relation}-ADD`).click();
    const at = number ?? document.getElementById(`id_${relation}-TOTAL_FORMS`).value - 1;
    for (const [name, value] of Object.entries(row)) {
        const field = document.querySelector(`[name="${relation}-${at}-${name}"]`);
        field.value = value;
        for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, {bubbles: true}));
    }
    return Number(at);
}"""


# Changes a field as an editor does that is ready late.
WRITE_LATE = """addEventListener("w-unsaved:watch-edits", ({target}) => {
    if (window.isLate) return;
    window.isLate = true;
    setTimeout(() => { target.elements.title.value += " "; window.writtenAt = performance.now(); }, 1000);
});"""


class Editor:
    """The form of a record in a browser, and the requests that save it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.saved = 0  # by hand
        self.autosaves: list[Route] = []  # which the server has not answered yet
        page.route(url, self.note)
        page.goto(url)
        self.button = page.locator("form[data-edit-form] footer button[type=submit]").first
        self.has_autosave = page.locator("form[data-controller~=w-autosave]").count() > 0

    def note(self, route: Route) -> None:
        if route.request.method == "POST" and route.request.headers["accept"] == "application/json":
            self.autosaves.append(route)
            return
        self.saved += route.request.method == "POST"
        route.continue_()

    def type(self, rows: dict[str, dict[str, str]]) -> None:
        numbers = {relation: self.page.evaluate(FILL, [relation, row, None]) for relation, row in rows.items()}
        self.words = next(
            (relation, {name: value}, numbers[relation])
            for relation, row in rows.items()
            for name, value in row.items()
            if value in TYPED
        )

    def type_until_autosave(self) -> None:
        """Type more while the server is slow: Wagtail ignores what is typed in the first seconds."""
        relation, row, number = self.words
        until = time.monotonic() + PATIENCE / 1000
        while not self.autosaves and time.monotonic() < until:
            self.page.evaluate(FILL, [relation, {name: value[:-1] for name, value in row.items()}, number])
            self.page.wait_for_timeout(700)
            self.page.evaluate(FILL, [relation, row, number])
            self.page.wait_for_timeout(700)
        assert self.autosaves

    def save_twice(self) -> None:
        self.button.click(click_count=2, no_wait_after=True)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("nothing_is_rendered")
class TestInABrowser:
    def test_every_form_stores_the_rows_that_were_typed(
        self, site_server: SiteServer, home: Any, open_page: Opener, subtests: Any
    ) -> None:
        """Without a session, without a network, during an autosave, and twice: nothing is lost, nothing doubled."""
        user = UserFactory(is_superuser=True, with_password=True)
        page = open_admin(open_page, site_server, user.email)
        problem = page.locator(".not-saved")
        signed_in = page.context.cookies()
        for model in FORMS:
            with subtests.test(model.__name__):
                record = draft(model)
                typed = Typed(record, model.snippet_viewset.get_edit_handler().get_form_class()(instance=record))
                editor = Editor(page, site_server.private_url + edit_url(record))
                editor.type(typed.rows)

                page.context.clear_cookies()
                editor.save_twice()
                expect(problem).to_contain_text("you have been signed out")
                page.context.add_cookies(signed_in)
                page.context.set_offline(True)
                editor.save_twice()
                expect(problem).to_contain_text("the site cannot be reached")
                page.context.set_offline(False)
                if editor.has_autosave:
                    editor.type_until_autosave()
                    editor.save_twice()
                    page.wait_for_timeout(300)
                    assert editor.saved == 0
                    for route in editor.autosaves:
                        route.continue_()
                else:
                    editor.save_twice()

                expect(page.locator(".messages .success")).to_be_visible()
                assert editor.saved == 1
                typed.assert_stored_once()

    def test_opening_a_page_saves_nothing(self, site_server: SiteServer, home: Any, open_page: Opener) -> None:
        """Nor if an editor of rich text is ready late, after Wagtail has noted the values to compare with."""
        user = UserFactory(is_superuser=True, with_password=True)
        made = [model.objects.first() or example(model, home) for model in page_types()]
        context = open_admin(open_page, site_server, user.email).context
        context.add_init_script(WRITE_LATE)
        before = Revision.objects.count()

        opened = [context.new_page() for _page in made]
        for tab, page in zip(opened, made, strict=True):
            tab.goto(f"{site_server.private_url}/admin/pages/{page.pk}/edit/", wait_until="commit")
        for tab in opened:
            while tab.evaluate("!(performance.now() - window.writtenAt > 3000)"):
                tab.wait_for_timeout(100)
        assert Revision.objects.count() == before

        opened[0].locator("[name=title]").press("x")
        expect(opened[0].locator("#w-autosave-indicator")).to_have_attribute("data-w-autosave-state-value", "saved")
        assert Revision.objects.count() == before + 1
