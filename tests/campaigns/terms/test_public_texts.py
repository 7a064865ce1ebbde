"""Reports on public texts: words to avoid, dead links, unlisted forms of a term."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import jobs
from campaigns.models import LinkedAddress, MaterialText, Term
from campaigns.terms import addresses, checker, public_texts
from campaigns.terms.content_checks import rules_for
from campaigns.terms.models import DEAD_AFTER
from campaigns.terms.public_texts import words_to_avoid
from core.outgoing.fetch import Limits
from core.outgoing.internet import FetchProblem
from tests.campaigns.terms.conftest import BAD
from tests.factories.campaigns import CampaignPageFactory, MaterialFactory
from tests.factories.users import UserFactory
from tests.support.queries import queries
from tests.support.websites import HOST, redirect

pytestmark = pytest.mark.django_db
PAGE = f"https://{HOST}/study"
PATIENT = Limits(request_seconds=30, site_seconds=60)


def saying(parent, words: str, **given):
    """Create a public campaign with this text."""
    return CampaignPageFactory(parent=parent, body=[{"type": "text", "value": f"<p>{words}</p>"}], **given)


def linking(parent, url: str = PAGE):
    return saying(parent, f'Read <a href="{url}">the study</a>.')


class TestWordsToAvoid:
    def test_are_found_in_pages_and_materials_though_the_term_is_younger(self, campaigns):
        page = saying(campaigns, f"About {BAD} today.")
        material = MaterialFactory(languages=())
        material.texts = [MaterialText(language="en", title=f"On {BAD}")]
        material.save()
        Term.objects.create(language="en", level="avoid", word=BAD, forms=BAD, concept="material")

        found = words_to_avoid("en")

        assert {(each.thing.pk, type(each.thing), each.found) for each in found} == {
            (page.pk, type(page), BAD),
            (material.pk, type(material), BAD),
        }

    def test_of_drafts_and_of_other_languages_are_left_out(self, campaigns, terms):
        page = saying(campaigns, "Nothing to see.")
        page.introduction = f"About {BAD}."
        page.save_revision()

        german = MaterialFactory(languages=())
        german.texts = [MaterialText(language="de", title=f"Etwas über {BAD}")]
        german.save()

        assert words_to_avoid("en") == []

    def test_come_last_and_with_the_reason_if_there_is_one(self, campaigns, terms):
        kept = saying(campaigns, f"The law says {BAD}.", slug="a")
        checker.keep(thing=kept, keys=[each.key for each in checker.findings(kept)], reason="A law.", by=UserFactory())
        saying(campaigns, f"They say {BAD}.", slug="b")

        found = words_to_avoid("en")

        assert [each.kept and each.kept.reason for each in found] == [None, "A law."]

    def test_take_the_same_queries_for_few_and_many(self, campaigns, terms):
        saying(campaigns, BAD)
        words_to_avoid("en")
        few = queries(lambda: words_to_avoid("en"))
        for _number in range(5):
            saying(campaigns, BAD)

        assert queries(lambda: words_to_avoid("en")) == few

    def test_are_a_report_for_everybody_in_the_admin(self, editor, campaigns, terms):
        saying(campaigns, f"They say {BAD}.", title="Our page")

        answer = editor.get(reverse("public_words"), {"language": "en"})

        assert "They say child pornography." in answer.text
        assert "Our page" in answer.text
        assert "1 word without a reason" in answer.text
        assert editor.get(reverse("public_words"), {"language": "tlh", "p": "x"}).status_code == 200


class TestForms:
    @pytest.fixture
    def term(self):
        return Term.objects.create(
            language="de",
            level="avoid",
            word="Kinderpornografie",
            forms="Kinderpornografie",
            concept="material",
        )

    @pytest.fixture
    def german(self, campaigns, in_language):
        return in_language(campaigns, "de")

    def test_are_proposed_from_public_texts_the_most_frequent_first(self, german, term, languages):
        said = "Kinderpornografien. Kinderpornografischen und Kinderpornografischen, Kinderarbeit, Kinderpornografie."
        saying(german, said, locale=languages["de"])

        assert [(each.text, each.times) for each in public_texts.proposals(term)] == [
            ("Kinderpornografischen", 2),
            ("Kinderpornografien", 1),
        ]

    def test_of_an_expression_have_all_its_words(self, campaigns):
        term = Term.objects.create(
            language="en", level="avoid", word="sex offender", forms="sex offender", concept="person"
        )
        saying(campaigns, "Sex offenders, an offender, a sex offence.")

        assert [each.text for each in public_texts.proposals(term)] == ["Sex offenders", "sex offence"]

    def test_in_arabic_do_not_mind_the_article(self, campaigns, in_language, languages):
        term = Term.objects.create(language="ar", level="avoid", word="إباحية", forms="إباحية", concept="x")
        saying(in_language(campaigns, "ar"), "عن الإباحيات هنا.", locale=languages["ar"])

        assert [each.text for each in public_texts.proposals(term)] == ["الإباحيات"]

    def test_are_added_once_an_editor_ticks_them(self, editor, german, term, languages):
        saying(german, "Kinderpornografien und Kinderpornografischen.", locale=languages["de"])
        address = reverse("forms_found", args=[term.pk])

        page = editor.get(address)
        term.refresh_from_db()
        before = term.all_forms
        editor.post(address, {"form": ["Kinderpornografien"]})

        term.refresh_from_db()
        assert "Kinderpornografischen" in page.text
        assert before == ["Kinderpornografie"]
        assert term.all_forms == ["Kinderpornografie", "Kinderpornografien"]

    def test_that_are_none_are_refused(self, editor, term):
        answer = editor.post(reverse("forms_found", args=[term.pk]), {"form": ["…"]}, follow=True)

        term.refresh_from_db()
        assert "This is not a word" in answer.text
        assert term.all_forms == ["Kinderpornografie"]


class TestLinks:
    @pytest.fixture
    def address(self, campaigns):
        linking(campaigns)
        addresses.update()
        return LinkedAddress.objects.get()

    def ask(self, websites, address) -> LinkedAddress:
        address.refresh_from_db()
        addresses.check(address, internet=websites.internet(), limits=PATIENT)
        address.refresh_from_db()
        return address

    def test_are_collected_from_public_pages_with_where_they_stand(self, campaigns):
        page = linking(campaigns, f"{PAGE}?a=1&amp;b=2#part")
        linking(campaigns, "mailto:us@example.org")
        draft = saying(campaigns, "Nothing to see.")
        draft.body = [("text", '<p><a href="https://hidden.example/">x</a></p>')]
        draft.save_revision()

        addresses.update()

        assert LinkedAddress.objects.get().url == f"{PAGE}?a=1&b=2"
        assert LinkedAddress.objects.get().places == [{"page": page.pk, "title": page.title}]

    def test_that_no_page_has_any_more_are_forgotten(self, campaigns, address):
        campaigns.get_children().delete()

        addresses.update()

        assert not LinkedAddress.objects.exists()

    def test_are_dead_when_nothing_is_there_twice_in_a_row(self, websites, address):
        for number in range(DEAD_AFTER):
            assert addresses.dead_among([PAGE]) == set(), number
            self.ask(websites, address)

        assert addresses.dead_among([PAGE]) == {PAGE}
        assert address.problem == FetchProblem.GONE
        assert address.due_at > timezone.now() + timedelta(days=6)

    def test_are_alive_again_at_the_first_answer(self, websites, address):
        for _number in range(DEAD_AFTER):
            self.ask(websites, address)
        websites.answers[PAGE] = redirect(f"https://{HOST}/")

        self.ask(websites, address)

        assert addresses.dead_among([PAGE]) == set()
        assert (address.problem, address.failures) == ("", 0)

    def test_that_refuse_programs_are_not_called_dead(self, websites, address):
        websites.answers[PAGE] = (403, {}, "")
        for _number in range(DEAD_AFTER):
            self.ask(websites, address)

        assert addresses.dead_among([PAGE]) == set()

    def test_into_our_own_network_are_never_followed(self, websites, address):
        websites.answers[PAGE] = redirect("http://169.254.169.254/")

        self.ask(websites, address)

        assert address.problem == FetchProblem.ADDRESS
        assert websites.asked == [PAGE]

    def test_are_asked_by_the_worker_alone_one_at_a_time_where_the_operator_allows_it(
        self, address, settings, campaigns
    ):
        linking(campaigns, f"https://{HOST}/other")
        addresses.update()
        job = next(job for job in jobs.JOBS if job.name == "campaign-dead-links")
        assert job.items() == []
        settings.SCAN_LISTED_SITES = True

        assert len(job.items()) == 1

    def test_that_are_dead_are_named_in_the_editor_and_in_the_report(self, editor, campaigns, address):
        LinkedAddress.objects.update(problem=FetchProblem.GONE, failures=DEAD_AFTER)
        page = campaigns.get_children().get().specific

        found = {rule.name: rule.found for rule in rules_for(page)}
        report = editor.get(reverse("dead_links:list")).text

        assert found["dead-address"] == ["the study"]
        assert PAGE in report
        assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in report
