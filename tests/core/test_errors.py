import pytest
from django.conf import settings
from django.utils import translation

from core.http import errors
from tests.support.html import parse

LANGUAGES = [*settings.LANGUAGE_TABLE]


@pytest.mark.django_db
class TestPage:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_is_whole_for_every_status_and_asks_the_database_nothing(self, language, django_assert_num_queries):
        with django_assert_num_queries(0):
            responses = {status: errors.page(status, language=language) for status in errors.TEMPLATES}
        pages = {status: parse(response.content.decode()) for status, response in responses.items()}

        assert [response.status_code for response in responses.values()] == list(errors.TEMPLATES)
        assert all(page.one("title").text.startswith(page.one("h1").text) for page in pages.values())
        assert all(len(page.one("main").all("p")) >= 3 for page in pages.values())
        assert len({page.one("h1").text for page in pages.values()}) == len(errors.TEMPLATES)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_claims_no_language_that_it_is_not_written_in(self, language):
        page = parse(errors.page(404, language=language).content.decode())
        code = page.one("html")["lang"]
        with translation.override(code):
            title = translation.gettext("Page not found")

        assert page.one("h1").text == title
        assert page.one("html")["dir"] == settings.LANGUAGE_TABLE[code].direction
        assert code == "en" or title != "Page not found"

    def test_uses_a_language_with_a_complete_catalogue(self, settings):
        settings.INTERFACE_LANGUAGES = ["en", "es"]

        # Catalan falls back to Spanish, which is available; Czech falls back to English.
        found = [errors.interface_language(code) for code in ("es", "ca", "cs", "xx")]
        assert found == ["es", "es", "en", "en"]

    @pytest.mark.parametrize(("status", "template"), [(418, 400), (451, 400), (504, 500), (404, 404)])
    def test_has_an_answer_to_every_status(self, status, template):
        response = errors.page(status)

        assert response.status_code == status
        assert (
            parse(response.content.decode()).one("h1").text
            == parse(errors.page(template).content.decode()).one("h1").text
        )

    @pytest.mark.parametrize("private", [False, True])
    def test_leads_to_help_and_home_on_the_public_site(self, private):
        main = parse(errors.page(404, language="en", private=private).content.decode()).one("main")
        host = settings.PUBLIC_URL if private else ""

        assert [link["href"] for link in main.all("a")] == [f"{host}/en/help/", f"{host}/en/"]

    def test_carries_the_way_out_and_the_emergency_number_on_the_helpline_alone(self):
        shown = {
            sensitive: parse(errors.page(503, sensitive=sensitive).content.decode()) for sensitive in (True, False)
        }

        assert [
            shown[True].one("a", class_="exit-button").get("role"),
            shown[True].one("a", href="tel:112").tag,
        ] == ["button", "a"]
        assert shown[False].all("a", class_="exit-button") + shown[False].all("a", href="tel:112") == []

    def test_loads_nothing_from_elsewhere(self):
        page = parse(errors.page(500, sensitive=True).content.decode())
        loaded = [each.get("href") for each in page.all("link")] + [each.get("src") for each in page.all("script")]

        assert all(url.startswith("/static/") for url in loaded)
        assert page.all("img") + page.all("style") == []


class TestBothSites:
    @pytest.mark.parametrize("host", ["public", "private"])
    def test_say_that_a_page_is_not_there(self, request, home, host):
        response = request.getfixturevalue(host).get("/de/gibt-es-nicht/")

        assert response.status_code == 404
        assert parse(response.content.decode()).one("h1").text

    def test_give_the_way_out_on_an_address_of_the_helpline(self, home, public):
        page = parse(public.get("/en/help/nowhere/").content.decode())

        assert page.one("a", class_="exit-button")

    def test_take_nothing_at_the_public_one(self, db, public):
        response = public.post("/en/help/", {"a": "b"})

        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD"
        assert parse(response.content.decode()).one("a", class_="exit-button")

    def test_do_not_know_a_foreign_host(self, client):
        response = client.get("/", headers={"host": "somewhere.example"})

        assert response.status_code == 400
        assert parse(response.content.decode()).one("h1").text == "We could not read this request"

    def test_refuse_a_form_without_its_token_in_words(self, db):
        from django.test import Client

        response = Client(enforce_csrf_checks=True, headers={"host": settings.PRIVATE_HOST}).post("/account/login/", {})
        page = parse(response.content.decode())

        assert response.status_code == 403
        assert page.one("h1").text == "You cannot open this page"
