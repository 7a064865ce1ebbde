"""Days of action as iCalendar."""

import datetime as dt

import pytest
from icalendar import Calendar

from campaigns.following.routes import FollowingRoute
from prerender.store.files import FileStore
from tests.factories.campaigns import CampaignPageFactory
from tests.support.publishing import render_only

PATH = "/en/feeds/days-of-action.ics"
BEGIN, END = dt.date(2026, 10, 1), dt.date(2026, 12, 31)


@pytest.fixture
def get(public):
    def of(path: str = PATH) -> bytes:
        response = public.get(path)
        assert response.status_code == 200
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        return response.content

    return of


def events(content: bytes) -> dict[str, object]:
    """Return the events by their titles."""
    return {str(event["summary"]): event for event in Calendar.from_ical(content).walk("VEVENT")}


class TestCalendar:
    def test_has_the_first_and_the_last_day_of_a_long_campaign(self, campaigns, get, settings):
        CampaignPageFactory(
            parent=campaigns,
            title="Listen",
            slug="listen",
            introduction="Two; sentences, \\ here.",
            period_start=BEGIN,
            period_end=END,
        )

        found = events(get())
        first, last = found["Campaign begins: Listen"], found["Last day of the campaign: Listen"]

        assert (first.decoded("dtstart"), first.decoded("dtend")) == (BEGIN, dt.date(2026, 10, 2))
        assert (last.decoded("dtstart"), last.decoded("dtend")) == (END, dt.date(2027, 1, 1))
        assert first["description"] == "Two; sentences, \\ here."
        assert first["url"] == f"{settings.PUBLIC_URL}/en/campaigns/listen/"
        assert first["uid"] != last["uid"]

    def test_has_a_short_campaign_as_one_event(self, campaigns, get):
        CampaignPageFactory(parent=campaigns, title="A week", period_start=BEGIN, period_end=dt.date(2026, 10, 7))

        event = events(get())["A week"]

        assert (event.decoded("dtstart"), event.decoded("dtend")) == (BEGIN, dt.date(2026, 10, 8))

    def test_has_the_international_days_every_year(self, campaigns, get):
        kept = [event for event in events(get()).values() if "rrule" in event]

        assert {(day.decoded("dtstart").month, day.decoded("dtstart").day) for day in kept} == {
            (11, 18),
            (11, 20),
        }
        assert all(day["rrule"]["freq"] == ["YEARLY"] for day in kept)

    def test_is_the_same_bytes_for_the_same_content(self, campaigns, get):
        CampaignPageFactory(parent=campaigns, period_start=BEGIN)

        assert get() == get()

    def test_knows_an_event_again_after_its_page_has_moved_and_been_changed(self, campaigns, get):
        page = CampaignPageFactory(parent=campaigns, title="Listen", period_start=BEGIN)
        [before] = [event for title, event in events(get()).items() if "Listen" in title]
        page.slug, page.title, page.period_start = "elsewhere", "Hear", dt.date(2026, 10, 2)
        page.save_revision().publish()
        [after] = [event for title, event in events(get()).items() if "Hear" in title]

        assert after["uid"] == before["uid"]
        assert after.decoded("dtstamp") >= before.decoded("dtstamp")
        assert after.decoded("dtstamp") == after.decoded("last-modified")

    def test_speaks_its_language_in_lines_that_every_program_can_read(self, campaigns, get, in_language):
        page = CampaignPageFactory(parent=campaigns, title="عنوان طويل جداً لحملة " * 8, period_start=BEGIN)
        in_language(page, "ar")

        content = get("/ar/feeds/days-of-action.ics")
        titles = [*events(content)]

        assert max(len(line) for line in content.split(b"\r\n")) <= 75
        assert b"\n" not in content.replace(b"\r\n", b"")
        assert any(page.title in title for title in titles)
        assert {event["summary"].params["language"] for event in events(content).values()} == {"ar"}

    def test_leads_nowhere_with_a_tag_and_says_nothing_of_anybody(self, campaigns, get):
        CampaignPageFactory(parent=campaigns, period_start=BEGIN)

        content = get()

        assert b"?" not in content
        assert not any(name in content for name in (b"ATTENDEE", b"ORGANIZER", b"VALARM"))

    def test_is_offered_on_the_list_of_campaigns(self, campaigns, public, settings):
        page = public.get("/en/campaigns/").text

        assert f'href="{PATH}"' in page
        assert f'href="webcal://{settings.PUBLIC_URL.partition("://")[2]}{PATH}"' in page

    def test_is_not_there_without_a_list_of_campaigns(self, home, public):
        assert public.get(PATH).status_code == 404

    def test_is_rendered_and_follows_what_is_published(self, campaigns, django_capture_on_commit_callbacks):
        render_only(PATH)
        before = FileStore().file(PATH).read_bytes()

        with django_capture_on_commit_callbacks(execute=True):
            page = CampaignPageFactory(parent=campaigns, title="Brand new", period_start=BEGIN)
        there = FileStore().file(PATH).read_bytes()
        with django_capture_on_commit_callbacks(execute=True):
            page.unpublish()

        assert PATH in [*FollowingRoute().addresses()]
        assert b"Brand new" not in before
        assert b"Brand new" in there
        assert FileStore().file(PATH).read_bytes() == before
