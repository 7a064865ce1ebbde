"""The page for decisions on words, redirects to it, the checks in the editor, and the report."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield
from wagtail_localize.models import StringTranslation, Translation

from campaigns.models import AllowedException, Term
from campaigns.roles import CAMPAIGN_EDITOR
from campaigns.terms import checker, exchange
from campaigns.terms.checker import words_url
from campaigns.terms.content_checks import rules_for
from tests.campaigns.conftest import soup
from tests.campaigns.terms.conftest import BAD, GOOD, newest, translate
from tests.factories.campaigns import CampaignPageFactory, MaterialFactory
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.factories.users import UserFactory
from translating import states
from users import roles
from users.models import User

CONFIGURATION = re.compile(r'<script id="checker-axe-configuration" type="application/json">(.*?)</script>', re.DOTALL)
LIST = reverse("wagtailsnippets_campaigns_term:list")
UNCONFIRMED = reverse("unconfirmed_terms")
IMPORT, EXPORT, REPORT = reverse("import_terms"), reverse("export_terms"), reverse("allowed_exceptions:list")


def text(response) -> str:
    return " ".join(soup(response).get_text(" ", strip=True).split())


def filled_in(page) -> dict[str, str]:
    """Return the data of the form of a page without its blocks, whose fields a script adds."""
    data = {
        each["name"]: each.get("value", each.get_text())
        for each in page.select("form[data-edit-form] :is(input, textarea)[name]")
        if each.get("type") != "checkbox"
    }
    blocks = {name: streamfield([]) for name in ("key_messages", "body", "partners")}
    return {**data, **nested_form_data({**blocks, "terms": rich_text("<p>Terms.</p>")})}


@pytest.fixture
def draft(story):
    """The campaign with a draft that has a word to avoid."""
    story.introduction = f"About {BAD}."
    story.save_revision()
    return newest(story)


class TestPageThatAsks:
    def test_shows_the_word_in_its_sentence_why_and_what_instead(self, editor, draft):
        page = soup(editor.get(words_url(draft)))

        assert page.select_one("blockquote").get_text() == f"About {BAD}."
        assert page.select_one("mark").get_text() == BAD
        assert page.select_one("input[name=with]")["value"] == GOOD
        assert [each["value"] for each in page.select("datalist option")] == [GOOD, "images of abuse"]
        assert "It is abuse." in page.get_text()

    def test_replaces_with_one_click_and_publishes_with_another(self, editor, draft, public):
        key = soup(editor.get(words_url(draft))).select_one("button[name=replace]")["value"]

        answer = editor.post(words_url(draft), {"replace": key, "with": GOOD}, follow=True)
        assert "No word stands in the way" in text(answer)
        editor.post(words_url(draft), {"publish": "yes"})

        assert newest(draft).introduction == f"About {GOOD}."
        assert GOOD in public.get("/en/campaigns/path/").content.decode()

    def test_replaces_all_with_what_the_list_says(self, editor, draft):
        latest = checker.newest(draft)
        latest.content_note = "Child porn."
        latest.save_revision()

        editor.post(words_url(draft), {"replace": ""})

        after = checker.newest(newest(draft))
        assert (after.introduction, after.content_note) == (f"About {GOOD}.", "Child sexual abuse material.")

    def test_keeps_a_word_with_a_reason_and_never_without(self, editor, draft):
        key = soup(editor.get(words_url(draft))).select_one("button[name=keep]")["value"]

        refused = editor.post(words_url(draft), {"keep": key, "reason": " "}, follow=True)
        assert "Say why" in text(refused)
        editor.post(words_url(draft), {"keep": key, "reason": "The title of a film."})
        editor.post(words_url(draft), {"publish": "yes"})

        assert BAD in newest(draft).introduction
        assert "The title of a film." in text(editor.get(REPORT))
        assert AllowedException.objects.get().by.email == "editor@example.org"

    def test_says_when_it_goes_live_what_is_scheduled(self, editor, campaigns, terms):
        waiting = CampaignPageFactory(parent=campaigns, embargo=datetime(2099, 1, 1, 9, tzinfo=UTC))

        answer = editor.post(words_url(waiting), {"publish": "yes"}, follow=True)

        assert "is ready, and goes live by itself: 1 January 2099" in text(answer)
        assert "has been published" not in text(answer)

    def test_publishes_nothing_that_still_has_to_be_decided(self, editor, draft):
        answer = editor.post(words_url(draft), {"publish": "yes"}, follow=True)

        assert "Not published." in text(answer)
        assert BAD not in newest(draft).introduction

    def test_is_for_those_who_may_edit(self, private, draft, home):
        roles.sync()
        private.force_login(UserFactory(roles=["Network manager"]))

        assert private.post(words_url(draft), {"replace": ""}).status_code == 302
        assert checker.newest(newest(draft)).introduction == f"About {BAD}."

    @pytest.mark.parametrize(
        "what",
        [
            ("auth", "group", "1"),
            ("campaigns", "nonsense", "1"),
            ("campaigns", "material", "x"),
            ("campaigns", "campaignpage", "999"),
        ],
    )
    def test_is_not_there_for_anything_else(self, editor, home, what):
        assert editor.get(reverse("words", args=what), follow=True).status_code == 404


class TestWhatLeadsThere:
    def test_the_button_that_publishes(self, editor, story):
        address = reverse("wagtailadmin_pages:edit", args=[story.pk])
        data = filled_in(soup(editor.get(address)))

        answer = editor.post(address, {**data, "introduction": f"About {BAD}.", "action-publish": "publish"})

        assert answer["Location"] == words_url(story)
        assert BAD not in newest(story).introduction
        assert BAD in checker.newest(newest(story)).introduction

    def test_publishing_in_bulk(self, editor, draft):
        address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])

        editor.post(f"{address}?id={draft.pk}&next=/admin/")

        assert "Nothing was published." in text(editor.get("/admin/"))
        assert BAD not in newest(draft).introduction

    def test_the_form_of_a_page_says_so(self, editor, draft):
        page = soup(editor.get(reverse("wagtailadmin_pages:edit", args=[draft.pk])))

        assert "decide about these words: “child pornography”" in page.get_text()
        assert page.select(f'a[href="{words_url(draft)}"]')

    def test_unpublishing_a_page_asks_nothing(self, editor, draft):
        editor.post(reverse("wagtailadmin_pages:unpublish", args=[draft.pk]))

        assert not newest(draft).live

    def test_the_page_of_a_second_person(self, private, home, terms):
        guide = GuidePageFactory(parent=FinderPageFactory(parent=home), introduction=f"About {BAD}.")
        guide.save_revision()
        private.force_login(User.objects.create_superuser("second@example.org"))

        page = soup(private.get(guide.decide_url()))

        assert [each.get_text() for each in page.select(f'a.button[href="{words_url(guide)}"]')] == ["Words"]

    def test_the_form_of_a_material(self, editor, terms):
        material = MaterialFactory()

        page = soup(editor.get(reverse("wagtailsnippets_campaigns_material:edit", args=[material.pk])))

        assert page.select(f'a[href="{words_url(material)}"]')


class TestContentChecks:
    def rules(self, page):
        return {rule.title: rule for rule in rules_for(page)}

    def test_name_each_term_and_the_texts_that_say_it(self, draft):
        rule = self.rules(checker.newest(draft))[f"A word to avoid: {BAD}"]

        assert rule.found == [f"About {BAD}."]
        assert rule.explanation == f"Instead: {GOOD} / images of abuse. It is abuse."

    def test_find_links_to_what_is_not_public_and_missing_languages(self, story, campaigns):
        hidden = CampaignPageFactory(parent=campaigns, title="Hidden")
        hidden.unpublish()
        story.body = [
            {
                "type": "text",
                "value": f'<p><a linktype="page" id="{hidden.pk}">gone</a> '
                f'<a linktype="page" id="{campaigns.pk}">there</a></p>',
                "id": "a",
            }
        ]  # fmt: skip
        rules = self.rules(story)

        assert rules["A link leads nowhere"].found == ["gone"]
        assert "German" in rules["Not translated into every language"].explanation

    def test_count_a_scheduled_language_as_there(self, campaigns, in_language):
        page = CampaignPageFactory(parent=campaigns, title="Spring", embargo=timezone.now() + timedelta(days=1))
        in_language(page, "de")
        french = in_language(page, "fr")
        Revision.objects.filter(object_id=str(french.pk)).update(approved_go_live_at=None)

        said = self.rules(page)["Not translated into every language"].explanation

        assert "German" not in said
        assert "French" in said

    def test_are_in_the_editor_and_in_the_preview_and_nowhere_else(self, editor, draft, public):
        form = soup(editor.get(reverse("wagtailadmin_pages:edit", args=[draft.pk])))
        named = json.loads(form.select_one("#checker-axe-configuration").string)["messages"]
        assert f"A word to avoid: {BAD}" in {each.get("error_name") for each in named.values()}

        address = reverse("wagtailadmin_pages:preview_on_edit", args=[draft.pk])
        editor.post(address, filled_in(form))
        shown = editor.get(address, {"in_preview_panel": "true", "mode": ""}).content.decode()
        checks = json.loads(CONFIGURATION.search(shown)[1])["spec"]["checks"]
        assert [f"About {BAD}."] in [each.get("options", {}).get("found") for each in checks]
        assert "wagtail-userbar" not in public.get("/en/campaigns/path/").content.decode()


class TestChecksOfATranslation:
    """The editor is wagtail-localize's, without a preview panel, so the server checks the saved texts."""

    @pytest.fixture
    def german(self, story, campaigns, languages, in_language):
        in_language(campaigns, "de")
        translate(story, languages["de"], "Über Kinderpornografie")
        return story.get_translation(languages["de"])

    def checks(self, client, address) -> str:
        return " ".join(soup(client.get(address)).select_one("[data-checks]").get_text(" ").split())

    def test_say_which_terms_the_checker_flags_in_what_is_saved(self, editor, german):
        address = reverse("wagtailadmin_pages:edit", args=[german.pk])
        before = self.checks(editor, address)

        StringTranslation.objects.filter(data__contains="Kinder").update(data="Über Abbildungen")

        assert "1 thing to look at A word to avoid: Kinderpornografie Über Kinderpornografie" in before
        assert "Instead: Missbrauchsdarstellungen. It is abuse." in before
        assert self.checks(editor, address) == "Checks Nothing was found in what is saved."

    def test_stand_where_a_changed_source_is_carried_over(self, editor, german):
        translation = Translation.objects.get(source__object_id=german.translation_key)
        states.write_noted()

        said = self.checks(editor, f"{reverse('translate', args=['de'])}?translation={translation.pk}")

        assert "A word to avoid: Kinderpornografie" in said

    def test_name_where_each_text_is_saved(self, editor, german):
        page = soup(editor.get(reverse("wagtailadmin_pages:edit", args=[german.pk])))
        props = json.loads(page.select_one(".js-translation-editor")["data-props"])

        prefix = page.select_one("[data-checks]")["data-checks"]
        saving = {each["editUrl"] for each in props["segments"]}
        assert saving
        assert all(each.startswith(prefix) for each in saving)


class TestList:
    def test_is_filtered_by_language_level_and_word(self, editor, terms):
        def shown(**query):
            return [
                row.select_one("td").get_text(" ", strip=True).split("\n")[0].strip()
                for row in soup(editor.get(LIST, query)).select("table.listing tbody tr")
            ]

        assert len(shown()) == 3
        assert len(shown(language="de")) == 1
        assert len(shown(language="en", level="caution")) == 1
        assert len(shown(says="sexual abuse")) == 1
        assert len(shown(says="\0")) == 3
        assert editor.get(LIST, {"level": "nonsense"}).status_code == 200

    def test_is_read_by_everybody_in_the_admin_and_changed_by_some(self, private, terms):
        roles.sync()
        add = reverse("wagtailsnippets_campaigns_term:add")
        for role, may in (("Listing drafter", False), ("Listing approver", True), (CAMPAIGN_EDITOR, True)):
            private.force_login(UserFactory(roles=[role]))

            assert BAD in text(private.get(LIST))
            assert (private.get(add).status_code == 200) is may
            assert (private.get(IMPORT).status_code == 200) is may

    @pytest.mark.parametrize("form", ["*", "ab*", "por*no", "!?"])
    def test_refuses_forms_that_would_find_too_much(self, editor, terms, form):
        term = Term.objects.first()
        data = {
            name: getattr(term, name)
            for name in (
                "language",
                "level",
                "word",
                "instead",
                "why",
                "concept",
                "source_url",
                "quote",
                "confidence",
            )
        }

        answer = editor.post(reverse("wagtailsnippets_campaigns_term:edit", args=[term.pk]), {**data, "forms": form})

        assert answer.status_code == 200
        assert Term.objects.get(pk=term.pk).forms == term.forms


class TestTable:
    def bring_in(self, editor, table: str):
        file = SimpleUploadedFile("terms.csv", table.encode("utf-8-sig"), "text/csv")
        return editor.post(IMPORT, {"file": file})

    def taken_out(self, editor, **query) -> str:
        return b"".join(editor.get(EXPORT, query).streaming_content).decode()

    def test_comes_back_as_it_went_out(self, editor, terms):
        Term.objects.filter(language="de").update(why="=1+1; 'quoted'")

        table = self.taken_out(editor)

        assert "'=1+1" in table
        plan = exchange.read(table)
        assert (plan.rows, plan.same, plan.problems) == ([], 3, [])

    def test_shows_what_it_changes_and_saves_that_once_it_is_confirmed(self, editor, terms):
        table = self.taken_out(editor, language="de").replace("Missbrauchsdarstellungen", "Aufnahmen von Missbrauch")
        table += ",fr,avoid,pédo,pédo; pédos,,,paedophile,,,low\r\n"

        shown = self.bring_in(editor, table)
        assert "1 new term" in text(shown)
        assert "1 term changed" in text(shown)
        assert "Aufnahmen von Missbrauch" in text(shown)
        assert Term.objects.count() == 3

        editor.post(IMPORT, {"table": soup(shown).select_one("textarea[name=table]").string})

        assert Term.objects.get(language="de").instead == "Aufnahmen von Missbrauch"
        assert Term.objects.get(language="fr").all_forms == ["pédo", "pédos"]

    @pytest.mark.parametrize(
        ("table", "problem"),
        [
            ("a,b\n1,2\n", "The columns are not these"),
            ("", "The columns are not these"),
            ("id,language,level,concept\nx,en,use,a\n", "this is not an id"),
            ("id,language,level,concept\n,zz,use,a\n", "Line 2, language"),
            ("id,language,level,concept,forms\n,en,avoid,a,\n", "Line 2, forms"),
            ("id,language,level,concept\n,en,use\n", "Line 2, concept"),
        ],
    )
    def test_says_what_is_wrong_with_it_and_saves_nothing(self, editor, terms, table, problem):
        assert problem in exchange.read(table).problems[0]
        assert Term.objects.count() == 3

    def test_that_is_no_text_is_refused(self, editor, db):
        answer = editor.post(IMPORT, {"file": SimpleUploadedFile("terms.csv", b"\xff\xfe\x00")})

        assert "not in UTF-8" in text(answer)

    def test_of_reasons_is_taken_out_too(self, editor, draft):
        keys = [each.key for each in checker.findings(checker.newest(draft))]
        checker.keep(thing=draft, keys=keys, reason="=A film", by=None)

        taken_out = b"".join(editor.get(REPORT, {"export": "csv"}).streaming_content).decode()
        rows = list(csv.reader(io.StringIO(taken_out)))

        assert rows[1][:3] == ["Path", "en", BAD]
        assert "'=A film" in rows[1]


class TestStarterData:
    def test_is_put_in_once_and_overwrites_no_edit(self, db):
        assert "terms of the field were added" in exchange.seed()
        term = Term.objects.get(language="cs", concept="paedophile (as a label for offenders)")
        assert "pedofilů" in term.all_forms
        Term.objects.filter(pk=term.pk).update(why="Ours.")
        Term.objects.filter(language="bg").delete()

        assert exchange.seed() == ""
        assert Term.objects.get(pk=term.pk).why == "Ours."
        assert not Term.objects.filter(language="bg").exists()

    def test_has_every_row_with_its_source_and_offers_no_question_as_a_word(self):
        terms = list(exchange.starter_terms())

        with exchange.STARTER[0].open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(terms) >= len(rows) == 969
        assert len({term.uuid for term in terms}) == len(terms)
        assert len({term.language for term in terms}) == 28
        assert {row["source_url"] for row in rows} <= {term.source_url for term in terms}
        assert not [term for term in terms if term.instead.startswith("[")]
        for term in terms:
            term.clean_fields()

    def test_of_a_later_version_is_compared_before_it_changes_a_list(self, editor, db):
        exchange.seed()
        label = Term.objects.get(language="de", concept="paedophile (as a label for offenders)")
        Term.objects.filter(pk=label.pk).update(uuid=uuid4(), level="caution", forms="Pädophiler", why="Ours.")
        Term.objects.filter(language="en", concept="revenge porn").delete()

        shown = editor.post(IMPORT, {"starter": "yes"})
        page = text(shown)
        assert ("1 new term" in page, "1 term changed" in page, "revenge porn" in page) == (True, True, True)
        assert Term.objects.get(pk=label.pk).level == "caution"
        editor.post(IMPORT, {"table": soup(shown).select_one("textarea[name=table]").string})

        label.refresh_from_db()
        assert (label.level, "Pädophilen" in label.all_forms) == ("avoid", True)
        assert exchange.of_this_version().count("\n") == 1


class TestNativeReader:
    @pytest.fixture
    def guess(self, terms):
        guess = Term.objects.get(language="de")
        Term.objects.filter(pk=guess.pk).update(confidence="none", changed_at=timezone.now())
        return guess

    @pytest.fixture
    def reader(self, private, languages):
        roles.sync()
        user = UserFactory(roles=["Translator: German"])
        private.force_login(user)
        return user

    def held(self) -> bool:
        return any(term.holds for *_place, term in checker.terms_in("Kinderpornografie", checker.word_list("de")))

    def test_confirms_a_guess_before_it_holds_up_anything(self, private, reader, guess):
        assert not self.held()
        assert guess.word in text(private.get(UNCONFIRMED))

        private.post(UNCONFIRMED, {"term": guess.pk})

        guess.refresh_from_db()
        assert (guess.confirmed_by, self.held()) == (reader, True)
        assert "No word of this language waits" in text(private.get(UNCONFIRMED))

    def test_is_asked_again_when_the_forms_have_changed(self, private, reader, guess):
        private.post(UNCONFIRMED, {"term": guess.pk})
        guess.refresh_from_db()

        for forms, confirmed in (("Kinderpornografie", True), ("Kinderpornografie\nKinderporno", False)):
            guess.forms = forms
            guess.full_clean()
            guess.save()
            assert self.held() is confirmed

    def test_confirms_their_own_language_only(self, private, reader, guess):
        other = Term.objects.create(
            language="fr", level="avoid", word="pédo", forms="pédo", concept="a", confidence="none"
        )

        private.post(UNCONFIRMED, {"term": other.pk})

        assert Term.objects.unconfirmed().count() == 2
        assert private.get(UNCONFIRMED, {"language": "fr"}, follow=True).status_code == 404

    def test_is_no_person_without_a_language(self, private, guess):
        roles.sync()
        private.force_login(UserFactory(roles=["Network manager"]))

        assert private.get(UNCONFIRMED).status_code == 302

    def test_sees_a_guess_beside_a_text_that_is_published(self, editor, draft):
        Term.objects.filter(word=BAD).update(confidence="none", changed_at=timezone.now())

        page = text(editor.get(words_url(draft)))

        assert "No word stands in the way" in page
        assert "No native reader has confirmed this word yet" in page
