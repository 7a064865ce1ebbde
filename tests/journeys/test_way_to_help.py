"""The way to help is one step from every page, and does not disclose where the visitor came from."""

import io
import re
import zipfile

import pytest
from django.conf import settings

from tests.support.html import parse

pytestmark = [pytest.mark.process, pytest.mark.demonstration]

LANGUAGE = re.compile(r"/([a-z]{2,3}(?:-[a-z0-9]+)*)/")
HELP = re.compile(r"/[a-z]{2,3}(?:-[a-z0-9]+)*/(?:help|embed)/")
# An address that a reader follows or a program loads, in feeds, calendars, descriptions and kits.
ADDRESS = re.compile(rb"https?://[^\s<>\"'\\]+")
PLAIN = {"href", "class"}


def read(demonstration, path: str) -> bytes:
    name = f"{path}index.html" if path.endswith("/") else path
    return (demonstration.var / "prerender" / name.lstrip("/")).read_bytes()


class TestWayToHelp:
    def test_is_one_plain_link_in_the_header_of_every_page_in_every_language(self, demonstration):
        seen, faults = set(), {}
        for path in demonstration.pages():
            match = LANGUAGE.match(path)
            if match is None or HELP.match(path):
                continue  # the choice of languages, and pages that are help themselves
            [header] = parse(read(demonstration, path).decode()).all("header", class_="site-header")
            links = [link for link in header.all("a") if "/help/" in link["href"]]
            seen.add(match[1])
            if [link["href"] for link in links] != [f"/{match[1]}/help/"] or not links[0].attributes.keys() <= PLAIN:
                faults[path] = [link.attributes for link in links]

        assert faults == {}
        assert seen == set(settings.INTERFACE_LANGUAGES)

    def test_carries_no_tag_in_feeds_calendars_descriptions_and_kits(self, demonstration):
        kinds, faults = set(), {}
        own = demonstration.public_url.encode()
        for path in demonstration.addresses():
            extension = path.rpartition(".")[2]
            if "/oembed/" not in path and extension not in {"atom", "rss", "ics", "zip"}:
                continue
            kinds.add(extension)
            found = {url for url in ADDRESS.findall(told(read(demonstration, path), extension)) if url.startswith(own)}
            if tagged := sorted(url.decode() for url in found if b"?" in url or b"#" in url):
                faults[path] = tagged

        assert faults == {}
        assert kinds == {"atom", "rss", "ics", "json", "zip"}


def told(content: bytes, extension: str) -> bytes:
    """Return the text of a file: of a kit, its readme; of a calendar, with unfolded lines."""
    if extension == "zip":
        with zipfile.ZipFile(io.BytesIO(content)) as kit:
            return b"\n".join(kit.read(name) for name in kit.namelist() if name.endswith(".html"))
    return content.replace(b"\r\n ", b"") if extension == "ics" else content
