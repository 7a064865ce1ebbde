"""The ways to make contact as the finder renders them: numbers to dial, from which countries, and remarks."""

import pytest

from helpline.finder.content.coverage.answers import reached_from
from helpline.finder.content.listing import contacts
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.state import ShownState
from helpline.finder.content.listing.timetable import Timetables
from helpline.models import ContactPoint
from helpline.records.alerts import keeps_hours, usable
from helpline.vocabulary.codes import LANGUAGES, Alert, Channel, Cost, YesNo
from tests.helpline.unsaved import CHAT, MAIL, PHONE, SCREEN, TODAY, programme

SHORT = {**PHONE, "number": "116123", "number_country": "de"}
FREEPHONE = {**PHONE, "number": "+498007022240"}
ABROAD = "+493023125999"


def of(*points, hidden=False, timed=False, **facts):
    """Return all contact points of a programme.

    `timed`: on a page that shows what is open now.
    """
    listing = programme(*points, **facts)
    reading = FinderReading(today=TODAY, timetables=Timetables(TODAY) if timed else None)
    return contacts.Contacts.of(listing, ShownState(listing, reading, hides_contact=hidden), reading)


def contact(point, *, hidden=False, **facts):
    listing = programme(point, **facts)
    return contacts.contact(listing, listing.contact_points.first(), hidden=hidden)


class TestNumberFromAbroad:
    @pytest.mark.parametrize(
        ("point", "hidden", "abroad"),
        [
            (PHONE, False, "+49 30 23125000"),
            ({**PHONE, "from_abroad": YesNo.NO}, False, ""),
            (SHORT, False, ""),
            ({**SHORT, "number_from_abroad": ABROAD}, False, "+49 30 23125999"),
            (FREEPHONE, False, ""),
            ({**FREEPHONE, "from_abroad": YesNo.YES}, False, "+49 800 7022240"),
            ({**PHONE, "number_from_abroad": ABROAD}, True, ""),
        ],
    )
    def test_is_that_of_the_service_or_the_international_form(self, point, hidden, abroad):
        assert contact(point, hidden=hidden).abroad == abroad

    @pytest.mark.parametrize("from_abroad", YesNo.values)
    @pytest.mark.parametrize("point", [PHONE, SHORT, FREEPHONE])
    def test_is_there_exactly_where_the_coverage_map_counts_on_it(self, point, from_abroad):
        """Readers in Austria get a number to dial, or the map does not count this service as answering there."""
        for other in ("", ABROAD):
            given = {**point, "from_abroad": from_abroad, "number_from_abroad": other}
            listing = programme(given, countries=["at", "de"])
            counts = "at" in reached_from(listing.contact_points.first(), listing)

            assert bool(contact(given).abroad) is counts

    @pytest.mark.parametrize(
        "number",
        [
            "+33806231063",
            "+46201166066",
            "+34900440443",
            "+611800011800",
            "+18887738368",
            "+448081000900",
            "+4780099900",
        ],
    )
    def test_of_a_freephone_or_shared_cost_number_is_doubted(self, number):
        listing = of({**PHONE, "number": number})

        assert listing.abroad == [("", "Probably not.")]
        assert listing.made[0].abroad_remark == "Probably not from abroad."

    def test_of_the_service_has_its_charges(self):
        listing = of({**FREEPHONE, "number_from_abroad": ABROAD}, CHAT)

        assert listing.abroad == [("+49 30 23125999", "at the price of an ordinary call")]
        assert listing.made[0].abroad_remark == "From abroad it costs what an ordinary call costs."

    def test_of_an_international_freephone_service_is_not_doubted(self):
        assert contact({**PHONE, "number": "+80012345678"}).abroad


class TestInterpreters:
    """The page is in English."""

    SPOKEN = {**PHONE, "languages": ["de"], "interpreter": YesNo.YES}

    @pytest.mark.parametrize(
        ("facts", "shown", "found"),
        [
            ({}, "German", {"de"}),
            ({"interpreter_count": 19}, "German", {"de"}),
            ({"interpreter_languages": ["en", "pl"]}, "German; English with an interpreter", {"de", "en", "pl"}),
            ({"interpreter_languages": ["pl"], "interpreter_count": 200}, "German", {"de", "pl"}),
            ({"interpreter_count": 200}, "German; English with an interpreter", set(LANGUAGES)),
            ({"interpreter_count": 200, "languages": ["en"]}, "English", set(LANGUAGES)),
        ],
    )
    def test_match_a_language_that_they_are_known_to_speak(self, facts, shown, found):
        listing = of({**self.SPOKEN, **facts})
        [codes] = listing.codes

        assert listing.made[0].languages == shown
        assert set(dict(codes.codes)["language"].split()) == found


class TestRemarks:
    def test_name_the_cost_of_the_contact_where_it_is_another_than_that_of_the_programme(self):
        assert contact({**PHONE, "cost": Cost.PAID}, cost=Cost.FREE).remarks == ("Cost of the contact: costs money.",)
        assert contact({**PHONE, "cost": Cost.FREE}, cost=Cost.FREE).remarks == ()
        assert contact(PHONE, cost=Cost.FREE).remarks == ()

    @pytest.mark.parametrize(
        ("facts", "remarks"),
        [
            ({"on_bill": YesNo.YES}, ("Appears on the phone bill.",)),
            ({"on_bill": YesNo.NO}, ("Does not appear on the phone bill.",)),
            (
                {"answerphone": YesNo.YES},
                ("You may reach an answerphone. You do not have to leave a message.",),
            ),
            ({"answerphone": YesNo.NO}, ()),
            ({"interpreter": YesNo.YES}, ("An interpreter can be called in.",)),
            ({"interpreter": YesNo.NO}, ()),
            (
                {"interpreter": YesNo.YES, "interpreter_languages": ["pl", "ar"]},
                ("An interpreter can be called in: Arabic and Polish.",),
            ),
            (
                {"interpreter": YesNo.YES, "interpreter_count": 200},
                ("An interpreter can be called in for 200 languages.",),
            ),
            ({"from_abroad": YesNo.YES}, ()),
            ({"from_abroad": YesNo.NO}, ("Cannot be reached from abroad.",)),
            ({"from_abroad": YesNo.NO, "number_from_abroad": ABROAD}, ()),
            ({"number": "116123", "number_country": "de"}, ("Cannot be reached from abroad.",)),
        ],
    )
    def test_say_what_is_known_of_a_number(self, facts, remarks):
        assert contact({**PHONE, **facts}).remarks == remarks

    def test_are_about_numbers_only(self):
        assert contact({**MAIL, "answerphone": YesNo.YES}).remarks == ()
        assert contact({**PHONE, "answerphone": YesNo.YES}, hidden=True).remarks == ()


class TestContact:
    def test_leads_to_the_number(self):
        made = contact(PHONE, website="https://service.example/")

        assert (made.channels, made.number, made.uri, made.url) == (
            "Phone",
            "030 23125000",
            "tel:+493023125000",
            "",
        )

    def test_writes_the_number_as_the_service_does(self):
        assert contact({**PHONE, "number_written": "030-CALL-US"}).number == "030-CALL-US"

    def test_leads_to_the_mail_address(self):
        made = contact(MAIL, website="https://service.example/")

        assert (made.email, made.url, made.number) == ("help@service.example", "", "")

    def test_leads_to_its_own_address_before_the_website(self):
        assert contact(SCREEN, website="https://other.example/").url == "https://service.example/"
        assert contact({**SCREEN, "url": ""}, website="https://other.example/").url == "https://other.example/"

    def test_leads_to_the_website_where_nothing_else_is_known(self):
        made = contact({"channel": ""}, website="https://service.example/")

        assert (made.channels, made.url, made.host) == ("", "https://service.example/", "service.example")

    @pytest.mark.parametrize("point", [PHONE, MAIL])
    def test_gives_neither_number_nor_address_nor_hours_where_they_are_hidden(self, point):
        made = contact(point, hidden=True, website="https://service.example/")

        assert (made.number, made.uri, made.email, made.hours, made.remarks) == ("", "", "", "", ())
        assert made.url == "https://service.example/"

    def test_names_the_city_only_where_the_clock_matters(self):
        assert contact(PHONE).city == "Berlin"
        assert contact({**PHONE, "opening_hours": "24/7"}).city == ""
        assert contact({**PHONE, "opening_hours": ""}).city == ""


class TestContacts:
    def test_that_lead_to_the_same_place_are_merged(self):
        made = of(PHONE, {**PHONE, "channel": "sms"}, PHONE).ways

        assert [one.channels for one in made] == ["Phone and Text message"]

    def test_whose_channel_is_not_known_are_merged_with_those_whose_is(self):
        website = {**SCREEN, "channel": ""}

        assert [one.channels for one in of(website, SCREEN).ways] == ["Self-help online"]

    def test_that_differ_in_anything_are_not_merged(self):
        other = {**PHONE, "channel": "sms", "opening_hours": "24/7"}

        assert [one.channels for one in of(PHONE, other).ways] == ["Phone", "Text message"]

    def test_that_one_link_leads_to_have_one_button(self):
        hours = {"opening_hours": "Mo-Fr 10:00-12:00", "timezone": "Europe/Berlin"}
        website = {"url": "https://service.example/", "languages": ["de"]}
        chat, in_person, post = ({**website, "channel": each} for each in ("chat", "face_to_face", "post"))

        made = of(PHONE, {**chat, **hours}, in_person, {**post, "opening_hours": "Sa 10:00-12:00"}).links

        # Hours are stated beside the button, so contacts with other hours keep separate buttons.
        assert [(one.channels, also) for one, also in made] == [
            ("Phone", ()),
            ("Chat", ("In person",)),
            ("Letter", ()),
        ]

    def test_that_people_travel_to_come_last(self):
        made = of(*({"channel": channel} for channel in ("face_to_face", "post", "phone")))

        assert [point.channel for point in made.points] == ["post", "phone", "face_to_face"]


class TestPoints:
    def test_are_the_codes_that_the_style_sheet_asks_for(self):
        [point] = of({**PHONE, "languages": ["de", "tr"], "cost": Cost.FREE}, timed=True).codes

        assert point == contacts.PointCodes(
            codes=(("language", "de tr"), ("channel", "phone"), ("cost", "free")), timetable="0"
        )

    def test_take_the_cost_of_the_programme_where_their_own_is_not_known(self):
        assert [dict(point.codes)["cost"] for point in of(PHONE, cost=Cost.FREE).codes] == ["free"]

    def test_are_there_once(self):
        assert len(of(MAIL, {**MAIL, "email": "other@service.example"}).codes) == 1

    def test_are_one_without_codes_where_no_way_is_known(self):
        assert of(cost=Cost.FREE).codes == [
            contacts.PointCodes((("language", ""), ("channel", ""), ("cost", "free")), ""),
        ]

    def test_have_no_timetable_where_numbers_are_hidden(self):
        assert [point.timetable for point in of(PHONE, hidden=True, timed=True).codes] == [""]


# For each alert, the channels that can still be used, and those whose hours still apply.
WRITTEN_DOWN = {
    Alert.NONE: (set(Channel), set(Channel)),
    Alert.WAITING_LIST: (set(Channel), set(Channel)),
    Alert.PHONE_DISTURBED: (
        set(Channel) - {Channel.PHONE, Channel.SMS},
        set(Channel) - {Channel.PHONE, Channel.SMS},
    ),
    Alert.CHAT_DISTURBED: (set(Channel) - {Channel.CHAT}, set(Channel) - {Channel.CHAT}),
    Alert.SHORT_HOURS: (set(Channel), set()),
    Alert.NO_NEW_PEOPLE: (set(), set()),
    Alert.IN_DOUBT: (set(), set()),
}


class TestAlerts:
    @pytest.mark.parametrize("alert", Alert)
    def test_make_doubtful_what_they_are_about(self, alert):
        listing = programme(alert=alert)
        points = {channel: ContactPoint(channel=channel) for channel in Channel}

        found = (
            {channel for channel, point in points.items() if usable(listing, point)},
            {channel for channel, point in points.items() if keeps_hours(listing, point)},
        )

        assert found == WRITTEN_DOWN[alert]

    @pytest.mark.parametrize("alert", Alert)
    @pytest.mark.parametrize("point", [PHONE, {**PHONE, "channel": "sms"}, CHAT])
    def test_take_the_timetable_away_where_hours_do_not_hold(self, point, alert):
        [told] = of({**point, "opening_hours": "24/7"}, alert=alert, timed=True).codes

        assert bool(told.timetable) is (Channel(point["channel"]) in WRITTEN_DOWN[alert][1])
