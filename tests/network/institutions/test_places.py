"""Places of work: chosen from a local ROR dump, named in the reader's language, with no requests at run time."""

import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from network.directory.member_index import MemberIndexKeeper
from network.institutions.services import institution
from network.members import services as members
from network.models import Institution, Member
from network.review import services as review
from network.vocabulary.details import Detail
from tests.factories.network import InstitutionFactory, MemberFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

PLACE = "/en/members/profile/place/"
BROWN, OTHER = "https://ror.org/05gq02987", "https://ror.org/03vek6s52"


def record(ror=BROWN, **changes):
    """Return a record of schema 2.1."""
    return {
        "id": ror,
        "names": [
            {"value": "Brown University", "types": ["ror_display", "label"], "lang": "en"},
            {"value": "Brown-Universität", "types": ["label"], "lang": "de"},
            {"value": "BU", "types": ["acronym"], "lang": None},
        ],
        "locations": [
            {
                "geonames_id": 5224151,
                "geonames_details": {"name": "Providence", "country_code": "US", "lat": 41.8},
            }
        ],
        "status": "active",
        "relationships": [],
    } | changes


@pytest.fixture
def dump(tmp_path):
    """Write records into a file, and return its path."""

    def write(records, name="ror.json"):
        path = tmp_path / name
        text = records if isinstance(records, bytes) else json.dumps(records).encode()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("v1-ror-data.json", b"[]")
                archive.writestr("v1-ror-data_schema_v2.json", text)
        else:
            path.write_bytes(text)
        return path

    return write


def load(path):
    said = io.StringIO()
    call_command("load_ror", path, stdout=said)
    return said.getvalue()


class TestDump:
    def test_is_loaded_from_an_archive_and_can_be_loaded_again(self, dump):
        path = dump(
            [
                record(),
                record(
                    OTHER,
                    status="withdrawn",
                    relationships=[
                        {"type": "successor", "id": BROWN, "label": "x"},
                        {"type": "parent", "id": "y"},
                    ],
                ),
            ],
            "dump.zip",
        )

        assert load(path) == "2 institutions, 0 passed over, 0 places of work renamed.\n"
        assert load(path) == "2 institutions, 0 passed over, 0 places of work renamed.\n"

        here, gone = Institution.objects.order_by("status")
        assert (here.name, here.names["de"], here.aliases, here.city, here.country) == (
            "Brown University",
            "Brown-Universität",
            ["BU"],
            "Providence",
            "us",
        )
        assert (gone.status, gone.successors) == ("withdrawn", [BROWN])
        assert list(Institution.objects.active()) == [here]

    def test_passes_over_what_is_no_record_of_schema_2(self, dump):
        bad = [
            3,
            {},
            record("https://ror.org/05gq02988"),
            record(status="asleep"),
            record(names=[{"value": "A", "types": ["label"], "lang": "en"}]),
            {"id": BROWN, "name": "Schema 1", "country": {}},
        ]

        assert load(dump([*bad, record(locations=[])])).startswith("1 institutions, 6 passed over")
        assert Institution.objects.get().city == ""

    @pytest.mark.parametrize("content", [b"<html>", b'[{"id": 1}', b"\xff[", b""])
    def test_that_is_none_says_so_and_keeps_what_was_there(self, dump, content):
        InstitutionFactory()

        with pytest.raises(CommandError, match="What was loaded before it is kept"):
            load(dump(content))

        assert Institution.objects.count() == 1

    def test_that_is_not_there_or_has_no_records_says_so(self, tmp_path):
        with pytest.raises(CommandError):
            load(tmp_path / "nothing.zip")
        with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
            archive.writestr("a.csv", "x")
        with pytest.raises(CommandError, match=r"no \.json with records of schema 2"):
            load(tmp_path / "empty.zip")

    def test_renames_the_places_of_members(self, dump):
        member = MemberFactory(listed=True, affiliation="Brown", ror=BROWN)

        assert "1 places of work renamed" in load(dump([record()]))

        member.refresh_from_db()
        assert member.text(Detail.AFFILIATION, "de") == ("Brown-Universität", "de")
        assert member.text(Detail.AFFILIATION, "en") == ("Brown", "en")
        found = MemberIndexKeeper().current().with_keys(Member.objects.keys_saying(["universitat"]))
        assert found == 1  # the only member

    def test_keeps_no_name_longer_than_its_column(self):
        found = institution(record(names=[{"value": "x" * 900, "types": ["ror_display"], "lang": None}]))

        assert len(found.name) == 300


class TestChoosing:
    @pytest.fixture
    def member(self) -> Member:
        return MemberFactory(listed=True, affiliation="Somewhere")

    def test_finds_by_the_beginning_of_words_in_every_language(self, signed_in):
        InstitutionFactory()
        InstitutionFactory(ror=OTHER, name="College of Brown", names={}, city="Providence")

        page = signed_in.get(PLACE, {"q": "brown univ"})
        assert [place.ror for place in page.context["found"]] == [BROWN]
        assert "Providence, United States" in page.text
        assert [place.ror for place in signed_in.get(PLACE, {"q": "brown"}).context["found"]] == [
            BROWN,
            OTHER,
        ]
        german = signed_in.get(PLACE.replace("/en/", "/de/"), {"q": "universität"}).context["found"]
        assert (german[0].name, german[0].other_names) == ("Brown-Universität", "Brown University")
        assert signed_in.get(PLACE, {"q": "nothing"}).context["found"] == []
        assert "We find none with these words." in signed_in.get(PLACE, {"q": "nothing"}).text
        assert signed_in.get(PLACE, {"q": "' | !"}).context["found"] == []

    @pytest.mark.parametrize(("code", "direction"), [("en", "ltr"), ("ar", "rtl")])
    def test_says_which_language_it_speaks(self, signed_in, member, code, direction):
        page = signed_in.get(PLACE.replace("/en/", f"/{code}/")).text

        assert f'<html lang="{code}" dir="{direction}">' in page
        assert f"/{code}/members/profile/texts/{member.language}/" in page

    def test_says_that_there_are_more(self, signed_in, monkeypatch):
        monkeypatch.setattr("network.institutions.views.MOST_SHOWN", 1)
        InstitutionFactory()
        InstitutionFactory(ror=OTHER, name="Brown College", country="")

        assert "There are more." in signed_in.get(PLACE, {"q": "brown"}).text

    def test_waits_for_a_person_and_is_then_named_in_the_language_of_the_reader(
        self, signed_in, member, public, directory
    ):
        InstitutionFactory()

        signed_in.post(PLACE, {"ror": BROWN})

        member.refresh_from_db()
        assert (member.affiliation, member.ror) == ("Somewhere", "")
        review.accept_texts(proposal=member.proposals.get(), by=UserFactory())
        page = public.get(f"/en/network/{member.uuid}/?x=1").text
        assert f'<a href="{BROWN}" rel="noreferrer"><bdi>Brown University</bdi></a>' in page
        assert f'"@id": "{BROWN}"' in page
        member.refresh_from_db()
        assert member.text(Detail.AFFILIATION, "de")[0] == "Brown-Universität"

    def test_keeps_texts_that_already_wait(self, signed_in, member):
        InstitutionFactory()
        members.propose_texts(member=member, language="en", texts={"name": "New name", "about": "New"})

        signed_in.post(PLACE, {"ror": BROWN})

        assert member.proposals.get().texts == {
            "name": "New name", "about": "New", "affiliation": "Brown University", "ror": BROWN,
        }  # fmt: skip

    def test_of_one_that_is_gone_says_so(self, signed_in, member):
        InstitutionFactory(status="withdrawn")

        page = signed_in.post(PLACE, {"ror": BROWN}, follow=True).text

        assert "We do not find this institution any more." in page
        assert not member.proposals.exists()

    def test_without_a_table_leads_to_free_text(self, signed_in):
        page = signed_in.get(PLACE).text

        assert "This site has no table of institutions yet." in page
        assert "/en/members/profile/texts/en/" in page


class TestPrivate:
    @pytest.mark.parametrize("word", ["Canaryplace", "Canaryhaus"])
    def test_finds_no_member_by_a_name_of_a_hidden_place(self, public, directory, word):
        """Neither by the member's spelling nor by names from ROR in other languages."""
        InstitutionFactory(ror=BROWN, names={"de": "Canaryhaus"})
        works_there = {"listed": True, "ror": BROWN, "affiliation": "Canaryplace"}
        MemberFactory(name="Hides it", shown=[Detail.NAME], **works_there)
        MemberFactory(name="Shows it", shown=[Detail.NAME, Detail.AFFILIATION], **works_there)

        found = public.get("/en/network/", {"q": word}).context["directory"].profiles

        assert [profile.title for profile in found] == ["Shows it"]
