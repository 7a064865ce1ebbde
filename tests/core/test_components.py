"""Components: each escapes its values, and its content can be read aloud."""

from json import dumps

import pytest
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from core.assets.icons import ICONS, icon
from core.publishing.navigation import LanguageLink, Link
from tests.factories.core import StandardPageFactory
from tests.support.html import Element, parse
from tests.support.specimen import SpecimenForm, line

TONES = ("note", "important", "success", "error")
EVIL = "<script>alert('x')</script>"


def component(name: str, **context: object) -> Element:
    return parse(render_to_string(f"components/{name}.html", context))


class TestEscaping:
    @pytest.mark.parametrize(
        ("name", "context"),
        [
            ("accordion", {"items": [{"title": EVIL, "html": EVIL}]}),
            ("breadcrumb", {"trail": [Link(title=EVIL, url=EVIL)]}),
            ("button", {"url": EVIL, "text": EVIL}),
            ("callout", {"title": EVIL, "text": EVIL, "tone": EVIL}),
            ("card", {"title": EVIL, "url": EVIL, "text": EVIL, "meta": EVIL}),
            (
                "crisis",
                {"lines": [line(name=EVIL, tel=EVIL, phone_display=EVIL, hours=EVIL, country=EVIL, url=EVIL)]},
            ),
            ("exit", {"url": EVIL}),
            ("exit_link", {"url": EVIL}),
            ("facts", {"facts": [(EVIL, EVIL)]}),
            ("menu", {"items": [Link(title=EVIL, url=EVIL)], "search": EVIL}),
            ("messages", {"messages": [EVIL]}),
            ("pagination", {"page_obj": Paginator(range(30), 10).page(2), "query": EVIL}),
            ("steps", {"items": [{"title": EVIL, "html": EVIL}]}),
            ("table", {"caption": EVIL, "head": [EVIL], "rows": [[EVIL, EVIL]]}),
            ("tag", {"text": EVIL}),
        ],
    )
    def test_what_a_component_takes_is_text(self, name, context):
        assert component(name, **context).all("script") == []

    def test_rich_text_stays_rich(self):
        html = component("steps", items=[{"title": "One", "html": mark_safe("<p>Do <b>this</b>.</p>")}])

        assert html.one("b").text == "this"


class TestIcons:
    @pytest.mark.parametrize("name", ICONS)
    def test_are_drawn_in_the_colour_of_the_words_and_never_read_aloud(self, name):
        svg = parse(icon(name)).one("svg")

        assert (svg["aria-hidden"], svg["viewbox"]) == ("true", "0 0 24 24")
        assert not {"fill", "stroke"} & set(svg.attributes)
        assert ("turns" in svg["class"]) == (name in {"next", "onward", "leave"})

    def test_tell_callouts_apart(self):
        shown = [render_to_string("components/callout.html", {"tone": tone}) for tone in TONES]

        assert len({html.partition("<svg")[2].partition("</svg>")[0] for html in shown}) == len(TONES)

    def test_are_those_that_a_template_may_name(self):
        with pytest.raises(KeyError):
            icon("siren")


class TestCrisis:
    def test_shows_112_and_a_note_without_national_lines(self):
        html = component("crisis", lines=[])

        assert html.one("a", class_="call")["href"] == "tel:112"
        assert "differ from country to country" in html.text

    def test_dials_what_is_dialled_and_shows_what_the_service_writes(self):
        html = component("crisis", lines=[line(tel="116123", phone_display="116 123")])
        call = html.one("a", class_="call")

        assert (call["href"], call.one("bdi")["dir"], call.one("bdi").text) == (
            "tel:116123",
            "ltr",
            "116 123",
        )
        assert call.text == "Call Listening line: 116 123"

    def test_offers_nothing_to_dial_where_there_is_no_number(self):
        html = component("crisis", lines=[line(tel="")])

        assert html.all("a", class_="call") == []
        assert html.one("a")["rel"] == "noreferrer"

    def test_is_named_by_its_heading(self):
        html = component("crisis", lines=[])

        assert html.one("section")["aria-labelledby"] == html.one("h2")["id"]


class TestExit:
    def test_is_a_link_with_the_role_of_a_button_that_works_without_script(self):
        link = component("exit", url="https://www.example.org/").one("a")

        assert link.attributes == {
            "class": "exit-button",
            "href": "https://www.example.org/",
            "role": "button",
            "draggable": "false",
            "rel": "nofollow noreferrer",
            "data-exit": "",
        }
        assert link.one("span", class_="exit-long").text == "Emergency: Leave this page"
        assert link.one("span", class_="exit-short").attributes["aria-hidden"] == "true"

    def test_has_words_of_its_language_for_the_script(self):
        strip = component("exit", url="/").one("aside")

        assert all(strip[f"data-{name}"] for name in ("leaving", "twice", "once", "expired"))
        assert strip.one("span", role="status").text == ""


class TestLanguages:
    LINKS = [
        LanguageLink(code="en", autonym="English", direction="ltr", url="/en/a/", state="current", title="A"),
        LanguageLink(code="fr", autonym="français", direction="ltr", url="/fr/", state="elsewhere", title="Accueil"),
        LanguageLink(code="ar", autonym="العربية", direction="rtl", url="/ar/a/", state="translated", title="أ"),
    ]

    def test_names_each_language_in_itself(self):
        html = component("languages", links=self.LINKS, current=self.LINKS[0])
        arabic = html.one("a", hreflang="ar")

        assert (arabic["lang"], arabic["dir"], arabic["href"], arabic.text) == (
            "ar",
            "rtl",
            "/ar/a/",
            "العربية",
        )

    def test_describes_the_link_target_if_the_page_is_not_translated(self):
        html = component("languages", links=self.LINKS, current=self.LINKS[0])
        french = html.one("a", hreflang="fr")

        assert french.one("small").text == "Accueil"
        assert "not available" in html.one("p", id=french["aria-describedby"]).text
        assert html.one("a", hreflang="ar").get("aria-describedby") is None

    def test_has_no_note_if_every_language_has_the_page(self):
        html = component("languages", links=[self.LINKS[0], self.LINKS[2]], current=self.LINKS[0])

        assert html.all("p") == []
        assert html.one("a", aria_current="true")["hreflang"] == "en"

    def test_is_not_there_without_a_choice_of_languages(self):
        assert component("languages", links=[]).text == ""


class TestBreadcrumb:
    def test_leads_up_to_the_page_above(self):
        trail = [Link(title="Home", url="/en/"), Link(title="Here", url="/en/here/", is_current=True)]

        assert [link["href"] for link in component("breadcrumb", trail=trail).all("a")] == ["/en/"]


class TestMenu:
    def test_marks_the_page_and_the_part_of_the_site(self):
        items = [
            Link(title="A", url="/a/", is_current=True, is_section=True),
            Link(title="B", url="/b/", is_section=True),
            Link(title="C", url="/c/"),
        ]
        html = component("menu", items=items)

        assert [link.get("aria-current") for link in html.all("a")] == ["page", "true", None]

    def test_is_not_there_without_anything_in_it(self):
        assert component("menu", items=[]).all() == []


class TestCard:
    def test_has_a_heading_of_the_level_that_the_page_needs(self):
        assert component("card", title="A", url="/a/", level=2).one("h2").one("a")["href"] == "/a/"
        assert component("card", title="A").one("h3").all("a") == []

    def test_marks_the_language_of_its_text(self):
        card = component("card", title="أ", lang="ar", dir="rtl").one("article")

        assert (card["lang"], card["dir"]) == ("ar", "rtl")


class TestCallout:
    @pytest.mark.parametrize(
        ("tone", "style"), [("", "callout"), ("note", "callout"), ("important", "callout callout-important")]
    )
    def test_has_a_tone(self, tone, style):
        assert component("callout", tone=tone, text="A").all("div")[0]["class"] == style


class TestTable:
    def test_names_its_rows_and_columns_and_scrolls_by_keyboard(self):
        html = component("table", caption="Hours", head=["Day", "Time"], rows=[["Monday", "9"]])

        assert [cell["scope"] for cell in html.all("th")] == ["col", "col", "row"]
        assert html.one("div", role="region", tabindex="0")["aria-label"] == html.one("caption").text == "Hours"


class TestPagination:
    def test_keeps_the_question_from_page_to_page(self):
        html = component("pagination", page_obj=Paginator(range(30), 10).page(2), query="q=a&lang=de")

        assert [link["href"] for link in html.all("a")] == ["?q=a&lang=de&page=1", "?q=a&lang=de&page=3"]
        assert html.one("p").text == "Page 2 of 3"

    def test_offers_no_page_that_is_not_there(self):
        html = component("pagination", page_obj=Paginator(range(30), 10).page(3))

        assert [link["href"] for link in html.all("a")] == ["?page=2"]
        assert component("pagination", page_obj=Paginator(range(3), 10).page(1)).all() == []


class TestForm:
    @pytest.fixture
    def form(self) -> Element:
        return parse(str(SpecimenForm({"email": EVIL})))

    def test_gives_every_control_a_label(self, form):
        controls = [each for tag in ("input", "select", "textarea") for each in form.all(tag)]
        labelled = {label["for"] for label in form.all("label")}

        assert {each["id"] for each in controls} <= labelled
        assert len(form.all("fieldset")) == len(form.all("legend")) == 2

    def test_ties_help_and_errors_to_their_control(self, form):
        name = form.one("input", name="name")
        ids = {each["id"]: each.text for each in form.all() if each.get("id")}

        assert [ids[each] for each in name["aria-describedby"].split()] == [
            "As you want to be called.",
            "Error: This field is required.",
        ]
        assert name["aria-invalid"] == "true"

    def test_sums_up_what_must_be_put_right_with_a_link_to_each_field(self, form):
        summary = form.one("div", class_="errors")
        ids = {each.get("id") for each in form.all()}

        assert summary["role"] == "alert"
        assert all(link["href"].removeprefix("#") in ids for link in summary.all("a"))
        assert summary.all("a")[0].text.startswith("Name ")

    def test_shows_what_was_typed_as_text(self, form):
        assert form.all("script") == []
        assert form.one("input", name="email")["value"] == EVIL

    def test_marks_what_may_be_left_out(self, form):
        assert [each.text for each in form.all("span", class_="field-optional")] == [
            "(optional)",
            "(optional)",
        ]

    def test_shows_no_errors_before_submission(self):
        assert parse(str(SpecimenForm())).all("div", class_="errors") == []

    def test_shows_errors_of_the_whole_form(self):
        form = SpecimenForm({})
        form.add_error(None, "These do not go together.")

        assert "These do not go together." in parse(str(form)).one("div", class_="errors").text


class TestDemoBanner:
    @pytest.mark.parametrize("demo", [True, False])
    def test_is_on_the_pages_of_a_demonstration_and_on_no_others(self, home, public, settings, demo):
        settings.RENDER_ON_REQUEST, settings.DEMO = True, demo
        html = parse(public.get("/en/").content.decode())

        assert ("Demonstration: nothing here has been checked." in html.text) is demo


class TestPage:
    @pytest.fixture(autouse=True)
    def _rendered(self, settings):
        settings.RENDER_ON_REQUEST = True

    @pytest.mark.parametrize(("code", "direction"), [("en", "ltr"), ("ar", "rtl")])
    def test_has_its_language_one_heading_and_the_landmarks(self, home, languages, public, code, direction):
        page = StandardPageFactory(parent=home, slug="about", title="About")
        if code != "en":
            home.copy_for_translation(languages[code]).save_revision().publish()
            page.copy_for_translation(languages[code]).save_revision().publish()
        html = parse(public.get(f"/{code}/about/").content.decode())

        assert (html.one("html")["lang"], html.one("html")["dir"]) == (code, direction)
        assert len(html.all("h1")) == len(html.all("main")) == len(html.all("header")) == len(html.all("footer")) == 1

    def test_leads_to_help_in_one_step(self, home, public):
        html = parse(public.get("/en/").content.decode())

        assert html.one("header").one("a", href="/en/help/").text == "Find support"

    def test_shows_the_text_of_every_block(self, home, public):
        rich = "<p>Some <b>rich</b> text.</p>"
        body = [
            {"type": "heading", "value": "A heading"},
            {"type": "text", "value": rich},
            {"type": "callout", "value": {"title": "A callout", "html": rich}},
            {"type": "steps", "value": {"items": [{"title": "A step", "html": rich}]}},
            {"type": "questions", "value": {"items": [{"title": "A question", "html": rich}]}},
            {"type": "facts", "value": {"items": [{"term": "A term", "description": "A\nfact"}]}},
        ]
        StandardPageFactory(parent=home, slug="about", body=dumps(body))
        html = parse(public.get("/en/about/").content.decode()).one("main")

        assert len(html.all("b")) == 4
        assert [html.one("summary").text, html.one("dt").text, html.one("dd").text] == [
            "A question",
            "A term",
            "A fact",
        ]
        assert html.one("ol", class_="steps").one("h3").text == "A step"
        assert html.one("div", class_="callout").one("h2").text == "A callout"

    def test_does_not_escape_into_a_block(self, home, public):
        StandardPageFactory(
            parent=home,
            slug="about",
            title=EVIL,
            introduction=EVIL,
            body=dumps(
                [
                    {"type": "heading", "value": EVIL},
                    {"type": "callout", "value": {"title": EVIL, "html": "<p>a</p>"}},
                ]
            ),
        )
        html = parse(public.get("/en/about/").content.decode())

        assert [script["src"].endswith("site.js") for script in html.all("script")] == [True]


class TestWithoutIndent:
    def render(self, text: str) -> str:
        return engines["django"].from_string("{% without_indent %}" + text + "{% endwithout_indent %}").render()

    def test_takes_away_what_the_templates_lines_begin_with(self):
        assert self.render("<p>\n    One\n\n    two.</p>\n  <p>") == "<p>\nOne\ntwo.</p>\n<p>"

    @pytest.mark.parametrize(
        "text", ["<pre>a\n  b</pre>", "<textarea name=a>\n\n  b\n</textarea>", "<b>a</b> <b>b</b>"]
    )
    def test_keeps_white_space_in_content(self, text):
        assert self.render(text) == text


class TestTheDocument:
    def test_gives_its_blocks_to_the_pages_that_extend_it(self, home):
        template = "{% extends 'layouts/base.html' %}{% block title %}{{ block.super }} (2 of 3){% endblock %}"

        html = engines["django"].from_string(template).render({"title": "News"})

        assert "<title>News (2 of 3)</title>" in html
