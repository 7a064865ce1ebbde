"""Behaviour of the scan towards a website, and its robustness."""

import gzip
import itertools
import time
import tracemalloc

import pytest

from core.outgoing.internet import FetchError, FetchProblem
from helpline.scan import rules
from helpline.scan.page import is_among, missing_since, on_page
from helpline.vocabulary.phones import parse
from tests.support.websites import GOOD_HEADERS, HOST, page, redirect

HOME = f"https://{HOST}/"
ROBOTS = f"https://{HOST}/robots.txt"
PLAIN = f"http://{HOST}/"


def robots(text, status=200):
    return status, {"Content-Type": "text/plain"}, text


def raw(*parts):
    """Return a server that sends these parts, and repeats the last for ever."""

    def answer(handler):
        for part in itertools.chain(parts, itertools.repeat(parts[-1])):
            handler.wfile.write(part)
            handler.wfile.flush()
            time.sleep(0.01)  # the server is slow on purpose; nothing waits for it

    return answer


def problem(websites, url=HOME, **limits):
    with pytest.raises(FetchError) as reason:
        websites.visitor(**limits).visit(url)
    return reason.value.problem


class TestManners:
    def test_ask_for_robots_the_page_and_the_way_in_without_encryption(self, websites):
        websites.visitor().visit(HOME)

        assert websites.asked == [ROBOTS, HOME, PLAIN]

    def test_pause_between_two_requests(self, websites):
        websites.visitor().visit(HOME)

        assert websites.paused == [1, 1]

    def test_wait_as_long_as_robots_txt_asks_within_reason(self, websites):
        websites.answers[ROBOTS] = robots("User-agent: *\nCrawl-delay: 3600\n")

        websites.visitor().visit(HOME)

        assert websites.paused[0] == 5

    def test_say_who_asks_and_nothing_else(self, websites):
        websites.answers[HOME] = page(Set_Cookie="visitor=1; Max-Age=100")

        websites.visitor().visit(HOME)

        assert {sent["User-Agent"] for sent in websites.headers} == {
            "WaymarkSiteCheck/1.0 (+https://www.example.org/; waymark@example.org)"
        }
        sent = {name for headers in websites.headers for name in headers}
        assert sent == {"Host", "User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Connection"}

    @pytest.mark.parametrize("agent", ["*", "WaymarkSiteCheck"])
    def test_stay_away_where_robots_txt_says_so(self, websites, agent):
        websites.answers[ROBOTS] = robots(f"User-agent: {agent}\nDisallow: /\n")

        assert problem(websites) is FetchProblem.ROBOTS
        assert websites.asked == [ROBOTS]

    def test_stay_away_from_where_a_redirect_leads_if_it_says_so_there(self, websites):
        websites.answers[HOME] = redirect("https://other.example/")
        websites.answers["https://other.example/robots.txt"] = robots("User-agent: *\nDisallow: /\n")

        assert problem(websites) is FetchProblem.ROBOTS
        assert "https://other.example/" not in websites.asked

    @pytest.mark.parametrize(
        ("answer", "may"),
        [
            (robots("", 404), True),
            (robots("", 403), True),
            (robots("", 503), False),
            (robots("User-agent: *\nAllow: /\nDisallow: /private"), True),
            (robots("User-agent: other\nDisallow: /"), True),
            (robots("\xff\x00" * 100), True),
            (page("<html>Disallow: /</html>"), True),
        ],
        ids=["missing", "forbidden", "broken", "allowed", "for another", "nonsense", "a page"],
    )
    def test_read_robots_txt_as_rfc_9309_says(self, websites, answer, may):
        websites.answers[ROBOTS] = answer

        assert websites.visitor().visit(HOME).page.contacts if may else problem(websites) is FetchProblem.ROBOTS

    def test_carry_no_cookie_from_one_answer_to_the_next(self, websites):
        websites.answers[HOME] = (302, {"Location": "/start", "Set-Cookie": "a=1"}, "")
        websites.answers[f"{HOME}start"] = page()

        look = websites.visitor().visit(HOME)

        assert look.cookies == ("a=1",)
        assert not any("Cookie" in headers for headers in websites.headers)


class TestBadServers:
    @pytest.mark.parametrize("at", [ROBOTS, HOME])
    def test_that_never_end_their_head_are_left(self, websites, at):
        websites.answers[at] = raw(b"HTTP/1.1 200 OK\r\n", b"X: " + b"x" * 50_000 + b"\r\n")

        assert problem(websites) is FetchProblem.BROKEN

    @pytest.mark.parametrize(
        "parts",
        [
            (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"<"),
            (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
            (b"H", b"T"),
            (b"HTTP/1.1 100 Continue\r\n\r\n",),
        ],
        ids=["body", "head", "first line", "patience"],
    )
    def test_that_are_too_slow_are_left(self, websites, parts):
        websites.answers[HOME] = raw(*parts)

        assert problem(websites, request_seconds=0.4) in {FetchProblem.UNAVAILABLE, FetchProblem.BROKEN}

    def test_that_are_slow_in_sum_are_left(self, websites):
        websites.answers |= {f"{HOME}{at or ''}": redirect(f"/{at + 1}") for at in range(9)}
        websites.answers[f"{HOME}3"] = raw(b"HTTP/1.1 ")

        assert problem(websites, site_seconds=1) is FetchProblem.UNAVAILABLE

    @pytest.mark.parametrize(
        "answer",
        [
            b"SSH-2.0-OpenSSH_9.6\r\n",
            b"HTTP/1.1 abc\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip at all",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx",
            b"HTTP/1.1 302 Found\r\n\r\n",
            b"HTTP/1.1 500 Oh\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
            b"",
        ],
        ids=["ssh", "status", "chunks", "gzip", "packing", "nowhere", "error", "headers", "nothing"],
    )
    def test_with_invalid_responses_are_broken(self, websites, answer):
        websites.answers[HOME] = lambda handler: handler.wfile.write(answer)

        assert problem(websites) is FetchProblem.BROKEN

    @pytest.mark.parametrize(
        ("status", "why"),
        [
            (404, FetchProblem.GONE),
            (410, FetchProblem.GONE),
            (403, FetchProblem.REFUSED),
            (429, FetchProblem.REFUSED),
        ],
    )
    def test_that_do_not_show_the_page_are_distinguished(self, websites, status, why):
        websites.answers[HOME] = (status, {}, "")

        assert problem(websites) is why

    def test_that_do_not_listen_are_unavailable(self, websites):
        websites.closed = {"https"}

        assert problem(websites) is FetchProblem.UNAVAILABLE

    def test_that_send_no_page_are_none(self, websites):
        websites.answers[HOME] = page(Content_Type="application/pdf")

        assert problem(websites) is FetchProblem.NOT_HTML

    def test_are_down_only_if_a_person_would_see_nothing_either(self):
        assert FetchProblem.GONE.is_down
        assert not FetchProblem.REFUSED.is_down


class TestLargePages:
    def test_without_an_end_are_cut(self, websites):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        websites.answers[HOME] = raw(head, b"<p>word</p>" * 1000)

        look = websites.visitor(page_bytes=50_000).visit(HOME)

        assert 0 < len(look.headers.body) <= 50_000

    def test_that_unpack_to_much_more_are_never_in_memory(self, websites):
        bomb = gzip.compress(b"<p>" + b" " * 20_000_000)
        websites.answers[HOME] = (200, {**GOOD_HEADERS, "Content-Encoding": "gzip"}, bomb)
        visitor = websites.visitor(page_bytes=100_000)

        tracemalloc.start()
        try:
            look = visitor.visit(HOME)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert len(look.headers.body) == 100_000
        assert peak < 5_000_000

    def test_that_are_packed_are_read(self, websites):
        html = b"<script src='https://static.hotjar.com/c.js'></script>"
        websites.answers[HOME] = (200, {**GOOD_HEADERS, "Content-Encoding": "gzip"}, gzip.compress(html))

        codes = [finding.rule.code for finding in rules.findings(websites.visitor().visit(HOME))]

        assert codes == ["recording"]


class TestLetters:
    @pytest.mark.parametrize(
        ("encoding", "said"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", ""),
            ("utf-16", ""),
            ("iso-8859-1", "ISO-8859-1"),
            ("windows-1252", '"windows-1252"'),
        ],
    )
    def test_are_read_as_they_were_meant(self, websites, encoding, said):
        websites.answers[HOME] = page("", Content_Type=f"text/html{'; charset=' + said if said else ''}")
        status, headers, _ = websites.answers[HOME]
        websites.answers[HOME] = (status, headers, "<p>Für dich</p>".encode(encoding))

        assert websites.visitor().visit(HOME).page.text == "Für dich"

    @pytest.mark.parametrize("said", ["utf-99", "hex", "punycode", "unicode_escape", "utf-16", "x" * 500])
    def test_of_no_known_kind_do_no_harm(self, websites, said):
        websites.answers[HOME] = page("<p>Call 116 123</p>", Content_Type=f"text/html; charset={said}")

        assert websites.visitor().visit(HOME).page.text == "Call 116 123"


class TestBrokenMarkup:
    @pytest.mark.parametrize(
        "html",
        ["", "<", "<!--", "<![", "<script>", "<a href='", "<a" * 500, "&#xffffffff;", "\x00",
         "<base href='http://[::1'><img src=a>", "<img src='http://[x'>",
         "<meta http-equiv=refresh content='0;url=http://[::1'>", "<script type=>x</script", "<p " + "a=b " * 5000],
    )  # fmt: skip
    def test_is_read_as_far_as_it_goes(self, websites, html):
        websites.answers[HOME] = page(html)

        assert rules.findings(websites.visitor().visit(HOME)) == []


class TestNumbers:
    @pytest.mark.parametrize(
        ("number", "country", "html"),
        [
            ("+493023125000", "", "<a href='tel:+493023125000'>Call</a>"),
            ("+493023125000", "", "Telefon: (030) 23 12-50 00"),
            ("+493023125000", "", "<b>030</b> / <b>231 250 00</b>"),
            ("+4408088000000", "", "0808 800 0000"),
            ("116123", "de", "116 123"),
            ("112", "de", "112"),
        ],
    )
    def test_are_found_however_they_are_written(self, websites, number, country, html):
        websites.answers[HOME] = page(html)

        digits = on_page(websites.visitor().visit(HOME).page)

        assert is_among(parse(number, country), digits)

    def test_are_not_found_in_others(self, websites):
        websites.answers[HOME] = page("<p>030 99 99 99 99, 1161230, 5112</p>")

        digits = on_page(websites.visitor().visit(HOME).page)

        assert not is_among(parse("+493023125000"), digits)
        assert not is_among(parse("116123", "de"), digits)
        assert not is_among(parse("112", "de"), digits)

    @pytest.mark.parametrize(
        ("scans", "since"),
        [
            ({3: ["03023125000"]}, None),
            ({3: ["116123"]}, None),
            ({3: ["116123"], 2: ["03023125000"]}, 3),
            ({3: ["116123"], 2: [], 1: ["03023125000"]}, 2),
            ({3: ["03023125000"], 2: ["116123"]}, None),
            ({3: ["116123"], 2: ["112"]}, None),
            ({}, None),
        ],
    )
    def test_are_gone_only_if_they_once_stood_there(self, scans, since):
        assert missing_since(parse("+493023125000"), scans.items()) == since
