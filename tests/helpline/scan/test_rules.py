"""The scan finds the one fault of a website, and no other."""

import pytest
import trustme

from helpline.scan import rules, trackers
from helpline.scan.rules import Severity
from tests.support.websites import HOST, page, redirect, spoiled

HOME = f"https://{HOST}/"
# For each rule: the responses of a website that breaks it, and the facts of the finding.
BROKEN = {
    "no_https": ({f"http://{HOST}/": page()}, ()),
    "advertising": (
        {HOME: page(spoiled('<script src="https://connect.facebook.net/en_US/fbevents.js"></script>'))}, ("Meta",),
    ),
    "recording": ({HOME: page(spoiled("<script>h._hjSettings={hjid:1}</script>"))}, ("Hotjar",)),
    "calls": (
        {HOME: page(spoiled(body="<a href='tel:116123' onclick=\"gtag('event','call')\">116 123</a>"))},
        ("tel:116123",),
    ),
    "analytics": (
        {HOME: page(spoiled("<script async src='//www.googletagmanager.com/gtag/js'></script>"))},
        ("Google Tag Manager",),
    ),
    "mixed": ({HOME: page(spoiled(body=f"<img src='http://{HOST}/a.png'>"))}, (HOST,)),
    "moved": ({HOME: redirect("https://other.example/"), "https://other.example/": page()}, ("other.example",)),
    "others": (
        {HOME: page(spoiled("<link rel=stylesheet href='https://fonts.googleapis.com/css'>"))},
        ("fonts.googleapis.com",),
    ),
    "lasting_cookies": ({HOME: page(Set_Cookie="visitor=1; Max-Age=31536000")}, ("visitor",)),
    "session_cookies": ({HOME: page(Set_Cookie="PHPSESSID=1; path=/")}, ("PHPSESSID",)),
    "in_the_clear": ({f"http://{HOST}/": page()}, ()),
    "loud_referrer": ({HOME: page(Referrer_Policy="unsafe-url")}, ("unsafe-url",)),
    "own_analytics": (
        {HOME: page(spoiled("<script>var _paq = _paq || []; _paq.push(['trackPageView'])</script>"))}, ("Matomo",),
    ),
    "no_hsts": ({HOME: page(Strict_Transport_Security="max-age=300")}, ()),
    "no_referrer_policy": ({HOME: page(Referrer_Policy=None)}, ()),
    "no_content_policy": ({HOME: page(Content_Security_Policy=None)}, ()),
}  # fmt: skip


def found(websites, url=HOME):
    return rules.findings(websites.visitor().visit(url))


class TestRules:
    def test_find_nothing_on_a_careful_website(self, websites):
        assert found(websites) == []
        assert rules.grade([]) == "A"

    @pytest.mark.parametrize("code", BROKEN)
    def test_find_the_one_thing_that_is_wrong(self, websites, code):
        answers, facts = BROKEN[code]
        websites.answers |= answers

        findings = found(websites, f"http://{HOST}/" if code == "no_https" else HOME)

        assert [(finding.rule.code, finding.facts) for finding in findings] == [(code, facts)]

    @pytest.mark.parametrize("fault", ["another name", "another authority"])
    def test_find_a_bad_certificate(self, websites, fault):
        if fault == "another name":
            websites.certify("elsewhere.example")
        else:
            websites.certify(HOST, authority=trustme.CA())

        assert [finding.rule.code for finding in found(websites)] == ["certificate"]

    def test_are_all_broken_once_here(self):
        assert {*BROKEN, "certificate"} == set(rules.BY_CODE)

    def test_stand_in_order_worst_first(self):
        levels = [rule.level for rule in rules.RULES]

        assert levels == sorted(levels, reverse=True)

    def test_notify_the_public_only_of_serious_findings(self):
        assert all(rule.level >= Severity.SERIOUS for rule in rules.RULES if rule.discloses)


class TestGrade:
    @pytest.mark.parametrize(
        ("codes", "grade"),
        [
            ([], "A"),
            (["no_hsts", "own_analytics"], "B"),
            (["others", "no_hsts"], "C"),
            (["analytics", "others"], "D"),
            (["analytics", "calls"], "E"),
            (["advertising"], "F"),
            (["no_https"], "F"),
        ],
    )
    def test_follows_the_worst(self, codes, grade):
        assert rules.grade(rules.Finding(rules.BY_CODE[code]) for code in codes) == grade


class TestFalseAlarms:
    """Harmless content that resembles a leak raises no alarm."""

    @pytest.mark.parametrize(
        "html",
        [
            "<!-- <script src='https://connect.facebook.net/x.js'></script> -->",
            "<script type='text/plain' data-category='marketing' src='https://connect.facebook.net/x.js'></script>",
            "<script type='text/plain'>fbq('init', '1')</script>",
            '<script type=\'application/ld+json\'>{"sameAs": "https://facebook.com/us"}</script>',
            "<iframe data-src='https://www.youtube.com/embed/1'></iframe>",
            "<link rel='canonical' href='https://elsewhere.example/'><link rel='me' href='https://social.example/@us'>",
            "<a href='https://www.facebook.com/us'>Us</a> <a href='tel:116123' class='track'>116 123</a>",
            "<img src='https://img.service.example/a.png'><img src='data:image/gif;base64,R0lGOD'>",
            "<script>var content = {t: {co: 1}}; import('/t.co.js')</script>",
            "<template></template><p>We use no Google Analytics: gtag( is not on this page.</p>",
        ],
    )
    def test_are_not_raised(self, websites, html):
        websites.answers[HOME] = page(spoiled(html))

        assert found(websites) == []

    def test_a_plain_address_that_does_not_answer_is_no_fault(self, websites):
        websites.closed = {"http"}

        assert found(websites) == []

    def test_a_company_behind_matomo_is_not_taken_for_the_website_itself(self, websites):
        websites.answers[HOME] = page(spoiled("<script>_paq.push(['x']); var u='https://us.matomo.cloud/'</script>"))

        assert [(one.rule.code, one.facts) for one in found(websites)] == [("analytics", ("Matomo Cloud",))]


class TestHiddenPlaces:
    """The scan finds third-party requests without an obvious script element."""

    @pytest.mark.parametrize(
        "html",
        [
            "<noscript><img height=1 src='https://www.facebook.com/tr?id=1'></noscript>",
            "<script>s.src='https://connect.facebook.net/en_US/fbevents.js'</script>",
            "<script>fbq ( 'init', '1')</script>",
            "<link rel='dns-prefetch' href='//connect.facebook.net'>",
            "<img srcset='/a.png 1x, https://www.facebook.com/tr?a 2x'>",
            "<style>@import 'https://connect.facebook.net/a.css';</style>",
            "<div style=\"background: url('https://www.facebook.com/tr')\"></div>",
            "<base href='https://connect.facebook.net/'><img src='a.png'>",
            "<IFRAME SRC=' https://www.facebook.com/plugins '></IFRAME>",
            "<svg><image href='https://www.facebook.com/tr'/></svg>",
        ],
    )
    def test_are_looked_into(self, websites, html):
        websites.answers[HOME] = page(spoiled(html))

        assert [finding.facts for finding in found(websites) if finding.rule.code == "advertising"] == [("Meta",)]


class TestOwner:
    @pytest.mark.parametrize(
        ("host", "owner"),
        [
            ("www.nspcc.org.uk", "nspcc.org.uk"),
            ("help.gov.ie", "help.gov.ie"),
            ("a.b.example.com", "example.com"),
            ("one.github.io", "one.github.io"),
            ("co.uk", "co.uk"),
        ],
    )
    def test_is_the_registered_domain(self, host, owner):
        assert rules.registered_domain(host) == owner


class TestTrackers:
    def test_have_no_host_twice(self):
        hosts = [host for tracker in trackers.TRACKERS for host in tracker.hosts]

        assert len(hosts) == len(set(hosts))

    def test_are_each_known_by_something(self):
        assert all(tracker.hosts or tracker.code for tracker in trackers.TRACKERS)

    def test_are_not_seen_in_names_that_end_alike(self):
        assert trackers.find_by_host("notfacebook.com") is None
        assert trackers.find_by_host("px.ads.linkedin.com").name == "LinkedIn"
