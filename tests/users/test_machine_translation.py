"""Machine translation: failing, slow or incomplete providers cause no harm, and the screen shows a message."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.urls import reverse
from wagtail import hooks
from wagtail.models import Locale
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from core.languages import machine
from core.languages.glossary import TERMS
from core.models import MachineAttempt
from tests.factories.campaigns import CampaignPageFactory
from tests.factories.helpline import GuidePageFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import fill, submit
from users import roles

pytestmark = pytest.mark.django_db

RICH = '<p>Read <a href="https://example.org/">the <b>list</b></a>.</p><p>Call the helpline.</p>'


class Service(ThreadingHTTPServer):
    """A stub of LibreTranslate with configurable responses."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[list[str]] = []
        self.answer: Callable[[list[str]], Any] = lambda texts: [f"{text} (de)" for text in texts]
        self.status = 200
        self.may_answer = threading.Event()
        self.may_answer.set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that have disconnected."""


class Answering(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["q"]
        self.server.asked.append(asked)
        self.server.may_answer.wait(30)
        body = json.dumps({"translatedText": self.server.answer(asked)}).encode()
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Do not log."""


@pytest.fixture
def service(settings) -> Iterator[Service]:
    server = Service()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    settings.WAGTAILLOCALIZE_MACHINE_TRANSLATOR = {
        "CLASS": "wagtail_localize.machine_translators.libretranslate.LibreTranslator",
        "OPTIONS": {
            "LIBRETRANSLATE_URL": f"http://127.0.0.1:{server.server_port}", "API_KEY": "", "TIMEOUT": 20,
        },
    }  # fmt: skip
    yield server
    server.may_answer.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
@cached_fixture
def campaign(all_roles) -> Any:
    index = all_roles.get_children().get(slug="campaigns").specific
    page = CampaignPageFactory(parent=index, title="Speak up", introduction="One. Two.", body=[("text", RICH)])
    for each in (all_roles, index, page):
        submit(each, Locale.objects.get(language_code="de"))
    roles.sync()
    return page


def translation_of(page: Any) -> Translation:
    return Translation.objects.get(source__object_id=page.translation_key, target_locale__language_code="de")


def stored(page: Any) -> list[tuple[str, str]]:
    found = StringTranslation.objects.filter(context__object_id=page.translation_key)
    return sorted(found.values_list("data", "translation_type"))


def asked(page: Any) -> str:
    """Press the button, run the worker, and return the message on the screen."""
    attempt = machine.ask(translation_of(page), by=UserFactory())
    machine.translate_missing.call(attempt.pk)
    return MachineAttempt.objects.get(translation=translation_of(page)).state


class TestAProvider:
    def test_that_answers_fills_the_gaps_and_is_labelled(self, campaign, service):
        fill(translation_of(campaign), lambda text: "Von Hand", only="title")

        assert asked(campaign) == "done"

        texts = StringSegment.objects.filter(source__object_id=campaign.translation_key).count()
        assert len(stored(campaign)) == texts
        assert ("Von Hand", "manual") in stored(campaign)
        assert ("One. Two. (de)", "machine") in stored(campaign)
        assert 'Read <a id="a1">the <b>list</b></a>. (de)' in {data for data, _kind in stored(campaign)}
        assert "Speak up" not in service.asked[0]
        assert asked(campaign) == "nothing"

    @pytest.mark.parametrize(
        ("answer", "status", "state"),
        [
            (lambda texts: texts[:1], 200, "half"),
            (lambda texts: [None, *texts[1:]], 200, "half"),
            (lambda texts: ["", *texts[1:]], 200, "half"),
            (lambda texts: "no list", 200, "half"),
            (lambda texts: texts, 500, "down"),
            (lambda texts: texts, 429, "down"),
        ],
        ids=["too few", "none for one", "an empty one", "no list", "an error", "a limit"],
    )
    def test_that_fails_or_answers_half_changes_nothing(self, campaign, service, answer, status, state):
        service.answer, service.status = answer, status

        assert asked(campaign) == state
        assert stored(campaign) == []

    def test_that_is_not_there_changes_nothing(self, campaign, service, settings):
        options = settings.WAGTAILLOCALIZE_MACHINE_TRANSLATOR["OPTIONS"]
        options["LIBRETRANSLATE_URL"] = "http://127.0.0.1:9"

        assert asked(campaign) == "down"
        assert stored(campaign) == []

    def test_that_is_slow_is_not_waited_for(self, campaign, service, monkeypatch):
        monkeypatch.setattr(machine, "LONGEST", 0.2)
        service.may_answer.clear()

        assert asked(campaign) == "slow"
        assert stored(campaign) == []

    def test_that_loses_a_link_leaves_that_text_to_people(self, campaign, service):
        service.answer = lambda texts: [text.replace('<a id="a1">', "").replace("</a>", "") for text in texts]

        assert asked(campaign) == "partly"
        assert "Read" not in " ".join(data for data, _kind in stored(campaign))
        assert len(stored(campaign)) > 1

    def test_does_not_overwrite_who_was_faster(self, campaign, service, monkeypatch):
        real = machine.translated

        def slowly(*args: Any) -> Any:
            found = real(*args)
            fill(translation_of(campaign), lambda text: "Von Hand", only="title")
            return found

        monkeypatch.setattr(machine, "translated", slowly)

        assert asked(campaign) == "done"
        assert ("Von Hand", "manual") in stored(campaign)

    def test_gets_the_translation_of_a_term_in_its_place(self, campaign, service):
        def terms(source: str, target: str) -> list[tuple[str, str]]:
            assert (source, target) == ("en", "de")
            return [("line", "Zeile"), ("helpline", "Beratungsstelle")]

        with hooks.register_temporarily(TERMS, terms):
            assert asked(campaign) == "done"

        (said,) = [data for data, _kind in stored(campaign) if data.startswith("Call")]
        assert said == "Call the Beratungsstelle. (de)"
        assert any('translate="no"' in text for text in service.asked[0])


class TestTheButton:
    def test_asks_in_the_background_and_the_screen_says_what_came_of_it(self, private, campaign, service):
        private.force_login(UserFactory(roles=["Translator: German"]))
        key = translation_of(campaign).pk
        page = campaign.get_translation(Locale.objects.get(language_code="de"))

        private.post(reverse("wagtail_localize:machine_translate", args=[key]))

        attempt = MachineAttempt.objects.get()
        assert attempt.state == "waiting"
        service.answer = lambda texts: texts[:1]
        machine.translate_missing.call(attempt.pk)
        shown = private.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
        assert "The translation service answered only in part. Nothing was changed." in shown
        assert "LibreTranslate" in shown

    def test_is_not_for_other_languages(self, private, campaign, service):
        private.force_login(UserFactory(roles=["Translator: French"]))

        private.post(reverse("wagtail_localize:machine_translate", args=[translation_of(campaign).pk]))

        assert not MachineAttempt.objects.exists()

    def test_is_not_there_for_people_in_need_or_without_a_provider(self, private, campaign, service, settings):
        finder = campaign.get_parent().get_parent().get_children().get(slug="help").specific
        guide = GuidePageFactory(parent=finder, title="First steps")
        german = Locale.objects.get(language_code="de")
        for each in (finder, guide):
            submit(each, german)
        roles.sync()
        private.force_login(UserFactory(roles=["Translator: German"]))
        page = guide.get_translation(german)

        shown = private.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
        answer = private.post(
            reverse("wagtail_localize:machine_translate", args=[translation_of(guide).pk]), follow=True
        )
        settings.WAGTAILLOCALIZE_MACHINE_TRANSLATOR = None
        without = private.post(
            reverse("wagtail_localize:machine_translate", args=[translation_of(campaign).pk]), follow=True
        )

        assert "LibreTranslate" not in shown
        assert (answer.status_code, without.status_code) == (404, 404)
        assert service.asked == []
        assert not MachineAttempt.objects.exists()
