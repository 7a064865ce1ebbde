"""Padded files have exactly the sizes of their kind, and programs read from them what was there before."""

import gzip
import hashlib
import io
import re

import brotli
import pytest
from pypdf import PdfReader, PdfWriter

from core.publishing.size_classes import SizeClass, Sizes
from prerender import padding
from prerender.store.files import StoredFile

PATH = "/en/diary/day/"
SMALL, LARGE = Sizes(4_000, 2_400, 2_200), Sizes(8_000, 4_400, 4_200)


@pytest.fixture(autouse=True)
def _kinds(declare, settings):
    settings.PRERENDER_BROTLI_QUALITY = 1
    declare(
        size_classes=[
            SizeClass(paths=re.compile(r"/en/diary/\w+/"), sizes=(SMALL, LARGE)),
            SizeClass(paths=re.compile(r"/en/diary/\w+\.pdf"), sizes=(Sizes(4_000), Sizes(8_000))),
        ]
    )


def page(length: int) -> bytes:
    """Return a page of about this many bytes that compress to half of that."""
    digits = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(length // 64 + 1))
    return f"<!doctype html><p>{digits[:length]}</p>".encode()


def pdf(pages: int) -> bytes:
    writer, made = PdfWriter(), io.BytesIO()
    for _number in range(pages):
        writer.add_blank_page(100, 100)
    writer.write(made)
    return made.getvalue()


class TestPadded:
    # Each number of missing bytes has its own form, above all the small ones and those around 256 (Brotli).
    @pytest.mark.parametrize("lengths", [range(3_300, 3_420), range(300, 4_000, 60)], ids=["each", "all"])
    def test_has_the_size_of_its_class_in_each_encoding_and_the_same_content(self, lengths):
        for length in lengths:
            body = page(length)
            found = padding.padded(PATH, body)

            sizes = len(found.body), len(found.variants[".gz"]), len(found.variants[".br"])
            assert sizes in {SMALL, LARGE}, length
            assert brotli.decompress(found.variants[".br"]) == gzip.decompress(found.variants[".gz"]) == body
            assert padding.stripped(PATH, found.body) == body
            assert found.fill <= 1

    @pytest.mark.parametrize("missing", [0, 1, 2, 3, 4, 257, 258, 259, 260, 65_538, 65_539, 65_540])
    def test_has_metadata_of_any_length_in_brotli(self, missing):
        blocks = padding.brotli_blocks(b"Call 116 123", 5)
        padded = blocks + padding.brotli_padding(missing) + padding.LAST_BLOCK

        assert len(padded) == len(blocks) + missing + 1
        assert brotli.decompress(padded) == b"Call 116 123"

    def test_has_the_next_size_of_the_grid_if_it_is_too_large(self):
        found = padding.padded(PATH, page(12_000))

        assert found.fill > 1
        assert {len(each) % padding.GRID for each in (found.body, *found.variants.values())} == {0}

    def test_is_compressed_harder_before_it_counts_as_too_large(self, monkeypatch):
        body = page(7_000)
        loose = padding.brotli_blocks(body, 11) + b"\0" * 2_000
        compress = padding.brotli_blocks
        monkeypatch.setattr(
            padding, "brotli_blocks", lambda body, quality: compress(body, 11) if quality == 11 else loose
        )

        assert padding.padded(PATH, body).fill <= 1

    @pytest.mark.parametrize("pages", range(1, 12))
    def test_pdf_is_read_as_before(self, pages):
        body = pdf(pages)
        found = padding.padded("/en/diary/day.pdf", body)
        read = PdfReader(io.BytesIO(found.body), strict=True)

        assert len(found.body) in {4_000, 8_000}
        assert (len(read.pages), found.variants) == (pages, {})
        assert padding.is_content("/en/diary/day.pdf", found.body, body)

    def test_is_nothing_of_another_kind(self):
        stored = StoredFile(path="/en/about/", body=page(2_000))
        stored.compress()

        assert (stored.body, stored.fill) == (page(2_000), None)
        assert gzip.decompress(stored.variants[".gz"]) == page(2_000)
