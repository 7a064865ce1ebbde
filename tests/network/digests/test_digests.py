"""Digests and worksheets: contents of their pages and PDFs, and publication only after a review from practice."""

import datetime as dt
import io
import json

import pytest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from campaigns.terms.passages import own_passages
from core.publishing.approval import SecondPersonRequiredError
from network.admin.tasks import DIGESTS_DUE, digests_url
from network.digests import handouts
from network.digests import services as digests
from network.models import DigestPage
from network.roles import NETWORK_MANAGER
from network.routes import PrintoutRoute
from prerender import services as prerender
from prerender.store.files import FileStore
from tests.factories.network import (
    WORK,
    DigestIndexPageFactory,
    DigestPageFactory,
    WorksheetIndexPageFactory,
    WorksheetPageFactory,
)
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.html import parse
from tests.support.languages import fill, in_language, submit
from tests.support.publishing import publish_page, render_only
from users import roles

pytestmark = pytest.mark.django_db
SAID = {
    "reviewer_name": "Pia Practice",
    "reviewer_role": "Answers a helpline",
    "reviewed_on": dt.date(2026, 3, 1),
    "review_fits": "We say it at the start of each call.",
    "review_does_not_fit": "We cannot say it in a chat of two minutes.",
}


@pytest.fixture
@cached_fixture
def digest(home):
    return DigestPageFactory(parent=DigestIndexPageFactory(parent=home), slug="barriers", title="Why not call?")


@pytest.fixture
@cached_fixture
def worksheet(home):
    return WorksheetPageFactory(parent=WorksheetIndexPageFactory(parent=home), slug="steps", title="Steps")


@pytest.fixture
@cached_fixture
def colleague(digest):
    roles.sync()
    return UserFactory(roles=[NETWORK_MANAGER])


def prerendered(path):
    render_only(path)
    return FileStore().file(path)


def words_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def edited(digest, *, by, **values):
    """Save a newer draft of the digest, without updating its row."""
    draft = digest.get_latest_revision_as_object()
    for name, value in values.items():
        setattr(draft, name, value)
    return draft.save_revision(user=by)


class TestDigestPage:
    def test_says_the_answer_how_sure_what_to_do_who_reviewed_it_and_on_what_it_rests(self, digest):
        page = parse(prerendered(digest.path_at_public).read_text())
        main = page.one("main").text

        order = [
            "Why not call?",
            "It helps some people.",
            "Weakly supported.",
            "One small trial.",
            "Say what is passed on, and to whom.",
            "Helpline manager",
            "We have no time for the second.",
            "Doe, J. (2020).",
        ]
        assert [main.index(words) for words in order] == sorted(main.index(words) for words in order)
        assert "Randomised trial · 2020 · Sweden · participants: 1,600 · free to read" in main
        assert page.all("a", href="https://doi.org/10.1000/182")

    def test_links_its_pdf_with_the_size(self, digest):
        page = parse(prerendered(digest.path_at_public).read_text())
        pdf = prerendered(digest.pdf_path).read_bytes()

        link = page.one("a", type="application/pdf")
        size = filesizeformat(len(pdf)).replace("\N{NO-BREAK SPACE}", " ")
        assert f"({size})" in link.text
        assert link["href"] == "/en/digests/barriers/barriers-en.pdf"

    def test_tells_machines_what_it_cites(self, digest):
        (script,) = parse(prerendered(digest.path_at_public).read_text()).all("script", type="application/ld+json")
        told = json.loads(script.text)

        assert (told["@type"], told["citation"][0]["@id"]) == ("Article", "https://doi.org/10.1000/182")

    def test_takes_its_facts_from_the_source_and_its_words_from_translators(self, digest, languages):
        paths = {
            segment.context.path.partition(".")[0]
            for segment in submit(digest, languages["de"]).source.stringsegment_set.select_related("context")
        }

        assert {"title", "introduction", "certainty_why", "actions", "review_fits", "reviewer_role"} <= paths
        assert not {"works", "certainty", "written_by", "reviewer_name"} & paths

    def test_has_its_words_read_by_the_terminology_checker(self, digest):
        read = {passage.path.partition(".")[0] for passage in own_passages(digest)}

        assert {"certainty_why", "actions", "review_does_not_fit"} <= read
        assert "works" not in read  # titles are not checked

    def test_is_not_due_before_it_was_written(self, digest):
        digest.due_on = digest.written_on

        with pytest.raises(Exception, match="due again after"):
            digest.full_clean()


class TestList:
    def test_shows_all_digests_and_at_an_address_of_its_own_those_for_one_kind_of_work(self, digest):
        DigestPageFactory(parent=digest.get_parent(), title="Do lessons help?", areas=["schools"])
        index = digest.get_parent().specific

        everything = prerendered("/en/digests/").read_text()
        schools = prerendered("/en/digests/for/schools/").read_text()

        assert ("Why not call?" in everything, "Do lessons help?" in everything) == (True, True)
        assert ("Why not call?" in schools, "Do lessons help?" in schools) == (False, True)
        assert set(index.prerendered_paths()) == {"", "for/helplines/", "for/schools/"}

    def test_has_no_address_for_work_without_digests(self, digest):
        for code in ("schools", "unknown"):
            with pytest.raises(LookupError):
                prerender.render_paths([f"/en/digests/for/{code}/"])

    def test_of_worksheets_leads_to_them(self, worksheet):
        page = parse(prerendered("/en/worksheets/").read_text())

        assert page.one("a", href="/en/worksheets/steps/").text == "Steps"

    def test_says_that_it_is_empty(self, home):
        DigestIndexPageFactory(parent=home)
        WorksheetIndexPageFactory(parent=home)

        assert "no digest in this language yet" in prerendered("/en/digests/").read_text()
        assert "no worksheet in this language yet" in prerendered("/en/worksheets/").read_text()


class TestWorksheetPage:
    def test_numbers_its_steps_questions_and_clauses_through(self, worksheet):
        headings = [each.text for each in parse(prerendered(worksheet.path_at_public).read_text()).all("h3")]

        assert headings[:3] == ["1. Name the aim", "2. Who took part?", "3. Who publishes"]

    def test_skips_no_level_of_headings_where_it_has_none_of_its_own(self, worksheet):
        worksheet.body = [part for part in worksheet.body.raw_data if part["type"] != "heading"]
        publish_page(worksheet)

        page = parse(prerendered(worksheet.path_at_public).read_text())

        assert page.one("main").all("h2")[0].text == "1. Name the aim"
        assert prerendered(worksheet.pdf_path).exists()  # PDF/UA forbids skipping a level


class TestPdf:
    def test_of_a_worksheet_has_what_the_page_has_and_room_to_write(self, worksheet):
        pdf = prerendered(worksheet.pdf_path).read_bytes()
        content = b"".join(page.get_contents().get_data() for page in PdfReader(io.BytesIO(pdf)).pages)
        bare = handouts.worksheet(worksheet).parts
        lines = sum(part.get("lines", 0) for part in bare)

        words = words_of(pdf)
        for expected in (
            "1. Name the aim",
            "Sit together.",
            "A good answer",
            "Both",
            "Page 1 / 1",
            "45 minutes",
        ):
            assert expected in words
        assert lines == 6
        assert content.count(b" l\n") >= lines  # each is drawn as a stroke

    def test_is_tagged_and_in_the_direction_of_its_language(self, digest, languages):
        tree_of = {page.pk: page for page in (digest.get_parent().specific, digest)}
        home = digest.get_parent().get_parent().specific
        in_language(home, languages["ar"], title="الرئيسية")
        index, page = (in_language(one, languages["ar"], title="لماذا؟") for one in tree_of.values())

        document = PdfReader(io.BytesIO(prerendered(page.pdf_path).read_bytes()))

        assert document.trailer["/Root"]["/Lang"] == "ar"
        assert document.trailer["/Root"]["/ViewerPreferences"]["/Direction"] == "/R2L"
        assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert "مشاركون" not in index.title

    def test_is_the_same_for_the_same_words(self, digest):
        assert handouts.pdf_of(digest) == handouts.pdf_of(DigestPage.objects.get(pk=digest.pk))

    def test_goes_with_its_page(self, digest):
        pdf = prerendered(digest.pdf_path)
        assert pdf.exists()

        digest.unpublish()

        assert digest.pdf_path in set(PrintoutRoute().invalidated_by(digest))
        assert digest.pdf_path not in PrintoutRoute().addresses()
        render_only(digest.pdf_path)
        assert not pdf.exists()

    def test_is_asked_about_alone(self, digest, worksheet):
        asked = [digest.pdf_path, "/en/help/de.pdf", "/en/digests/"]

        assert list(PrintoutRoute().existing(asked)) == [digest.pdf_path]
        assert list(PrintoutRoute().existing(["/en/digests/"])) == []

    def test_has_no_other_name(self, digest):
        with pytest.raises(LookupError):
            prerender.render_paths([digest.pdf_path.replace("-en.pdf", "-de.pdf")])

    def test_is_for_the_renderer_alone(self, digest, public):
        assert public.get(digest.pdf_path).status_code == 404

    def test_cannot_show_what_no_font_has(self, digest):
        digest.certainty_why = "One trial \N{CJK UNIFIED IDEOGRAPH-4E2D}."

        assert any("\N{CJK UNIFIED IDEOGRAPH-4E2D}" in reason for reason in digest.publication_blockers())


class TestReview:
    def test_is_asked_for_before_anything_is_published(self, digest):
        page = DigestPage(
            title="Not reviewed",
            slug="not-reviewed",
            locale=digest.locale,
            **{name: getattr(digest, name) for name in DigestPage.REVIEWED if name != "title"},
            written_on=digest.written_on,
            due_on=digest.due_on,
        )
        digest.get_parent().add_child(instance=page)
        page.save_revision().publish()
        page.refresh_from_db()

        assert not page.live

    def test_covers_one_version_and_what_is_public_stays_until_the_next_is_reviewed(self, digest, colleague):
        author = UserFactory(roles=[NETWORK_MANAGER])
        revision = edited(digest, by=author, introduction="It helps everybody.")

        revision.publish(user=author)
        digest.refresh_from_db()
        assert (digest.live, digest.introduction.startswith("It helps some")) == (True, True)

        digests.record_review(digest=digest, version=revision.pk, review=SAID, by=colleague)
        DigestPage.objects.get(pk=digest.pk).get_latest_revision().publish(user=author)
        digest.refresh_from_db()
        assert (digest.introduction, digest.reviewer) == (
            "It helps everybody.",
            "Pia Practice · Answers a helpline",
        )

    def test_says_nothing_about_menus_and_search_engines(self, digest):
        edited(digest, by=None, search_description="Why people do not call.", show_in_menus=True).publish()

        assert DigestPage.objects.get(pk=digest.pk).search_description == "Why people do not call."

    @pytest.mark.parametrize(
        "changed",
        [
            {"certainty": "high"},
            {"actions": [{"type": "step", "value": "Say nothing."}]},
            {"works": [{"type": "work", "value": {**WORK, "participants": 16000}}]},
            {"review_fits": "All of it."},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_does_not_cover_a_change_of(self, digest, changed):
        draft = edited(digest, by=None, **changed).as_object()

        assert draft.reasons_of_review() != []

    def test_is_not_recorded_by_the_author(self, digest, colleague):
        revision = edited(digest, by=colleague, introduction="It helps everybody.")

        with pytest.raises(SecondPersonRequiredError):
            digests.record_review(digest=digest, version=revision.pk, review=SAID, by=colleague)

    def test_may_be_recorded_again_by_the_same_user(self, digest, colleague):
        author = UserFactory()
        for sentence in ("It helps.", "It may help."):
            revision = edited(digest, by=author, introduction=sentence)
            digests.record_review(digest=digest, version=revision.pk, review=SAID, by=colleague)
            digest.refresh_from_db()

        assert digest.authors_since_review() == set()
        assert digest.get_latest_revision_as_object().reasons_of_review() == []

    def test_is_not_recorded_for_an_unread_version(self, digest, colleague):
        version = digest.latest_revision_id
        edited(digest, by=UserFactory(), introduction="It helps everybody.")

        with pytest.raises(digests.DigestChangedError):
            digests.record_review(digest=digest, version=version, review=SAID, by=colleague)

    def test_of_the_source_covers_its_translations_while_it_is_public(self, digest, languages):
        parent = digest.get_parent()
        in_language(parent.get_parent().specific, languages["de"], title="Start")
        in_language(parent.specific, languages["de"], title="Kurz gefasst")
        fill(submit(digest, languages["de"]), lambda text: f"{text} (de)")
        german = digest.get_translation(languages["de"])

        assert german.reasons_of_review() == []
        digest.unpublish()
        assert german.reasons_of_review() == ["The digest that this translates is not public."]
        assert german.pdf_path in set(PrintoutRoute().invalidated_by(digest))

    def test_holds_back_from_rendering_what_was_made_public_past_it(self, digest):
        DigestPage.objects.filter(pk=digest.pk).update(certainty="high")

        render_only(digest.path_at_public)

        assert not FileStore().file(digest.path_at_public).exists()
        assert digest.pdf_path not in PrintoutRoute().addresses()


class TestAdmin:
    @pytest.fixture
    def url(self, digest):
        return reverse("digest_review", args=[digest.translation_key])

    def sent(self, digest, **changes):
        return SAID | {"version": DigestPage.objects.get(pk=digest.pk).latest_revision_id} | changes

    def test_records_a_review_from_practice(self, digest, colleague, private, url):
        edited(digest, by=UserFactory(), introduction="It helps everybody.")
        private.force_login(colleague)
        assert "It helps everybody." in private.get(url).text

        answer = private.post(url, self.sent(digest), follow=True)

        draft = DigestPage.objects.get(pk=digest.pk).get_latest_revision_as_object()
        assert "Review recorded." in answer.text
        assert (draft.review_fits, draft.reasons_of_review()) == (SAID["review_fits"], [])

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"version": 1}, "The digest has been changed meanwhile."),
            ({"version": "x"}, "The digest has been changed meanwhile."),
            ({"reviewer_name": "Ada Author"}, "Another person than the author"),
            ({"reviewed_on": "2999-01-01"}, "in the future"),
            ({"review_fits": ""}, "This field is required."),
        ],
    )
    def test_says_why_nothing_was_recorded_and_keeps_what_was_typed(
        self, digest, colleague, private, url, changes, reason
    ):
        private.force_login(colleague)

        answer = private.post(url, self.sent(digest, **changes)).text

        assert reason in answer
        assert SAID["review_does_not_fit"] in answer
        assert digest.reviews.count() == 1

    def test_tells_an_author_that_another_user_records_it(self, digest, colleague, private, url):
        edited(digest, by=colleague, introduction="It helps everybody.")
        private.force_login(colleague)

        assert "another person records its review" in private.get(url).text
        assert "You have written in this digest" in private.post(url, self.sent(digest)).text

    def test_keeps_as_a_draft_what_is_not_reviewed_and_leads_to_the_review(self, digest, colleague, private, url):
        edited(digest, by=colleague, introduction="It helps everybody.")
        private.force_login(colleague)
        edit = reverse("wagtailadmin_pages:edit", args=[digest.pk])
        assert url in private.get(edit).text
        typed = {
            **{name: getattr(digest, name) for name in DigestPage.REVIEWED if name not in DigestPage.REVIEW},
            **{name: str(getattr(digest, name)) for name in ("slug", "written_on", "due_on")},
            "introduction": "It helps everybody.",
            "actions": streamfield([("step", "Say what is passed on.")]),
            "works": streamfield([("work", WORK)]),
            "comments": inline_formset([]),
        }

        answer = private.post(edit, {**nested_form_data(typed), "areas": digest.areas, "action-publish": "1"})

        assert answer["Location"] == url
        assert DigestPage.objects.get(pk=digest.pk).introduction.startswith("It helps some")

    def test_reminds_of_digests_that_are_due(self, digest, colleague):
        assert DIGESTS_DUE.count(colleague).count == 0

        DigestPage.objects.filter(pk=digest.pk).update(due_on=timezone.localdate())

        assert DIGESTS_DUE.count(colleague).count == 1
        assert DIGESTS_DUE.count(UserFactory()).count == 0
        assert digests_url() == reverse("wagtailadmin_explore", args=[digest.get_parent().pk])
