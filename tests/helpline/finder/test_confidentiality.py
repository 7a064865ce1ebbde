"""The card describes what the service passes on.

Unknown facts are marked as unknown.
"""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import translation

from helpline.finder.content.listing.confidentiality import NOT_KNOWN, ConfidentialityCard
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.rows import row
from helpline.models import ContactPoint, Programme
from helpline.vocabulary.codes import Asks, Channel, Confidentiality, Sees, Trigger, YesNo
from tests.helpline.unsaved import PHONE, TODAY, programme


def of(*points, **facts):
    """Return the card of a programme with these contact points."""
    return ConfidentialityCard(
        Programme(**facts), [ContactPoint(**point) for point in points], FinderReading(today=TODAY)
    )


def words(html):
    """Return the pieces of text between tags."""
    return {text for part in re.split(r"<[^>]*>", html) if any(map(str.isalpha, text := part.strip()))}


class TestEssence:
    def test_says_both_in_one_line(self):
        made = of(
            anonymous=YesNo.YES,
            confidentiality=Confidentiality.SECRECY,
            reporting_trigger=Trigger.IMMINENT_DANGER,
        )

        assert made.essence == (
            "You can stay anonymous. Bound by professional secrecy, except when someone is in danger now."
        )

    def test_of_what_is_not_known_is_one_sentence(self):
        assert of().essence == "We do not know who they may inform: ask before you say who you are."

    @pytest.mark.parametrize("facts", [{}, {"asks": Asks.EMAIL}, {"confidentiality": Confidentiality.SECRECY}])
    @pytest.mark.parametrize("channels", [["online_self_help"], ["app"], ["app", "online_self_help"]])
    def test_suggests_no_questions_where_nobody_answers(self, channels, facts):
        made = of(*({"channel": each} for each in channels), **facts)

        assert made.questions == []
        assert not re.search("ask|do not know", made.tells.lower() + made.statement.lower())

    def test_of_what_is_used_alone_says_what_the_site_sees(self):
        point = {"channel": Channel.ONLINE_SELF_HELP}
        seen = "They see: the internet address of your device."

        assert of(point, asks=Asks.NOTHING).tells == "You use it alone, without saying who you are."
        assert of({**point, "sees": [Sees.DEVICE]}).tells == f"You use it alone. {seen}"

    @pytest.mark.parametrize("channels", [["online_self_help", "chat"], ["phone"], []])
    def test_of_what_people_answer_suggests_questions(self, channels):
        made = of(*({"channel": each} for each in channels), asks=Asks.NOTHING)

        assert "ask before you say who you are" in made.tells
        assert made.questions

    def test_never_softens_a_report(self):
        made = of(confidentiality=Confidentiality.NOT_CONFIDENTIAL, reporting_trigger=Trigger.ALWAYS)

        assert made.essence.endswith("It is not confidential. They tell the authorities about everyone they help.")

    @pytest.mark.parametrize("rule", Confidentiality.values)
    @pytest.mark.parametrize("exception", Trigger.values)
    def test_states_an_exception_with_its_condition(self, rule, exception):
        """The words of the condition stand in the line, whatever the rule."""
        said = of(confidentiality=rule, reporting_trigger=exception).tells.lower()

        for word, exceptions in CONDITIONS.items():
            assert (word in said) is (exception in exceptions)

    def test_leaves_out_a_condition_that_is_always_met(self):
        known = {"confidentiality": Confidentiality.CONFIDENTIAL, "anonymous": YesNo.NO}

        assert of(**known, reporting_trigger=Trigger.CHILD_AT_RISK).tells == (
            "Confidential, except when a child is at risk."
        )
        assert of(**known, reporting_trigger=Trigger.IDENTIFIED_OFFENCE).tells == (
            of(**known, reporting_trigger=Trigger.OFFENCE).tells
        )


# Words of a condition, and the exceptions that have it.
CONDITIONS = {
    "in danger now": {"imminent_danger", "imminent_danger_traced"},
    "even without a name": {"imminent_danger_traced"},
    "they know who you are": {"child_at_risk"},
    "if you say who you are, they report": {"identified_offence"},
    "any offence": {"identified_offence", "offence"},
    "everyone": {"always"},
}


class TestWhatTheySee:
    def test_is_shown_for_each_way_of_making_contact(self):
        made = of(
            {"channel": Channel.PHONE, "sees": [Sees.NUMBER]},
            {"channel": Channel.CHAT, "sees": [Sees.NOTHING]},
            {"channel": Channel.EMAIL},
        )

        assert [(sight.channels, sight.words) for sight in made.sees] == [
            ("Phone", "They see: your phone number."),
            ("Chat", "They see nothing that shows who you are."),
            ("E-mail", "They see the email address that you write from."),
        ]

    def test_is_shown_once_for_ways_with_the_same_answer(self):
        made = of({"channel": Channel.PHONE}, {"channel": Channel.SMS}, {"channel": Channel.PHONE})

        assert [(sight.channels, sight.words) for sight in made.sees] == [
            ("Phone and Text message", "We do not know if they can see your number.")
        ]

    @pytest.mark.parametrize(
        ("channel", "told"),
        [
            (Channel.EMAIL, "They see the email address that you write from."),
            (Channel.FACE_TO_FACE, "They see you."),
            (Channel.POST, "They see what you write on the letter."),
        ],
    )
    def test_is_what_a_way_shows_by_its_nature(self, channel, told):
        assert [sight.words for sight in of({"channel": channel}).sees] == [told]

    def test_names_each_thing(self):
        made = of({"channel": Channel.CHAT, "sees": [Sees.NUMBER, Sees.DEVICE]})

        assert made.sees[0].words == "They see: your phone number and the internet address of your device."

    @pytest.mark.parametrize("channel", ["", *NOT_KNOWN])
    def test_is_not_known_if_not_recorded(self, channel):
        made = of({"channel": channel}, {"channel": "phone"})

        assert made.sees[0].words.startswith(("We do not know", "Not known"))
        assert "“Do you see my number, or the address of my device?”" in made.questions

    def test_is_either_nothing_or_something(self):
        with pytest.raises(ValidationError, match="Choose either"):
            ContactPoint(channel="phone", sees=[Sees.NOTHING, Sees.NUMBER]).clean()


class TestWhatTheyAsk:
    @pytest.mark.parametrize(
        ("anonymous", "told"),
        [
            (YesNo.YES, "You can stay anonymous."),
            (YesNo.NO, "They ask who you are."),
            (YesNo.UNKNOWN, "We do not know if you can stay anonymous."),
        ],
    )
    def test_is_whether_one_can_stay_anonymous_where_nothing_else_is_known(self, anonymous, told):
        assert of(anonymous=anonymous).asks == told

    def test_is_shown_after_that(self):
        made = of(anonymous=YesNo.YES, asks=Asks.NOTHING)

        assert made.asks == f"You can stay anonymous. What they ask for: {Asks.NOTHING.label}."


class TestWhatTheyPassOn:
    @pytest.mark.parametrize(
        ("kind", "trigger", "told"),
        [
            (Confidentiality.UNKNOWN, Trigger.UNKNOWN, [Confidentiality.UNKNOWN]),
            (Confidentiality.UNKNOWN, Trigger.ALWAYS, [Trigger.ALWAYS]),
            (Confidentiality.SECRECY, Trigger.UNKNOWN, [Confidentiality.SECRECY, Trigger.UNKNOWN]),
            (Confidentiality.SECRECY, Trigger.NONE, [Confidentiality.SECRECY, Trigger.NONE]),
        ],
    )
    def test_is_what_is_known(self, kind, trigger, told):
        made = of(confidentiality=kind, reporting_trigger=trigger)

        assert made.statement == " ".join(str(code.label) for code in told)


class TestHowWeKnow:
    @pytest.mark.parametrize(
        ("on", "by", "said"),
        [
            (None, "", "Not yet reviewed."),
            (dt.date(2026, 3, 1), "", "Reviewed on 1 March 2026."),
            (dt.date(2026, 3, 2), "Ministry", "Reviewed on 2 March 2026 by Ministry."),
        ],
    )
    def test_says_the_day_and_the_reviewer(self, on, by, said):
        assert of(confidentiality_reviewed_on=on, confidentiality_reviewer=by).reviewed == said


class TestQuestions:
    def test_ask_for_all_that_is_not_known(self):
        assert len(of({"channel": Channel.PHONE}).questions) == 3

    def test_leave_out_identity_if_people_can_stay_anonymous(self):
        asked = "“Do I have to say who I am?”"

        assert asked not in of(anonymous=YesNo.YES).questions
        assert asked in of(anonymous=YesNo.NO).questions
        assert asked in of(anonymous=YesNo.UNKNOWN).questions
        assert asked not in of(anonymous=YesNo.NO, asks=Asks.IDENTITY).questions

    @pytest.mark.parametrize("channel", ["email", "face_to_face", "post"])
    def test_do_not_ask_what_a_way_shows_by_its_nature(self, channel):
        assert "“Do you see my number, or the address of my device?”" not in of({"channel": channel}).questions

    def test_ask_what_they_see_if_one_way_among_others_is_not_known(self):
        points = ({"channel": "phone", "sees": [Sees.NUMBER]}, {"channel": "chat"})

        assert "“Do you see my number, or the address of my device?”" in of(*points).questions

    def test_ask_about_confidentiality_only_where_it_is_unknown(self):
        asked = "“What would you have to pass on, and to whom?”"

        assert asked in of(confidentiality=Confidentiality.SECRECY).questions
        assert asked not in of(reporting_trigger=Trigger.NONE).questions

    def test_are_none_where_all_is_known(self):
        known = {
            "asks": Asks.NOTHING,
            "confidentiality": Confidentiality.SECRECY,
            "reporting_trigger": Trigger.CHILD_AT_RISK,
        }

        assert of({"channel": Channel.PHONE, "sees": [Sees.NUMBER]}, {"channel": "email"}, **known).questions == []


class TestTemplate:
    def shown(self, made):
        return render_to_string("helpline/finder_card.html", {"card": made})

    def test_shows_the_essence_before_the_way_to_make_contact(self):
        made = programme(PHONE, pk=1, anonymous=YesNo.NO, reporting_trigger=Trigger.OFFENCE)
        made._prefetched_objects_cache = {"texts": []}

        html = render_to_string("helpline/finder_row.html", {"row": row(made, FinderReading(today=TODAY))})

        before = html.partition("programme-do")[0]
        assert "They ask who you are." in before
        assert "They report any offence and any child at risk." in before

    def test_escapes_the_law(self):
        assert "<bdi>§ 138 &lt;StGB&gt;</bdi>" in self.shown(of(legal_basis="§ 138 <StGB>"))

    @pytest.mark.parametrize("language", ["de", "fr", "ar"])
    def test_is_complete_in_each_language(self, language):
        known = {
            "anonymous": YesNo.YES,
            "asks": Asks.NICKNAME,
            "confidentiality": Confidentiality.CONFIDENTIAL,
            "reporting_trigger": Trigger.CHILD_AT_RISK,
        }
        for point in ({"channel": "phone"}, {"channel": "email", "sees": list(Sees.values)[1:]}):
            english = words(self.shown(of(point, **known)))
            with translation.override(language):
                foreign = words(self.shown(of(point, **known)))

            assert len(english) > 10
            assert english.isdisjoint(foreign)
