"""Profile texts: changes take effect after a review, deletions immediately."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core.models import OutgoingMail
from network import tokens
from network.directory.member_index import MemberIndexKeeper
from network.mail import Letter
from network.members import services as members_services
from network.models import Member, ProposedTexts, ReviewEntry
from network.review import services as review
from network.row_locks import InvalidStateError
from tests.factories.network import MemberFactory, ProposedTextsFactory
from tests.factories.users import UserFactory
from tests.support.mail import opened
from tests.support.scheduler import run

pytestmark = pytest.mark.django_db

PROFILE = "/en/members/profile/"
TEXTS = f"{PROFILE}texts/"
State = Member.State


@pytest.fixture
def member():
    return MemberFactory(listed=True, name="Ana Lima", about="Studies helplines.", offers="Data.")


def texts(**changes):
    """Return the data of the form for texts, by default the member's current texts."""
    typed = {"name": "Ana Lima", "about": "Studies helplines.", "offers": "Data."} | changes
    return {f"texts-{name}": text for name, text in typed.items()}


class TestProposing:
    def test_leaves_what_is_public_as_it_is(self, inside, member, public, directory):
        inside.post(f"{TEXTS}en/", texts(name="Ana Lima Reis"))

        member.refresh_from_db()
        assert member.name == "Ana Lima"
        assert member.proposals.get().texts["name"] == "Ana Lima Reis"
        assert "Reis" not in public.get(f"/en/network/{member.uuid}/").text
        assert "Reis" not in public.get("/en/network/?q=reis").text.replace("q=reis", "")
        page = inside.get(PROFILE).text
        assert "Waiting for a person" in page
        assert "Ana Lima Reis" in page

    def test_removes_deleted_texts_immediately(self, inside, member, public, directory):
        inside.post(f"{TEXTS}en/", texts(offers="", about="Studies more."))

        member.refresh_from_db()
        assert (member.offers, member.about) == ("", "Studies helplines.")
        assert "Data." not in public.get(f"/en/network/{member.uuid}/").text

    def test_of_what_is_there_already_takes_the_proposal_back(self, inside, member):
        inside.post(f"{TEXTS}en/", texts(about="Other."))

        inside.post(f"{TEXTS}en/", texts())

        assert not ProposedTexts.objects.exists()

    def test_keeps_what_was_typed_when_something_is_wrong(self, inside, member):
        response = inside.post(f"{TEXTS}en/", texts(name="", about="A new sentence.", ror="nonsense"))

        page = response.text
        assert "There is a problem" in page
        assert "A new sentence." in page
        assert "nonsense" in page
        assert not ProposedTexts.objects.exists()

    def test_shows_what_waits_when_the_form_is_opened_again(self, inside):
        inside.post(f"{TEXTS}en/", texts(about="Waits."))

        assert "Waits." in inside.get(f"{TEXTS}en/").text

    def test_is_taken_back(self, inside, member):
        inside.post(f"{TEXTS}en/", texts(about="Waits."))

        inside.post(f"{TEXTS}en/take-back/")

        assert not ProposedTexts.objects.exists()
        assert "That is not possible" in inside.post(f"{TEXTS}en/take-back/", follow=True).text

    @pytest.mark.parametrize("path", ["xx/", "EN/", "..%2f/", "xx/take-back/"])
    def test_in_no_language_of_the_site_is_refused(self, inside, path):
        method = inside.post if "take-back" in path else inside.get

        assert method(f"{TEXTS}{path}").status_code in {302, 404}

    def test_takes_the_language_from_a_list(self, inside):
        assert inside.get(TEXTS, {"language": "ar"}).headers["Location"] == f"{TEXTS}ar/"
        assert "Please choose a language." in inside.get(TEXTS, {"language": "tlh"}).text

    def test_is_not_for_others(self, private, member):
        assert private.get(f"{TEXTS}en/").headers["Location"] == "/en/members/link/"
        assert private.post(f"{TEXTS}en/", texts()).headers["Location"] == "/en/members/link/"


class TestLanguages:
    @pytest.fixture
    def german(self, member):
        """The member with an accepted text in German."""
        members_services.propose_texts(member=member, language="de", texts={"about": "Forscht zu Hilfetelefonen."})
        return review.accept_texts(proposal=member.proposals.get(), by=UserFactory())

    def test_are_those_of_the_reader_as_far_as_the_member_wrote_in_them(self, german):
        assert german.text("about", "de") == ("Forscht zu Hilfetelefonen.", "de")
        assert german.text("offers", "de") == ("Data.", "en")
        assert german.text("about", "fr") == ("Studies helplines.", "en")

    def test_are_told_to_screen_readers(self, german, inside, public, directory):
        page = public.get(f"/en/network/{german.uuid}/").text

        assert '<p lang="en" dir="auto">Studies helplines.</p>' in page

    def test_are_all_searched_if_they_are_shown(self, german):
        found = MemberIndexKeeper().current().with_keys(Member.objects.keys_saying(["hilfetelefonen"]))
        assert found == 1  # the only member
        members_services.update_profile(member=german, shown=["name"])

        assert not Member.objects.keys_saying(["hilfetelefonen"])

    def test_are_deleted_immediately(self, german, inside):
        inside.post(f"{TEXTS}de/", {f"texts-{name}": "" for name in ("name", "about", "offers")})

        german.refresh_from_db()
        assert german.translations == {}
        assert not ProposedTexts.objects.exists()


class TestReading:
    def test_makes_texts_count_and_says_so_without_them(self, member):
        proposal = ProposedTextsFactory(member=member, texts={"name": "Ana Reis", "about": "New."})

        review.accept_texts(proposal=proposal, by=UserFactory())

        member.refresh_from_db()
        assert (member.name, member.about, member.offers) == ("Ana Reis", "New.", "")
        assert member.order_key.startswith("0 ana reis")
        letter = OutgoingMail.objects.get()
        assert (letter.kind, letter.data) == (Letter.TEXTS_READ, {})

    def test_is_void_once_the_member_has_changed_them(self, member):
        seen = members_services.propose_texts(member=member, language="en", texts={"name": "Ana", "about": "Fine."})
        members_services.propose_texts(member=member, language="en", texts={"name": "Ana", "about": "Not fine."})

        with pytest.raises(InvalidStateError):
            review.accept_texts(proposal=seen, by=UserFactory())

        member.refresh_from_db()
        assert member.about == "Studies helplines."

    def test_is_done_by_one_person(self, member):
        proposal = ProposedTextsFactory(member=member)
        review.decline_texts(proposal=proposal, by=UserFactory(), reason="Why?")

        with pytest.raises(InvalidStateError):
            review.accept_texts(proposal=proposal, by=UserFactory())

    def test_says_why_not_on_the_members_own_page(self, inside, member):
        inside.post(f"{TEXTS}en/", texts(about="Waits."))
        review.decline_texts(proposal=member.proposals.get(), by=UserFactory(), reason="Please do not name anyone.")

        page = inside.get(PROFILE).text

        assert "Please do not name anyone." in page
        assert "Not accepted" in page
        assert "Waits." in inside.get(f"{TEXTS}en/").text
        inside.post(f"{TEXTS}en/", texts(about="Has no names."))
        assert member.proposals.waiting().get().texts["about"] == "Has no names."

    def test_forgets_what_was_declined_after_a_month(self, member):
        ProposedTextsFactory(member=member, declined_at=timezone.now())
        kept = ProposedTextsFactory()

        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            run("network-forget-texts")

        assert ProposedTexts.objects.get() == kept

    def test_of_a_request_writes_no_letter_of_its_own(self):
        request = MemberFactory(awaiting_review=True, confirmed_at=timezone.now())
        proposal = ProposedTextsFactory(member=request)

        review.accept_texts(proposal=proposal, by=UserFactory())

        assert not OutgoingMail.objects.exists()


class TestQuestions:
    def test_are_answered_on_the_members_own_page(self, inside, member):
        person = UserFactory(first_name="Nadia", last_name="Network")
        review.ask_back(member=member, by=person, question="Which helplines?")
        review.note(member=member, by=person, text="Seems fine.")
        page = inside.get(PROFILE).text
        assert "Which helplines?" in page
        assert "Nadia" not in page
        assert "Seems fine." not in page

        inside.post(f"{PROFILE}answer/", {"answer-text": "Those of Portugal."})

        asked, answer = member.review.for_member()
        assert asked.closed_at is not None
        assert (answer.kind, answer.text, answer.author) == ("answer", "Those of Portugal.", None)
        page = inside.get(PROFILE).text
        assert "Those of Portugal." in page
        assert "Send my answer" not in page

    def test_are_not_in_the_mail(self, member):
        review.ask_back(member=member, by=UserFactory(), question="Which helplines?")

        letter = OutgoingMail.objects.get()

        assert (letter.kind, letter.data, letter.recipient) == (Letter.QUESTION, {}, "")

    @pytest.mark.parametrize("text", ["", "   ", "\x00", "x" * 2001])
    def test_take_words_as_an_answer(self, inside, member, text):
        review.ask_back(member=member, by=UserFactory(), question="Which helplines?")

        response = inside.post(f"{PROFILE}answer/", {"answer-text": text})

        assert response.status_code == 200
        assert "There is a problem" in response.text
        assert member.review.unanswered().exists()

    def test_that_were_not_asked_are_not_answered(self, inside, member):
        inside.post(f"{PROFILE}answer/", {"answer-text": "Hello."})

        assert not ReviewEntry.objects.exists()

    def test_are_reminded_of_once(self, member):
        review.ask_back(member=member, by=UserFactory(), question="Which helplines?")
        OutgoingMail.objects.all().delete()
        run("network-remind")
        assert not OutgoingMail.objects.exists()

        with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
            run("network-remind")
            run("network-remind")

        assert [letter.kind for letter in OutgoingMail.objects.all()] == [Letter.REMINDER]

    def test_are_not_reminded_of_once_they_are_answered(self, member):
        review.ask_back(member=member, by=UserFactory(), question="Which helplines?")
        question = member.review.get()
        review.answer(member=member, text="Those of Portugal.")
        OutgoingMail.objects.all().delete()

        with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
            review.remind(question=question)

        assert not OutgoingMail.objects.exists()


class TestDeclined:
    @pytest.fixture
    def declined(self):
        request = MemberFactory(awaiting_review=True, confirmed_at=timezone.now(), email="ana@example.org")
        return review.decline(member=request, by=UserFactory(), reason="We could not find your institute.")

    @pytest.fixture
    def there(self, private, declined):
        private.post(opened(private, f"/en/members/link/{tokens.make(declined, tokens.PROFILE)}/"))
        return private

    def test_finds_the_reason_on_a_page(self, there):
        page = there.get(PROFILE).text

        assert "We could not find your institute." in page
        assert "Send my answer" in page

    def test_is_read_once_more_after_an_answer(self, there, declined):
        there.post(f"{PROFILE}answer/", {"answer-text": "It has moved."})

        declined.refresh_from_db()
        assert (declined.state, declined.decided_at) == (State.IN_REVIEW, None)

    def test_is_not_read_once_more_where_the_address_is_in_use(self, there, declined):
        MemberFactory(listed=True, email=declined.email)

        response = there.post(f"{PROFILE}answer/", {"answer-text": "It has moved."}, follow=True)

        declined.refresh_from_db()
        assert declined.state == State.DECLINED
        assert "That is not possible at the moment" in response.text

    @pytest.mark.parametrize("path", ["texts/en/", "texts/?language=de"])
    def test_changes_nothing_else(self, there, path):
        assert there.get(PROFILE + path).headers["Location"] == PROFILE

    def test_takes_everything_away_and_leaves(self, there):
        assert "We could not find" in there.get(f"{PROFILE}download/").text
        there.post(f"{PROFILE}leave/")

        assert not Member.objects.exists()

    def test_gets_a_new_link(self, declined, django_capture_on_commit_callbacks):
        from tests.support.mail import delivered

        with django_capture_on_commit_callbacks(execute=True):
            members_services.send_link(address="ana@example.org", language="en")

        assert declined.email in [message.to[0] for message in delivered() if "/link/" in message.body]


class TestSecondOpinion:
    def test_is_waited_for_by_the_reviewer_who_asked(self):
        asker, colleague = UserFactory(), UserFactory()
        request = MemberFactory(awaiting_review=True, confirmed_at=timezone.now())
        review.ask_for_opinion(member=request, by=asker, text="Is this institute real?")

        with pytest.raises(review.OpinionPendingError):
            review.approve(member=request, by=asker)
        with pytest.raises(InvalidStateError):
            review.give_opinion(member=request, by=asker, text="It is.")

        review.give_opinion(member=request, by=colleague, text="It is.")
        assert review.approve(member=request, by=asker).state == State.LISTED

    def test_is_waited_for_before_texts_are_accepted(self):
        proposal, asker = ProposedTextsFactory(), UserFactory()
        review.ask_for_opinion(member=proposal.member, by=asker, text="Is this right?")

        with pytest.raises(review.OpinionPendingError):
            review.accept_texts(proposal=proposal, by=asker)

    def test_is_not_needed_once_a_colleague_has_decided(self):
        request = MemberFactory(awaiting_review=True, confirmed_at=timezone.now())
        review.ask_for_opinion(member=request, by=UserFactory(), text="Is this institute real?")

        review.approve(member=request, by=UserFactory())

        assert not request.review.open().exists()


class TestForms:
    def test_can_all_be_sent_by_a_browser(self, inside, member):
        """Checks the CSRF token, which the test client ignores."""
        review.ask_back(member=member, by=UserFactory(), question="Which helplines?")
        members_services.propose_texts(member=member, language="de", texts={"about": "Forscht."})
        pages = [inside.get(PROFILE).text, inside.get(f"{TEXTS}en/").text]
        Member.objects.filter(pk=member.pk).update(state=State.DECLINED, decided_at=timezone.now())
        pages.append(inside.get(PROFILE).text)

        for page in pages:
            assert page.count('method="post"') == page.count("csrfmiddlewaretoken") > 0


class TestPreview:
    def test_shows_each_audience_what_it_sees(self, inside, member):
        member.shown, member.shown_to_members = ["name"], ["offers"]
        member.save()

        page = inside.get(f"{PROFILE}preview/").text

        everybody, _, rest = page.partition("What other members see")
        members, _, team = rest.partition("What the network's team sees")
        assert "Ana Lima" in everybody
        assert "Data." not in everybody
        assert "Data." in members
        assert "Studies helplines." not in members
        assert "Studies helplines." in team

    def test_says_that_a_paused_profile_is_hidden(self, inside, member):
        members_services.pause(member=member)

        page = inside.get(f"{PROFILE}preview/").text

        assert "At present only" in page

    def test_is_for_the_member_alone(self, private, member):
        assert private.get(f"{PROFILE}preview/").headers["Location"] == "/en/members/link/"


class TestTable:
    def test_holds_what_the_other_file_holds(self, inside, member):
        review.ask_back(member=member, by=UserFactory(), question="=1+1 in which helplines?")
        inside.post(f"{TEXTS}de/", {"texts-about": "Forscht."})

        response = inside.get(f"{PROFILE}download/table/")

        table = response.text
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "member.email,member" in table
        assert "proposed.1.texts.about,Forscht." in table
        assert "review.1.text,'=1+1 in which helplines?" in table
        assert "review.1.by,team" in table
