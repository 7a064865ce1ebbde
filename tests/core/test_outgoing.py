"""This site never connects to a private address, through any link, redirect or name server."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.outgoing.internet import FetchError, FetchProblem, Internet, is_public, target
from tests.support.websites import HOST, redirect

PRIVATE = [
    "0.0.0.0",  # noqa: S104  (nothing is bound to it)
    "127.0.0.1", "127.255.255.254", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "2a00:1450::1%1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
    "100::1", "2001:db8::1", "3fff::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::169.254.169.254",
    "2002:7f00:1::", "2002:a9fe:a9fe::",
    "2002:808:808::", "2001:0:a9fe:a9fe::", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "5f00::1",
    "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "017700000001", "", "localhost", "1.2.3.4.5",
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11", "8.8.8.8 ",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "193.0.6.139",
    "2a00:1450:4001:80b::200e",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
HOSTILE = [
    "http://127.0.0.1/", "http://127.1/", "http://0x7f.1/", "http://0x7f000001/", "http://2130706433/",
    "http://017700000001/", "http://0/",
    "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[fe80::1%25eth0]/",
    "http://8.8.8.8/", "http://[2606:4700::1111]/",
    "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/", "http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/",
    "http://localhost/", "http://localhost./", "http://a.localhost/", "http://printer.local/",
    "http://metadata.google.internal/", "http://router.home.arpa/", "http://intranet/", "http://secret.onion/",
    "http://1.2.3.4.5/", "http://a.b.0x1/",
    "http://user:secret@service.example/", "http://user@service.example/", "http://service.example@127.0.0.1/",
    "http://@service.example/",
    "http://127.0.0.1:80\\@service.example/", "http://service.example\\@127.0.0.1/",
    "http://127.0.0.1#@service.example/", "http:\\\\127.0.0.1\\",
    "http://service.example:22/", "http://service.example:8080/", "https://service.example:80/",
    "http://service.example:0/", "http://service.example:99999/",
    "http://service.example:x/", "ftp://service.example/", "file:///etc/passwd", "gopher://service.example/_",
    "dict://service.example/", "javascript:alert(1)",
    "data:text/html,x", "ws://service.example/", "//service.example/", "service.example", "", " ", "http://",
    "http:///x", "https://?x", "http://.example/",
    "http://a..example/", "http://-.example/", "http://service.example/\r\nX: y", "http://service.example/ x",
    "http://service.example\t/", "http://ser vice.example/",
    "http://service.example\x00.evil.example/", "http://%31%32%37.0.0.1/", "http://service.example%00/",
    "http://[service.example]/", "http://[::1/",
    f"http://{'a' * 64}.example/", f"http://{'a.' * 130}example/", "http://service.example/" + "a" * 2000,
    "http://xn--/", "http://\ud800.example/",
]  # fmt: skip

# Addresses that are valid in a header and lead to another place from the redirecting server.
ELSEWHERE = [
    url for url in HOSTILE if ":" in url and url.isprintable() and "service.example/" not in url.partition("//")[2][:16]
]


def problem(action, *given):
    """Return the problem that stops an action, or None if there is none."""
    try:
        action(*given)
    except FetchError as reason:
        return reason.problem
    return None


class TestIsPublic:
    def test_refuses_what_may_be_ours(self):
        assert [address for address in PRIVATE if is_public(address)] == []

    def test_lets_the_internet_be(self):
        assert [address for address in PUBLIC if not is_public(address)] == []

    @given(st.ip_addresses(v=4))
    def test_sees_through_every_way_to_carry_an_address_in_another(self, ip):
        for carried in (f"::ffff:{ip}", f"64:ff9b::{ip}"):
            assert is_public(carried) == is_public(str(ip))
        assert not is_public(f"::{ip}")
        assert not is_public(f"2002:{int(ip) >> 16:x}:{int(ip) & 0xFFFF:x}::1")


class TestTarget:
    def test_is_no_address_that_hides_where_it_leads(self):
        assert [url for url in HOSTILE if problem(target, url) is not FetchProblem.ADDRESS] == []

    @pytest.mark.parametrize(
        ("url", "read"),
        [
            ("https://service.example", "https://service.example/"),
            ("HTTPS://Service.EXAMPLE:443/A?b=c#d", "https://service.example/A?b=c"),
            ("http://service.example.:80/", "http://service.example/"),
            ("https://kein-täter.example/ü?q=ß", "https://xn--kein-tter-02a.example/%C3%BC?q=%C3%9F"),
            ("https://service.example/a%20b?c=%2F", "https://service.example/a%20b?c=%2F"),
        ],
    )
    def test_is_what_a_browser_would_ask_for(self, url, read):
        assert target(url).url == read

    @given(st.text(max_size=60), st.sampled_from(["http://", "https://", "http://service.example/", ""]))
    def test_is_plain_letters_for_any_text(self, text, before):
        try:
            found = target(before + text)
        except FetchError:
            return
        assert found.url.isascii()
        assert found.url.isprintable()
        assert " " not in found.url


class TestInternet:
    def connect(self, answers):
        network = Internet(resolve=lambda host, port: [(answer, port) for answer in answers])
        network.connect(target(f"http://{HOST}/"), seconds=1)

    def test_does_not_connect_to_what_a_name_hides(self):
        assert [one for one in PRIVATE if problem(self.connect, [one]) is not FetchProblem.PRIVATE] == []

    def test_trusts_no_name_that_is_private_in_part_or_leads_nowhere(self):
        assert problem(self.connect, ["8.8.8.8", "10.0.0.1"]) is FetchProblem.PRIVATE
        assert problem(self.connect, []) is FetchProblem.NAME

    @pytest.mark.parametrize("place", [("10.1.2.3", 80), ("2a00:1450::1", 80, 0, 2)], ids=["private", "with a scope"])
    def test_asks_the_system_for_names_and_guards_by_itself(self, monkeypatch, place):
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [(2, 1, 6, "", place)])

        assert problem(lambda: Internet().connect(target(f"http://{HOST}/"), seconds=1)) is FetchProblem.PRIVATE

    def test_connects_to_the_address_that_was_checked(self, websites):
        """A name that would later resolve to another address is resolved only once."""
        answers = iter([["127.0.0.1"], ["169.254.169.254"]])
        websites.elsewhere = {HOST: next(answers)}

        connection = websites.internet().connect(target(f"http://{HOST}/"), seconds=30)

        assert connection.getpeername()[0] == "127.0.0.1"
        assert websites.lookups == [HOST]
        connection.close()


class TestRedirects:
    def test_lead_into_no_network_of_ours(self, websites):
        websites.elsewhere["rebound.example"] = ["10.0.0.1"]
        followed = []
        for url in [*ELSEWHERE, "http://rebound.example/", "https://rebound.example/"]:
            websites.answers[f"https://{HOST}/"] = (302, {"Location": url.encode().decode("latin-1")}, "")
            if problem(websites.visitor().visit, f"https://{HOST}/") is None:
                followed.append(url)

        assert followed == []
        assert {asked.split("/")[2] for asked in websites.asked} == {HOST}

    def test_are_followed_so_far_and_no_further(self, websites):
        for at in range(20):
            websites.answers[f"https://{HOST}/{at or ''}"] = redirect(f"/{at + 1}")

        assert problem(websites.visitor(redirects=3).visit, f"https://{HOST}/") is FetchProblem.REDIRECTS
        assert len([asked for asked in websites.asked if "robots" not in asked]) == 4

    def test_of_robots_txt_lead_into_no_network_of_ours_either(self, websites):
        websites.elsewhere["rebound.example"] = ["127.0.0.1", "10.0.0.1"]
        websites.answers[f"https://{HOST}/robots.txt"] = redirect("https://rebound.example/")

        assert problem(websites.visitor().visit, f"https://{HOST}/") is FetchProblem.PRIVATE
