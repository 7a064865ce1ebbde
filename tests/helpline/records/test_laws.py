"""The law of a country answers what a listing does not state, under the country's name, in every language.

It takes two people to publish.
"""

import csv
import io
import re
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from core.languages import names
from core.memo import batch
from helpline.admin.review_queue.views import review_queue_url
from helpline.approval.rule import NotApprovedError
from helpline.exchange.hsds.pages import load_published
from helpline.exchange.hsds.services import serialize_service
from helpline.exchange.imports.kinds import DATA
from helpline.exchange.imports.texts import LAW_TEXTS, import_texts
from helpline.exchange.open_data import exports
from helpline.exchange.open_data.publishing import OpenApi, OpenData
from helpline.finder import queries as shown
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.rows import listing_rows
from helpline.finder.publishing import HelpPages
from helpline.finder.sharing import handouts, lookups
from helpline.finder.sharing.publishing import SharedPages
from helpline.governance import integrity, services
from helpline.models import CountryLaw, LawText, PublicChange
from helpline.vocabulary.codes import DUTIES, NOT_STATED, DutyTrigger, ReportingDuty, Status
from tests.factories.helpline import (
    CountryLawFactory,
    FinderPageFactory,
    LawTextFactory,
    ProgrammeFactory,
    StaffFactory,
    SupportLineFactory,
    approve,
    days_ago,
    past_every_rule,
)
from tests.helpline.finder.test_handouts import text as text_of
from tests.helpline.rows import same_queries
from tests.helpline.unsaved import TODAY
from tests.support.cached_fixtures import cached_fixture
from tests.support.html import parse
from tests.support.languages import in_language
from tests.support.queries import queries

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "de", "fr", "ar")
EU = (
    "at", "be", "bg", "cy", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr",
    "hr", "hu", "ie", "it", "lt", "lu", "lv", "mt", "nl", "pl", "pt", "ro", "se", "si", "sk",
)  # fmt: skip
BELGIUM = "In Belgium: There is no general duty to report"


@pytest.fixture
@cached_fixture
def starter(home, languages):
    """The starter data, as the demonstration loads it, and a finder in each language."""
    for kind in ("laws", "law-texts", "programmes", "support-lines"):
        call_command("import_listings", kind, verbosity=0, stdout=io.StringIO())
    finder = FinderPageFactory(parent=home)
    for code in LANGUAGES[1:]:
        in_language(home, languages[code])
        in_language(finder, languages[code])
    return finder


@pytest.fixture
def law():
    return CountryLawFactory(approved=True)


@pytest.fixture
def row():
    """Return a function that returns a programme as the finder shows it today."""

    def row(programme):
        found = shown.programmes(language="en").get(pk=programme.pk)
        (made,) = listing_rows([found], FinderReading(today=TODAY, laws=shown.laws("en", TODAY)))
        return made

    return row


def in_html(row):
    return unescape(render_to_string("helpline/finder_card.html", {"card": row.confidentiality, "row": row}))


class TestStarterData:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_country_of_the_union_says_what_its_law_says(self, starter, demo, read, language):
        """A quarter of the countries in each language is enough to show that a page contains its law."""
        with translation.override(language):
            laws = {law.uuid: (law.country, law.rule) for law in CountryLaw.objects.filter(country__in=EU)}
        words = LawText.objects.filter(law__in=laws, locale__language_code=language)
        said = {laws[text.law_id][0]: (laws[text.law_id][1], text.words) for text in words}
        assert said.keys() == set(EU)

        with batch(), translation.override(language):
            found = {code: [(law.rule, law.words) for law in lookups.place(code).laws] for code in EU}
        quarter = EU[LANGUAGES.index(language) :: len(LANGUAGES)]
        with batch():
            pages = {code: unescape(read(f"/{language}/help/{code}/")) for code in quarter}

        assert [code for code in EU if said[code] not in found[code]] == []
        assert [code for code in quarter if not all(each in pages[code] for each in said[code])] == []

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_listing_that_says_something_itself_never_shows_the_law_instead(self, starter, demo, language):
        programmes = list(shown.programmes(language=language))
        with translation.override(language):
            laws = shown.laws(language, TODAY)
            rows = listing_rows(programmes, FinderReading(today=TODAY, laws=laws))

        answered = []
        for row in rows:
            programme, card = row.programme, row.confidentiality
            there = [law for code in programme.countries for law in laws.get(code, ())]
            if programme.reporting_trigger in NOT_STATED and not card.is_used_alone:
                assert len(card.by_law) == len(there)
                answered += card.by_law
            else:
                assert card.by_law == ()
            assert card.law == programme.legal_basis
        assert len(answered) > 40

    def test_names_each_part_of_a_country_with_a_separate_law(self, starter, demo):
        kingdom = lookups.place("gb")

        assert [law.place for law in kingdom.laws] == [
            "England (United Kingdom)", "Northern Ireland (United Kingdom)", "Scotland (United Kingdom)",
            "Wales (United Kingdom)",
        ]  # fmt: skip

    def test_words_and_facts_are_translated_everywhere(self):
        with (DATA / "country_law_texts.csv").open(encoding="utf-8", newline="") as file:
            texts = {(row["id"], row["language"]): row["words"] for row in csv.DictReader(file)}
        with (DATA / "country_law.csv").open(encoding="utf-8", newline="") as file:
            laws = [row["id"] for row in csv.DictReader(file)]

        assert texts.keys() == {(law, language) for law in laws for language in LANGUAGES}
        assert all(len({texts[law, language] for language in LANGUAGES}) == len(LANGUAGES) for law in laws)
        assert DUTIES.keys() == {(who, what) for who in ReportingDuty.values[1:] for what in DutyTrigger.values}

    def test_is_marked_as_unreviewed(self, starter, demo, read):
        page = unescape(read("/en/help/be/"))

        assert "No person who knows this law has reviewed it yet." in page
        assert "Not yet reviewed." in page
        assert "This law may have changed since" in page


class TestAnswer:
    """Facts that the law answers, and facts that it does not change."""

    def test_is_beside_what_the_listing_leaves_open_under_the_name_of_the_country(self, row, law):
        shown = row(ProgrammeFactory(approved=True, countries=["be", "fr"], confidentiality="secrecy"))

        assert shown.confidentiality.statement.startswith("They are bound by professional secrecy.")
        assert [each.line for each in shown.confidentiality.by_law] == [law.rule_of_place]
        assert law.rule_of_place.startswith(BELGIUM)
        assert shown.confidentiality.by_law[0].line_and_law == f"{law.rule_of_place} (Code pénal, art. 352)"

    def test_is_that_of_each_country_for_a_listing_in_two(self, row, law):
        """Neither is shown before the card is opened: the place of the reader decides which one applies."""
        french = CountryLawFactory(approved=True, country="fr", who_must_report="everyone", trigger="offence")

        shown = row(ProgrammeFactory(approved=True, countries=["fr", "be"]))

        assert [each.country for each in shown.confidentiality.by_law] == ["be", "fr"]
        assert law.rule_of_place in in_html(shown)
        assert french.rule_of_place in in_html(shown)
        assert "must report" not in shown.secret

    def test_is_read_in_the_card_alone_where_the_listing_says_something_or_several_laws_do(self, row):
        for part in ("gb-eng", "gb-wls"):
            CountryLawFactory(approved=True, country="gb", part=part, who_must_report="everyone", trigger="offence")
        CountryLawFactory(approved=True, who_must_report="everyone", trigger="offence", secrecy="yields")
        several = row(ProgrammeFactory(approved=True, countries=["gb"]))
        says = row(ProgrammeFactory(approved=True, countries=["be"], confidentiality="secrecy"))

        assert "Everyone must report" not in several.secret + says.secret
        laws = [*several.confidentiality.by_law, *says.confidentiality.by_law]
        assert all("Everyone must report" in law.line for law in laws)

    def test_is_not_shown_if_the_listing_states_when_things_are_passed_on(self, row, law):
        shown = row(ProgrammeFactory(approved=True, countries=["be"], reporting_trigger="offence"))

        assert shown.confidentiality.by_law == ()
        assert "Belgium:" not in in_html(shown)

    def test_never_replaces_the_law_that_the_listing_names(self, row, law):
        shown = row(ProgrammeFactory(approved=True, countries=["be"], legal_basis="§ 203 StGB"))

        assert "<bdi>§ 203 StGB</bdi>" in in_html(shown)
        assert BELGIUM in in_html(shown)

    def test_has_no_answer_on_what_works_anywhere(self, row, law):
        assert row(ProgrammeFactory(approved=True, countries=["xx"])).confidentiality.by_law == ()

    def test_is_on_the_handout_of_the_country_once_and_on_that_of_the_programme(self, home, law):
        for kind, number in (("emergency", "112"), ("suicide_crisis", "116123")):
            SupportLineFactory(approved=True, country="be", kind=kind, number=number)
        programme = ProgrammeFactory(approved=True, countries=["be"])
        LawTextFactory(law=law, approved=True)

        of_country = text_of(handouts.typeset_country(lookups.place("be"), site="Waymark"))
        of_programme = text_of(handouts.typeset_programme(lookups.programme(programme.uuid), site="Waymark"))

        assert of_country.count(BELGIUM) == of_programme.count(BELGIUM) == 1
        assert "Reviewed on" in of_country


class TestTwoPersonApproval:
    def test_an_unchecked_law_is_not_shown(self, row):
        CountryLawFactory()
        programme = ProgrammeFactory(approved=True, countries=["be"])

        assert row(programme).confidentiality.by_law == ()
        assert shown.laws("en", TODAY) == {}

    def test_it_needs_a_reviewer_who_knows_the_law(self):
        law = CountryLawFactory(checked=True, reviewer="")

        with pytest.raises(NotApprovedError, match="It does not say who reviewed it"):
            approve(law)

    def test_its_words_wait_for_their_own_second_person(self, home, law):
        text = LawTextFactory(law=law)
        assert shown.laws("en", TODAY)["be"][0].words == ""

        approve(text)

        assert shown.laws("en", TODAY)["be"][0].words == text.words

    def test_the_scheduler_hides_what_got_past_them(self, law):
        text = LawTextFactory(law=law, approved=True)
        past_every_rule(law, who_must_report="everyone")
        past_every_rule(text, words="They tell nobody.")

        for found in integrity.few_altered():
            integrity.hide_and_report(found)

        assert not CountryLaw.objects.filter(live=True).exists()
        assert not LawText.objects.filter(live=True).exists()


class TestOverdue:
    @pytest.fixture
    def late(self, law):
        def late(days):
            past_every_rule(law, checked_on=days_ago(days + 182), next_check_due=days_ago(days))
            return shown.laws("en", days_ago(0))

        return late

    def test_a_law_stays_while_staff_are_warned_and_goes_after_three_months(self, late):
        assert "be" in late(89)
        assert late(90) == {}

    def test_staff_find_it_in_the_review_queue_and_confirm_it_there(self, late, law, private):
        late(5)
        private.force_login(StaffFactory(is_superuser=True))
        key = f"countrylaw-{law.pk}"

        page = private.get(review_queue_url(kind="law", why="due"))
        assert "The check is overdue." in page.content.decode()
        seen = services.version(law)
        private.post(review_queue_url(), {"listing": key, "seen": seen, "source": "the code, in force today"})

        law.refresh_from_db()
        assert (law.checked_on, law.live) == (days_ago(0), True)

    def test_the_start_page_says_when_it_is_gone(self, late, law, private):
        late(90)
        private.force_login(StaffFactory(is_superuser=True))

        assert "No longer shown because they have not been checked: laws of countries" in unescape(
            private.get("/admin/").content.decode()
        )


class TestAdmin:
    @pytest.fixture
    def staff(self, private):
        private.force_login(StaffFactory(is_superuser=True))
        return private

    def test_lists_edits_and_decides(self, staff, law):
        text = LawTextFactory(law=law)
        for record in (law, text):
            viewset = record.snippet_viewset
            for name in ("list", "edit", "review", "history"):
                args = () if name == "list" else (record.pk,)
                page = staff.get(reverse(viewset.get_url_name(name), args=args))
                assert "Belgium" in page.content.decode(), (record, name)

    def test_offers_the_immediate_actions_that_make_sense_for_a_law(self, staff, law):
        url = reverse(law.snippet_viewset.get_url_name("now"), args=(law.pk,))
        offered = parse(staff.get(url).content.decode()).all("input", name="action")

        staff.post(url, {"action": "close", "reason": "No"})
        law.refresh_from_db()
        assert law.live
        staff.post(url, {"action": "hide", "reason": "Repealed"})

        law.refresh_from_db()
        assert [each["value"] for each in offered] == ["recheck", "delist", "hide"]
        assert not law.live

    def test_refuses_a_part_of_another_country_and_a_state_that_a_law_cannot_have(self):
        for wrong in ({"part": "gb-wls"}, {"status": Status.CLOSED}):
            with pytest.raises(ValidationError):
                CountryLawFactory.build(**wrong).clean()


class TestImport:
    def test_changes_nothing_the_second_time(self, starter):
        said = io.StringIO()
        call_command("import_listings", "laws", stdout=said)
        call_command("import_listings", "law-texts", stdout=said)

        assert re.findall(r"^(\d+) added, (\d+) changed, (\d+) the same", said.getvalue(), re.MULTILINE) == [
            ("0", "0", str(CountryLaw.objects.count())),
            ("0", "0", str(LawText.objects.count())),
        ]

    def test_leaves_alone_what_a_person_has_written(self, starter):
        law = CountryLaw.objects.get(reference="law-be")
        text = law.texts.get(locale__language_code="de")
        law.article, text.words = "art. 458", "Von einem Menschen."
        law.save_revision(user=StaffFactory())
        text.save()
        text.save_revision(user=StaffFactory())

        said = io.StringIO()
        call_command("import_listings", "laws", stdout=said)
        call_command("import_listings", "law-texts", stdout=said)

        assert "! law-be\n" in said.getvalue()
        assert LawText.objects.get(pk=text.pk).words == "Von einem Menschen."

    def test_names_what_is_wrong(self, tmp_path, languages):
        wrong = tmp_path / "laws.csv"
        wrong.write_text(
            "id,country,part,who_must_report,trigger,secrecy,to_whom,law,article,source_url,confidence\n"
            "law-x,be,,somebody,offence,yields,police,,,,high\n"
        )
        errors = io.StringIO()

        with pytest.raises(CommandError):
            call_command("import_listings", "laws", str(wrong), stderr=errors)

        assert "Line 2, column who_must_report" in errors.getvalue()

    def test_takes_the_same_queries_for_few_and_many_texts(self, languages):
        rows = (DATA / "country_law_texts.csv").read_bytes().splitlines(keepends=True)
        call_command("import_listings", "laws", stdout=io.StringIO())
        LawText.objects.all().delete()

        def load(*lines):
            return queries(lambda: import_texts(LAW_TEXTS, b"".join([rows[0], *lines])))

        load(rows[1])
        assert load(*rows[2:4]) == load(*rows[4:])


class TestOpenData:
    def test_holds_what_two_people_approved_and_no_note_of_staff(self, law):
        CountryLawFactory(country="fr")
        stale = CountryLawFactory(country="nl", approved=True)
        past_every_rule(stale, checked_on=days_ago(400), next_check_due=days_ago(218))
        past_every_rule(law, staff_note="Not read yet")

        found = list(csv.DictReader(io.StringIO(exports.public_csv("laws"))))

        assert [(each["country"], each["who_must_report"]) for each in found] == [("be", "none_general")]
        assert "Not read yet" not in exports.public_csv("laws")

    def test_a_change_is_in_the_feed(self, law):
        assert PublicChange.objects.get(listing=law.uuid).kind == PublicChange.Kind.LAW

    def test_the_api_gives_it_to_the_country_and_only_where_the_service_does_not_say(self, law):
        french = CountryLawFactory(country="fr", approved=True)
        silent, speaking = (
            ProgrammeFactory(approved=True, countries=["be", "fr"], reporting_trigger=trigger)
            for trigger in ("unknown", "offence")
        )
        published = load_published([silent.uuid, speaking.uuid])

        def said(programme):
            areas = serialize_service(published[programme.uuid])["service_areas"]
            return [[each["value"] for each in area["attributes"] if each["link_type"] == "law"] for area in areas]

        assert said(silent) == [[law.rule_of_place], [french.rule_of_place]]
        assert said(speaking) == [[], []]


class TestPrerender:
    def test_renders_again_what_shows_a_changed_law(self, home, law):
        FinderPageFactory(parent=home)
        programme = ProgrammeFactory(approved=True, countries=["be"])

        text = LawTextFactory(law=law)

        def again(changed, *kinds):
            return {path for kind in kinds for path in kind.invalidated_by(changed)}

        of_text = again(text, HelpPages(), SharedPages())
        of_law = again(law, HelpPages(), SharedPages(), OpenData(), OpenApi())

        pages = {
            "/en/help/",
            "/en/help/be/",
            f"/en/help/listing/{programme.uuid}/",
            "/en/help/handouts/be-en.pdf",
        }
        assert pages <= of_text
        assert pages | {"/open-data/laws.csv", f"/hsds/en/services/{programme.uuid}"} <= of_law

    def test_asks_as_often_for_few_laws_as_for_many(self, home, demo):
        SupportLineFactory(approved=True, country="be")
        CountryLawFactory()

        def ask():
            with batch():
                return lookups.place("be").laws

        with same_queries(ask):
            for code, _name in names.countries("en")[:20]:
                LawTextFactory(law=CountryLawFactory(country=code))
