"""Works of members: typed, imported, ordered, shown as APA has them, and only to whom the member chose. Nothing is kept until it is ticked."""

import json

import pytest

from network import row_locks
from network.members import services as members
from network.models import Member
from network.personal_data.export import everything_about
from network.publications import citations, registries, views
from network.publications import services as publications
from network.publications.citations import in_apa_style, locale_of
from network.publications.csl import kept
from network.publications.models import MOST_KEY_OUTPUTS, MOST_WORKS
from network.publications.views import MAX_ENTRIES
from network.vocabulary.details import Detail
from tests.factories.network import MemberFactory, PublishedWorkFactory, with_account
from tests.network.members.test_services import traces
from tests.support.csl import problems

WORKS = "/en/members/profile/works/"
ADD, IMPORT, KEEP, ORCID = f"{WORKS}add/", f"{WORKS}import/", f"{WORKS}keep/", f"{WORKS}orcid/"
ARTICLE = {
    "type": "article-journal",
    "title": "What helps?",
    "author": [{"family": "Lima", "given": "Ana"}, {"literal": "World Health Organization"}],
    "issued": {"date-parts": [[2020, 3]]},
    "container-title": "Journal of Studies",
    "volume": "12",
    "issue": "3",
    "page": "100-120",
    "DOI": "10.5555/what",
}
TYPED = {
    "work-type": "article-journal",
    "work-title": "What helps?",
    "work-author": "Lima, Ana\nWorld Health Organization",
    "work-year": "2020",
    "work-container_title": "Journal of Studies",
    "work-doi": "https://doi.org/10.5555/WHAT",
    "work-language": "en",
}


@pytest.fixture
def member(db) -> Member:
    return MemberFactory(listed=True)


@pytest.fixture
def inside(desk, member):
    with_account(member)
    desk.force_login(member.user)
    return desk


def works(member):
    return [work.title for work in member.works.all()]


def said(response):
    return response.content.decode()


class TestTyped:
    def test_is_kept_as_csl_json(self, inside, member):
        page = said(inside.post(ADD, TYPED, follow=True))

        [work] = member.works.all()
        assert (work.doi, work.year, work.item["author"][1]) == (
            "10.5555/what",
            2020,
            {"literal": "World Health Organization"},
        )
        assert "1 work added." in page
        assert problems([work.item | {"id": "1"}]) == []

    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            ("title", "", "This field is required."),
            ("doi", "ten", "This is not a DOI."),
            ("url", "javascript:alert(1)", "This is not the address of a page."),
            ("year", "20", "greater than or equal to 1000"),
            ("language", "German!", "This is not the code of a language."),
            ("type", "poem", "Select a valid choice."),
        ],
    )
    def test_says_what_is_wrong_and_keeps_nothing(self, inside, member, name, value, sentence):
        page = said(inside.post(ADD, TYPED | {f"work-{name}": value}))

        assert sentence in page
        assert not member.works.exists()

    def test_can_be_changed_without_losing_what_the_form_does_not_show(self, inside, member):
        item = ARTICLE | {"author": [{"family": "Ruiz", "given": "Ana", "non-dropping-particle": "de la"}]}
        work = PublishedWorkFactory(member=member, item=item)
        address = f"{WORKS}{work.uuid}/"
        form = inside.get(address).context["form"]
        sent = {field.html_name: field.value() or "" for field in form} | {"work-title": "What helps now?"}

        inside.post(address, sent)

        work.refresh_from_db()
        assert work.item == item | {"title": "What helps now?"}

    def test_loses_month_and_parts_with_another_year_and_name(self, inside, member):
        work = PublishedWorkFactory(member=member, item=ARTICLE)

        inside.post(f"{WORKS}{work.uuid}/", TYPED | {"work-year": "", "work-author": "Sole"})

        work.refresh_from_db()
        assert "issued" not in work.item
        assert work.item["author"] == [{"literal": "Sole"}]

    def test_cannot_take_the_doi_of_another(self, inside, member):
        PublishedWorkFactory(member=member, doi="10.5555/what")
        work = PublishedWorkFactory(member=member)

        page = said(inside.post(f"{WORKS}{work.uuid}/", TYPED, follow=True))

        assert "another of your works has the same DOI" in page

    def test_of_somebody_else_is_not_there(self, inside):
        assert inside.get(f"{WORKS}{PublishedWorkFactory().uuid}/").status_code == 404


class TestKeyOutputs:
    def test_are_five_in_the_order_that_the_member_chose_and_come_first(self, inside, member):
        made = [PublishedWorkFactory(member=member, title=f"Work {n}", year=2000 + n) for n in range(7)]
        for work in made[: MOST_KEY_OUTPUTS + 1]:
            page = said(inside.post(WORKS, {"do": f"key:{work.uuid}"}, follow=True))
        assert "Please take one of them out." in page

        inside.post(WORKS, {"do": f"up:{made[1].uuid}"})
        inside.post(WORKS, {"do": f"up:{made[1].uuid}"})
        inside.post(WORKS, {"do": f"not-key:{made[0].uuid}"})
        inside.post(WORKS, {"do": f"up:{made[6].uuid}"})

        assert works(member) == ["Work 1", "Work 2", "Work 3", "Work 4", "Work 6", "Work 5", "Work 0"]
        assert [work.position for work in member.works.filter(is_key=True)] == [1, 2, 3, 4]

    def test_can_be_deleted(self, inside, member):
        work = PublishedWorkFactory(member=member, is_key=True)

        assert "You have added no works yet." in said(
            inside.post(WORKS, {"do": f"delete:{work.uuid}"}, follow=True)
        )

    @pytest.mark.parametrize("sent", ["", "key:", "burn:{}", "delete:00000000-0000-4000-8000-000000000000"])
    def test_are_left_alone_by_anything_else(self, inside, member, sent):
        work = PublishedWorkFactory(member=member)

        page = said(inside.post(WORKS, {"do": sent.format(work.uuid)}, follow=True))

        assert "That is not possible at the moment." in page
        assert member.works.count() == 1

    def test_that_was_deleted_meanwhile_says_so(self, member):
        work = PublishedWorkFactory(member=member)
        publications.delete_work(member=member, work=work)

        with pytest.raises(row_locks.WrongState):
            publications.delete_work(member=member, work=work)


class TestImport:
    def test_keeps_only_what_is_ticked(self, inside, member):
        PublishedWorkFactory(member=member, doi="10.5555/what")
        text = json.dumps(
            [
                ARTICLE,
                ARTICLE | {"title": "Second", "DOI": "10.5555/b"},
                ARTICLE | {"title": "Third", "DOI": ""},
            ]
        )

        shown = inside.post(IMPORT, {"list-text": text})
        entries = [entry for entry, _cited in shown.context["entries"]]
        assert member.works.count() == 1
        assert "You have this work already." in said(shown)
        page = said(inside.post(KEEP, {"work-1": entries[0].value, "work-3": entries[2].value}, follow=True))

        assert sorted(works(member))[1:] == ["Third"]
        assert "1 work was there already." in page

    def test_takes_a_file(self, inside, tmp_path):
        file = tmp_path / "mine.ris"
        file.write_bytes("\ufeffTY  - JOUR\r\nTI  - Über\r\nER  - \r\n".encode())
        with file.open("rb") as content:
            assert "Über" in said(inside.post(IMPORT, {"list-file": content}))
        file.write_bytes("@book{x, title={Über}}".encode("latin-1"))
        with file.open("rb") as content:
            assert "Über" in said(inside.post(IMPORT, {"list-file": content}))
        file.write_bytes("@book{x, title={Über}}".encode("utf-16"))
        with file.open("rb") as content:
            assert "Über" in said(inside.post(IMPORT, {"list-file": content}))

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "The submitted file is empty."),
            (b"\xff\xfe\x00", "This file is no text."),
            (b"x" * 1_600_001, "This file is too large."),
        ],
    )
    def test_says_what_is_wrong_with_a_file(self, inside, tmp_path, content, sentence):
        file = tmp_path / "mine.bib"
        file.write_bytes(content)
        with file.open("rb") as opened:
            assert sentence in said(inside.post(IMPORT, {"list-file": opened}))

    def test_asks_for_a_list(self, inside):
        assert "Please paste a list, or choose a file." in said(inside.post(IMPORT, {"list-text": " "}))
        assert inside.get(IMPORT).status_code == 200

    def test_has_what_only_has_a_doi_filled_in_by_hand(self, inside, member):
        shown = inside.post(IMPORT, {"list-text": "10.5555/a\n10.5555/b\nhello"})
        assert "There is no DOI in this line." in said(shown)
        one, two, _bad = [entry for entry, _cited in shown.context["entries"]]

        again = inside.post(
            KEEP,
            {
                "work-1": one.value,
                "title-1": "Found",
                "author-1": "Lima, Ana",
                "year-1": "2020",
                "work-2": two.value,
            },
        )

        assert "These still need a title." in said(again)
        assert [entry.number for entry, _cited in again.context["entries"]] == [2]
        [work] = member.works.all()
        assert (work.title, work.doi, work.year) == ("Found", "10.5555/a", 2020)

    @pytest.mark.parametrize("value", ["", "{", "[]", "1", "[" * 9000, "x" * 30_000])
    def test_takes_nothing_that_is_no_work(self, inside, member, value):
        page = said(inside.post(KEEP, {"work-1": value}, follow=True))

        assert "You have ticked nothing, so nothing was added." in page
        assert not member.works.exists()

    def test_checks_anew_what_comes_back(self, inside, member):
        inside.post(
            KEEP,
            {"work-1": json.dumps({"title": "<b>T</b>\x00", "evil": 1, "URL": "javascript:x", "type": []})},
        )

        assert [work.item for work in member.works.all()] == [{"type": "document", "title": "T"}]

    def test_has_an_end(self, member):
        with pytest.raises(publications.TooManyWorks):
            publications.add_works(
                member=member, items=[{"type": "book", "title": f"T{n}"} for n in range(MOST_WORKS + 1)]
            )

        assert not member.works.exists()

    def test_beyond_the_end_says_so(self, inside, member, monkeypatch):
        monkeypatch.setattr("network.publications.services.MOST_WORKS", 0)

        assert "Nothing was added; please tick fewer" in said(inside.post(ADD, TYPED, follow=True))

    def test_into_a_profile_that_is_gone_says_so(self, inside, member, monkeypatch):
        def gone(**_given):
            raise row_locks.WrongState

        monkeypatch.setattr(publications, "add_works", gone)

        assert "That is not possible at the moment." in said(inside.post(ADD, TYPED, follow=True))


class TestShown:
    def test_as_apa_has_them_in_the_language_of_the_reader(self):
        thesis = {"type": "chapter", "title": "Was hilft?", "author": [{"family": "Lima", "given": "Ana"}],
                  "editor": [{"family": "Ode", "given": "Bo"}], "container-title": "Buch", "page": "1-9"}  # fmt: skip

        assert in_apa_style(ARTICLE, "en") == (
            "Lima, A., &amp; World Health Organization. (2020). <bdi>What helps?</bdi> <i><bdi>Journal of Studies</bdi></i>, <i>12</i>(3), 100\u2013120."
        )
        assert "(eds.), <i><bdi>Buch</bdi></i> (pp. 1\u20139)" in in_apa_style(thesis, "en").replace(
            "(ed.)", "(eds.)"
        )
        assert "(o.\xa0J.)" in in_apa_style(thesis, "de")
        assert "(Hrsg.), <i><bdi>Buch</bdi></i> (S. 1\u20139)" in in_apa_style(thesis, "de")
        assert "(s. d.)" in in_apa_style(thesis, "fr").replace("\xa0", " ")
        assert "(د.ت)" in in_apa_style(thesis, "ar")

    def test_capitalises_the_words_of_english_journals_alone(self):
        article = {
            "type": "article-journal",
            "title": "Über Hilfe",
            "container-title": "Zeitschrift für erfundene Beispiele",
        }

        assert "Zeitschrift für erfundene Beispiele" in in_apa_style(article | {"language": "de"}, "en")
        english = article | {"container-title": "Journal of invented examples", "language": "en"}
        assert "Journal of Invented Examples" in in_apa_style(english, "de")

    def test_with_the_title_once_where_there_is_no_author(self):
        assert in_apa_style({"type": "report", "title": "Alone"}, "en") == "<i><bdi>Alone</bdi></i>. (n.d.)."

    def test_with_nothing_of_their_own_as_mark_up(self):
        hostile = kept(
            {"type": "thesis", "title": "<script>alert(1)</script> & \ue000<img>", "author": "x<b>"}
        ).item

        html = in_apa_style(hostile, "en")

        assert "<script" not in html
        assert "<img" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in html

    def test_in_english_where_there_are_no_terms(self):
        assert [locale_of(code) for code in ("de", "ar", "pt-br", "tlh")] == ["de-DE", "ar", "pt-BR", "en-US"]

    def test_with_key_outputs_first_and_the_address_as_a_link(self, public, directory, member):
        PublishedWorkFactory(member=member, title="Other", item={"type": "book", "title": "Other", "URL": "https://e.example/a?b&c", "language": "ar"})  # fmt: skip
        PublishedWorkFactory(member=member, item=ARTICLE, is_key=True)

        page = said(public.get(f"/en/network/{member.uuid}/?x=1"))

        assert page.index("What helps?</bdi>") < page.index("1 other work") < page.index("Other</bdi>")
        assert 'href="https://doi.org/10.5555/what"' in page
        assert 'href="https://e.example/a?b&amp;c"' in page
        assert '<bdi lang="ar">' in page
        assert '"@reverse"' in page

    def test_without_key_outputs_as_one_list(self, public, directory, member):
        PublishedWorkFactory(member=member, title="Only")

        page = said(public.get(f"/en/network/{member.uuid}/?x=1"))

        assert "<h2>Works</h2>" in page
        assert "Key outputs" not in page

    def test_to_members_alone_if_the_member_wants_it(self, inside, public, directory, member, monkeypatch):
        PublishedWorkFactory(member=member, title="Canarywork")
        other = MemberFactory(listed=True)
        member.shown.remove(Detail.WORKS)
        member.shown_to_members = [Detail.WORKS]
        member.save()
        with_account(other)
        inside.force_login(other.user)

        assert "Canarywork" in said(inside.get(f"/en/members/{member.uuid}/"))
        assert "Canarywork" not in said(public.get(f"/en/network/{member.uuid}/?x=1"))
        inside.force_login(member.user)
        assert "Members who have signed in see your works." in said(inside.get(WORKS))
        assert "Canarywork" in said(inside.get("/en/members/profile/preview/"))

    def test_are_private_until_the_member_chooses(self):
        assert Detail.WORKS not in MemberFactory.build().shown

    def test_are_told_on_ones_own_page(self, inside, member):
        member.shown = []
        member.save()
        PublishedWorkFactory(member=member)

        assert "You have added 1 work." in said(inside.get("/en/members/profile/"))
        assert "Only you and the network" in said(inside.get(WORKS))


class TestEnd:
    def test_everything_is_in_the_export_as_csl_json(self, member):
        work = PublishedWorkFactory(member=member, item=ARTICLE, is_key=True)

        exported = everything_about(member)

        assert exported["works"] == [ARTICLE | {"id": str(work.uuid)}]
        assert exported["key_outputs"] == [str(work.uuid)]
        assert problems(exported["works"]) == []

    def test_leaving_leaves_nothing(self, member):
        PublishedWorkFactory(member=member, title="Canarywork")
        members.leave(member=member)

        assert traces(["Canarywork", "canarywork"]) == []

    def test_the_style_is_the_one_that_was_taken_over(self):
        """Whoever changes it has to say so: it is somebody else's work."""
        assert "creativecommons.org/licenses/by-sa/3.0" in citations.STYLE.read_text()


class TestOrcid:
    @pytest.fixture
    def member(self, db) -> Member:
        return members.confirm_orcid(member=MemberFactory(listed=True), orcid="0000-0002-1825-0097", name="")

    @pytest.fixture
    def record(self, orcid_stub, settings, monkeypatch):
        settings.ORCID_API_URL = "https://orcid.example/api"
        monkeypatch.setattr(registries, "Internet", orcid_stub.websites.internet)
        return orcid_stub

    def test_is_read_and_kept_only_if_ticked(self, inside, member, record):
        record.answer_works([SUMMARY, {**SUMMARY, "title": None, "external-ids": None}])

        shown = inside.post(ORCID)

        assert not member.works.exists()
        [first, second] = [entry for entry, _cited in shown.context["entries"]]
        assert first.kept.item == {
            "type": "article-journal", "title": "From ORCID", "container-title": "Journal", "issued": {"date-parts": [[2021, 5]]},
            "DOI": "10.5555/orcid", "URL": "https://e.example/",
        }  # fmt: skip
        assert (second.is_work, second.kept.remarks) == (False, ["It has no title."])
        assert "Authorization" not in record.websites.headers[-1]
        inside.post(KEEP, {"work-1": first.value})
        assert works(member) == ["From ORCID"]

    @pytest.mark.parametrize(
        ("answer", "sentence"),
        [
            ({"status": 500}, "We cannot read what ORCID has answered."),
            ({"body": "[" * 9000}, "We cannot read what ORCID has answered."),
            ({"body": '{"group": [{"work-summary": []}]}'}, "We cannot read what ORCID has answered."),
            ({"body": '{"group": []}'}, "ORCID shows us no works"),
        ],
    )
    def test_that_answers_badly_or_is_private_changes_nothing(self, inside, member, record, answer, sentence):
        record.answer_works([], **answer)

        assert sentence in said(inside.post(ORCID, follow=True))
        assert not member.works.exists()

    def test_that_is_silent_is_waited_for_less_than_ten_seconds(self, inside, record, monkeypatch):
        assert registries.LIMITS.request_seconds < 10
        monkeypatch.setattr(registries, "LIMITS", registries.Limits(request_seconds=0.3, redirects=1))
        record.works_fall_silent()

        assert "ORCID does not answer." in said(inside.post(ORCID, follow=True))

    def test_with_a_false_certificate_is_not_believed(self, inside, record):
        record.websites.certify("elsewhere.example")

        assert "We cannot read what ORCID has answered." in said(inside.post(ORCID, follow=True))

    def test_is_asked_a_few_times_an_hour(self, inside, record, monkeypatch):
        monkeypatch.setattr(views, "ASKED", views.Limit(name="works-asked", times=1, seconds=60))
        record.answer_works([])
        inside.post(ORCID)
        asked = len(record.websites.asked)

        inside.post(ORCID, follow=True)

        assert len(record.websites.asked) == asked

    def test_is_offered_only_where_orcid_has_confirmed_the_id(self, inside, member, record, settings):
        assert ORCID in said(inside.get(WORKS))
        settings.ORCID_CLIENT_SECRET = ""

        assert ORCID not in said(inside.get(WORKS))
        assert inside.post(ORCID).status_code == 404


SUMMARY = {
    "title": {"title": {"value": "From ORCID"}, "subtitle": None},
    "journal-title": {"value": "Journal"},
    "type": "journal-article",
    "publication-date": {"year": {"value": "2021"}, "month": {"value": "05"}, "day": None},
    "url": {"value": "https://e.example/"},
    "external-ids": {
        "external-id": [
            {
                "external-id-type": "doi",
                "external-id-value": "10.5555/book",
                "external-id-relationship": "part-of",
            },
            {
                "external-id-type": "doi",
                "external-id-value": "10.5555/ORCID",
                "external-id-relationship": "self",
            },
        ]
    },
}


class TestDois:
    def test_are_asked_about_only_where_the_operator_wants_it(self, inside, monkeypatch):
        monkeypatch.setattr(registries, "_ask", lambda *args: pytest.fail("somebody is asked"))

        page = said(inside.post(IMPORT, {"list-text": "10.5555/a"}))

        assert "we know only the DOI" in page

    def test_are_told_by_whoever_registered_them_as_far_as_they_answer(
        self, inside, websites, settings, monkeypatch
    ):
        settings.DOI_URL = "https://service.example"
        monkeypatch.setattr(registries, "Internet", websites.internet)
        elsewhere = (301, {"Location": "https://other.example/a"}, "")
        websites.answers |= {
            "https://service.example/10.5555/a": elsewhere,
            "https://other.example/a": (
                200,
                {},
                json.dumps({"type": "journal-article", "title": "Told", "DOI": "10.1/else"}),
            ),
            "https://service.example/10.5555/b": (200, {}, "{"),
            "https://service.example/10.5555/c": (301, {"Location": "https://service.example/10.5555/c"}, ""),
            "https://service.example/10.5555/d": (200, {}, "[]"),
        }

        shown = inside.post(IMPORT, {"list-text": "10.5555/a 10.5555/b 10.5555/c 10.5555/d"})

        entries = [entry for entry, _cited in shown.context["entries"]]
        assert entries[0].kept.item == {"type": "article-journal", "title": "Told", "DOI": "10.5555/a"}
        assert [entry.lacks_title for entry in entries] == [False, True, True, True]

    def test_are_not_asked_about_too_often(self, inside, websites, settings, monkeypatch):
        settings.DOI_URL = "https://service.example"
        monkeypatch.setattr(registries, "Internet", websites.internet)
        monkeypatch.setattr(views, "ASKED", views.Limit(name="works-asked", times=0, seconds=60))

        assert inside.post(IMPORT, {"list-text": "10.5555/a"}).status_code == 200
        assert websites.asked == []


def test_a_preview_has_room_for_all_that_is_read(settings):
    assert 4 * MAX_ENTRIES + 10 < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
