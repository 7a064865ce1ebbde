"""Publications of members: entered by hand, by DOI or from ORCID, ordered, and shown to the chosen audience."""

import json

import pytest

from network import row_locks
from network.members import services as members
from network.models import Member
from network.personal_data.export import everything_about
from network.publications import registries, services, views
from network.publications.models import MOST_KEY_OUTPUTS, MOST_PUBLICATIONS, kept
from network.vocabulary.details import Detail
from tests.factories.network import MemberFactory, PublicationFactory, with_account

PUBLICATIONS = "/en/members/profile/publications/"
ADD, BY_DOI, KEEP, ORCID = (
    f"{PUBLICATIONS}add/",
    f"{PUBLICATIONS}doi/",
    f"{PUBLICATIONS}keep/",
    f"{PUBLICATIONS}orcid/",
)
ARTICLE = {
    "type": "article-journal",
    "title": "What helps?",
    "author": [{"family": "Lima", "given": "Ana"}, {"literal": "World Health Organization"}],
    "issued": {"date-parts": [[2020]]},
    "container-title": "Journal of Studies",
    "DOI": "10.5555/what",
}
TYPED = {
    "publication-type": "article-journal",
    "publication-title": "What helps?",
    "publication-author": "Lima, Ana\nWorld Health Organization",
    "publication-year": "2020",
    "publication-container": "Journal of Studies",
    "publication-doi": "https://doi.org/10.5555/WHAT",
    "publication-language": "en",
}


@pytest.fixture
def member(db) -> Member:
    return MemberFactory(listed=True)


def titles(member):
    return [publication.title for publication in member.publications.all()]


class TestTyped:
    def test_is_kept_as_csl_json(self, signed_in, member):
        page = signed_in.post(ADD, TYPED, follow=True).text

        [publication] = member.publications.all()
        assert (publication.doi, publication.year, publication.item["author"][1]) == (
            "10.5555/what",
            2020,
            {"literal": "World Health Organization"},
        )
        assert "1 publication added." in page

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
    def test_says_what_is_wrong_and_keeps_nothing(self, signed_in, member, name, value, sentence):
        page = signed_in.post(ADD, TYPED | {f"publication-{name}": value}).text

        assert sentence in page
        assert not member.publications.exists()

    def test_can_be_changed(self, signed_in, member):
        publication = PublicationFactory(member=member, item=ARTICLE)
        address = f"{PUBLICATIONS}{publication.uuid}/"
        form = signed_in.get(address).context["form"]
        sent = {field.html_name: field.value() or "" for field in form} | {"publication-title": "What helps now?"}

        signed_in.post(address, sent | {"publication-year": ""})

        publication.refresh_from_db()
        assert publication.item == {name: value for name, value in ARTICLE.items() if name != "issued"} | {
            "title": "What helps now?"
        }

    def test_cannot_take_the_doi_of_another(self, signed_in, member):
        PublicationFactory(member=member, doi="10.5555/what")
        publication = PublicationFactory(member=member)

        page = signed_in.post(f"{PUBLICATIONS}{publication.uuid}/", TYPED, follow=True).text

        assert "another of your publications has the same DOI" in page

    def test_of_another_member_is_not_there(self, signed_in):
        assert signed_in.get(f"{PUBLICATIONS}{PublicationFactory().uuid}/").status_code == 404


class TestKeyOutputs:
    def test_are_five_in_the_order_that_the_member_chose_and_come_first(self, signed_in, member):
        made = [PublicationFactory(member=member, title=f"Work {n}", year=2000 + n) for n in range(7)]
        for publication in made[: MOST_KEY_OUTPUTS + 1]:
            page = signed_in.post(PUBLICATIONS, {"do": f"key:{publication.uuid}"}, follow=True).text
        assert "Please take one of them out." in page

        signed_in.post(PUBLICATIONS, {"do": f"up:{made[1].uuid}"})
        signed_in.post(PUBLICATIONS, {"do": f"up:{made[1].uuid}"})
        signed_in.post(PUBLICATIONS, {"do": f"not-key:{made[0].uuid}"})
        signed_in.post(PUBLICATIONS, {"do": f"up:{made[6].uuid}"})

        assert titles(member) == ["Work 1", "Work 2", "Work 3", "Work 4", "Work 6", "Work 5", "Work 0"]
        assert [publication.position for publication in member.publications.filter(is_key=True)] == [
            1,
            2,
            3,
            4,
        ]

    def test_can_be_deleted(self, signed_in, member):
        publication = PublicationFactory(member=member, is_key=True)

        assert (
            "You have added no publications yet."
            in signed_in.post(PUBLICATIONS, {"do": f"delete:{publication.uuid}"}, follow=True).text
        )

    @pytest.mark.parametrize("sent", ["", "key:", "burn:{}", "delete:00000000-0000-4000-8000-000000000000"])
    def test_are_left_alone_by_anything_else(self, signed_in, member, sent):
        publication = PublicationFactory(member=member)

        page = signed_in.post(PUBLICATIONS, {"do": sent.format(publication.uuid)}, follow=True).text

        assert "That is not possible at the moment." in page
        assert member.publications.count() == 1

    def test_that_was_deleted_meanwhile_says_so(self, member):
        publication = PublicationFactory(member=member)
        services.delete_publication(member=member, publication=publication)

        with pytest.raises(row_locks.InvalidStateError):
            services.delete_publication(member=member, publication=publication)


class TestLimits:
    def test_are_those_of_a_profile(self, member):
        with pytest.raises(services.TooManyPublicationsError):
            services.add_publications(
                member=member,
                items=[{"type": "book", "title": f"T{n}"} for n in range(MOST_PUBLICATIONS + 1)],
            )

        assert not member.publications.exists()

    def test_beyond_the_end_says_so(self, signed_in, member, monkeypatch):
        monkeypatch.setattr("network.publications.services.MOST_PUBLICATIONS", 0)

        assert "Nothing was added; please tick fewer" in signed_in.post(ADD, TYPED, follow=True).text

    def test_into_a_profile_that_is_gone_says_so(self, signed_in, member, monkeypatch):
        def gone(**_given):
            raise row_locks.InvalidStateError

        monkeypatch.setattr(services, "add_publications", gone)

        assert "That is not possible at the moment." in signed_in.post(ADD, TYPED, follow=True).text


class TestShown:
    def test_in_one_line(self, signed_in, member):
        PublicationFactory(member=member, item=ARTICLE)
        PublicationFactory(member=member, item={"type": "report", "title": "Alone"})

        page = signed_in.get(PUBLICATIONS).text

        assert (
            "Lima, Ana; World Health Organization (2020). <bdi>What helps?</bdi>. <i><bdi>Journal of Studies</bdi></i>."
            in page
        )
        assert "<bdi>Alone</bdi>." in page

    def test_with_nothing_of_their_own_as_mark_up(self, signed_in, member):
        hostile = kept({"type": "thesis", "title": "<script>alert(1)</script> & \ue000<img>", "author": ["x<b>"]})
        PublicationFactory(member=member, item=hostile)

        page = signed_in.get(PUBLICATIONS).text

        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in page

    def test_with_key_outputs_first_and_the_address_as_a_link(self, public, directory, member):
        PublicationFactory(
            member=member,
            title="Other",
            item={"type": "book", "title": "Other", "URL": "https://e.example/a?b&c", "language": "ar"},
        )
        PublicationFactory(member=member, item=ARTICLE, is_key=True)

        page = public.get(f"/en/network/{member.uuid}/?x=1").text

        assert page.index("What helps?</bdi>") < page.index("1 other publication") < page.index("Other</bdi>")
        assert 'href="https://doi.org/10.5555/what"' in page
        assert 'href="https://e.example/a?b&amp;c"' in page
        assert '<bdi lang="ar">' in page
        assert '"@reverse"' in page

    def test_without_key_outputs_as_one_list(self, public, directory, member):
        PublicationFactory(member=member, title="Only")

        page = public.get(f"/en/network/{member.uuid}/?x=1").text

        assert "<h2>Publications</h2>" in page
        assert "Key outputs" not in page

    def test_to_members_alone_if_the_member_wants_it(self, signed_in, public, directory, member, monkeypatch):
        PublicationFactory(member=member, title="Canarywork")
        other = MemberFactory(listed=True)
        member.shown.remove(Detail.PUBLICATIONS)
        member.shown_to_members = [Detail.PUBLICATIONS]
        member.save()
        with_account(other)
        signed_in.force_login(other.user)

        assert "Canarywork" in signed_in.get(f"/en/members/{member.uuid}/").text
        assert "Canarywork" not in public.get(f"/en/network/{member.uuid}/?x=1").text
        signed_in.force_login(member.user)
        assert "Members who have signed in see your publications." in signed_in.get(PUBLICATIONS).text
        assert "Canarywork" in signed_in.get("/en/members/profile/preview/").text

    def test_are_told_on_ones_own_page(self, signed_in, member):
        member.shown = []
        member.save()
        PublicationFactory(member=member)

        assert "You have added 1 publication." in signed_in.get("/en/members/profile/").text
        assert "Only you and the network" in signed_in.get(PUBLICATIONS).text


class TestEnd:
    def test_everything_is_in_the_export_as_csl_json(self, member):
        publication = PublicationFactory(member=member, item=ARTICLE, is_key=True)

        exported = everything_about(member)

        assert exported["publications"] == [ARTICLE | {"id": str(publication.uuid)}]
        assert exported["key_outputs"] == [str(publication.uuid)]


class TestDoi:
    def test_is_looked_up_where_the_operator_wants_it_and_kept_with_the_form(
        self, signed_in, member, websites, settings, monkeypatch
    ):
        settings.DOI_URL = "https://service.example"
        monkeypatch.setattr(registries, "Internet", websites.internet)
        told = {
            "type": "journal-article",
            "title": ["Told"],
            "DOI": "10.1/else",
            "issued": {"date-parts": [["2019", 5]]},
            "author": [{"given": "Ana", "family": "Ruiz", "non-dropping-particle": "de la"}],
            "evil": "x",
        }
        websites.answers |= {
            "https://service.example/10.5555/a": (301, {"Location": "https://other.example/a"}, ""),
            "https://other.example/a": (200, {}, json.dumps(told)),
        }

        form = signed_in.post(BY_DOI, {"doi": "https://doi.org/10.5555/A"}).context["form"]
        assert not member.publications.exists()
        signed_in.post(ADD, {field.html_name: field.value() or "" for field in form})

        [publication] = member.publications.all()
        assert publication.item == {
            "type": "article-journal", "title": "Told", "author": [{"family": "de la Ruiz", "given": "Ana"}],
            "issued": {"date-parts": [[2019]]}, "DOI": "10.5555/a",
        }  # fmt: skip

    @pytest.mark.parametrize(
        "answer",
        [
            (200, {}, "{"),
            (200, {}, "[]"),
            (404, {}, ""),
            (301, {"Location": "https://service.example/10.5555/a"}, ""),
        ],
    )
    def test_is_completed_by_hand_where_its_agency_answers_badly(
        self, signed_in, websites, settings, monkeypatch, answer
    ):
        settings.DOI_URL = "https://service.example"
        monkeypatch.setattr(registries, "Internet", websites.internet)
        websites.answers["https://service.example/10.5555/a"] = answer

        shown = signed_in.post(BY_DOI, {"doi": "10.5555/a"})

        assert "we know only the DOI" in shown.text
        assert shown.context["form"]["doi"].value() == "10.5555/a"

    def test_asks_no_agency_unless_the_operator_wants_it(self, signed_in, monkeypatch):
        monkeypatch.setattr(registries, "_ask", lambda *args: pytest.fail("an agency is asked"))

        assert "we know only the DOI" in signed_in.post(BY_DOI, {"doi": "10.5555/a"}).text

    def test_is_not_looked_up_too_often(self, signed_in, websites, settings, monkeypatch):
        settings.DOI_URL = "https://service.example"
        monkeypatch.setattr(registries, "Internet", websites.internet)
        monkeypatch.setattr(views, "ASKED", views.Limit(name="publications-asked", times=0, seconds=60))

        assert signed_in.post(BY_DOI, {"doi": "10.5555/a"}).status_code == 200
        assert websites.asked == []

    def test_that_is_none_says_so(self, signed_in):
        assert "This is not a DOI." in signed_in.post(BY_DOI, {"doi": "ten"}, follow=True).text


class TestOrcid:
    @pytest.fixture
    def member(self, db) -> Member:
        return members.confirm_orcid(member=MemberFactory(listed=True), orcid="0000-0002-1825-0097", name="")

    @pytest.fixture
    def record(self, orcid_stub, monkeypatch):
        monkeypatch.setattr(registries, "Internet", orcid_stub.websites.internet)
        return orcid_stub

    def test_is_read_and_kept_only_if_ticked(self, signed_in, member, record):
        record.answer_publications([SUMMARY, {**SUMMARY, "title": None, "external-ids": None}])

        shown = signed_in.post(ORCID)

        assert not member.publications.exists()
        [(publication, value, is_there)] = shown.context["publications"]
        assert publication.item == {
            "type": "article-journal", "title": "From ORCID", "container-title": "Journal",
            "issued": {"date-parts": [[2021]]},
            "DOI": "10.5555/orcid", "URL": "https://e.example/",
        }  # fmt: skip
        assert not is_there
        assert "Authorization" not in record.websites.headers[-1]
        signed_in.post(KEEP, {"publication": value})
        assert titles(member) == ["From ORCID"]
        assert "You have this publication already." in signed_in.post(ORCID).text
        assert "1 publication was there already." in signed_in.post(KEEP, {"publication": value}, follow=True).text

    @pytest.mark.parametrize("value", ["", "{", "[]", "1", "[" * 9000, "x" * 30_000, '{"DOI": "10.5555/a"}'])
    def test_takes_nothing_that_is_no_publication(self, signed_in, member, value):
        page = signed_in.post(KEEP, {"publication": value}, follow=True).text

        assert "You have ticked nothing, so nothing was added." in page
        assert not member.publications.exists()

    def test_checks_again_what_comes_back(self, signed_in, member):
        signed_in.post(
            KEEP,
            {"publication": json.dumps({"title": "<b>T</b>\x00", "evil": 1, "URL": "javascript:x", "type": []})},
        )

        assert [publication.item for publication in member.publications.all()] == [{"type": "document", "title": "T"}]

    @pytest.mark.parametrize(
        ("answer", "sentence"),
        [
            ({"status": 500}, "We cannot read what ORCID has answered."),
            ({"body": "[" * 9000}, "We cannot read what ORCID has answered."),
            ({"body": '{"group": [{"work-summary": []}]}'}, "We cannot read what ORCID has answered."),
            ({"body": '{"group": []}'}, "ORCID shows us no publications"),
        ],
    )
    def test_that_answers_badly_or_is_private_changes_nothing(self, signed_in, member, record, answer, sentence):
        record.answer_publications([], **answer)

        assert sentence in signed_in.post(ORCID, follow=True).text
        assert not member.publications.exists()

    def test_that_is_unavailable_is_waited_for_less_than_ten_seconds(self, signed_in, record, monkeypatch):
        assert registries.LIMITS.request_seconds < 10
        monkeypatch.setattr(registries, "LIMITS", registries.Limits(request_seconds=0.3, redirects=1))
        record.works_time_out()

        assert "ORCID does not answer." in signed_in.post(ORCID, follow=True).text

    def test_with_a_false_certificate_is_not_believed(self, signed_in, record):
        record.websites.certify("elsewhere.example")

        assert "We cannot read what ORCID has answered." in signed_in.post(ORCID, follow=True).text

    def test_is_asked_a_few_times_an_hour(self, signed_in, record, monkeypatch):
        monkeypatch.setattr(views, "ASKED", views.Limit(name="publications-asked", times=1, seconds=60))
        record.answer_publications([])
        signed_in.post(ORCID)
        asked = len(record.websites.asked)

        signed_in.post(ORCID, follow=True)

        assert len(record.websites.asked) == asked

    def test_is_offered_only_where_orcid_has_confirmed_the_id(self, signed_in, member, record, settings):
        assert ORCID in signed_in.get(PUBLICATIONS).text
        settings.ORCID = {**settings.ORCID, "client_secret": ""}

        assert ORCID not in signed_in.get(PUBLICATIONS).text
        assert signed_in.post(ORCID).status_code == 404


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
