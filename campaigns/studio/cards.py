"""Draws the cards of pages: what stands for a page where somebody shares its address, unless an editor has chosen a picture.

A card is drawn from its title, language, colour and illustration, and kept under the digest of all of them: rendering the site again draws
nothing again. It is drawn in a process of its own, as outputs are, with the same limits.
"""

import atexit
import hashlib
import io
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from PIL import Image

from campaigns.studio.drawing import Process
from campaigns.studio.formats import HUES
from campaigns.studio.variants import TEMPLATES, made_with
from core.typesetting import TypesettingError, missing_letters
from illustrations import scenes

TEMPLATE = "cards/page"
# A card has few colours. With a palette it weighs a third.
COLOURS = 256
# Cards of titles that are no longer anybody's make room for others: about 150 MB.
MOST_KEPT = 5000
# Seconds after which a process that nobody needs is ended.
IDLE = 15.0


class CardDrawer:
    """One process for all cards that are drawn one after the other: starting it takes longer than drawing."""

    def __init__(self) -> None:
        self.process = Process(TEMPLATES)
        self.lock = threading.Lock()
        self.clock: threading.Timer | None = None
        atexit.register(self.end)

    def draw(self, data: Mapping[str, object]) -> bytes:
        """Return a card as a PNG. Raises TypesettingError."""
        task = {
            "template": TEMPLATE,
            "extension": "png",
            "ppi": 72,
            "data": json.dumps(data, ensure_ascii=False),
        }
        with self.lock:
            if self.clock is not None:
                self.clock.cancel()
            try:
                said, content, _picture = self.process.perform(task)
            except (TimeoutError, ChildProcessError) as problem:
                raise TypesettingError(type(problem).__name__) from problem
            finally:
                self.clock = threading.Timer(IDLE, self.end)
                self.clock.daemon = True
                self.clock.start()
        if not content:
            raise TypesettingError(said)
        return content

    def end(self) -> None:
        with self.lock:
            if self.clock is not None:
                self.clock.cancel()
            self.process.end()


drawer = CardDrawer()


def card(*, title: str, site: str, language: str, hue: str, scene: str) -> bytes:
    """Return the card of a page, a PNG of 1200 by 630, with the name of the site. Raises TypesettingError if it cannot be drawn."""
    direction = settings.LANGUAGE_TABLE[language].direction
    data = {
        "title": title,
        "site": site,
        "language": language.partition("-")[0],
        "direction": direction,
        "hue": HUES[hue]._asdict(),
        "picture": scenes.for_print(scene, right_to_left=direction == "rtl"),
    }
    kept = _kept(data)
    if kept.exists():
        kept.touch()  # the oldest make room
        return kept.read_bytes()
    if missing := missing_letters(title):
        raise TypesettingError(missing)
    content = _with_palette(drawer.draw(data))
    _keep(kept, content)
    return content


def folder() -> Path:
    """Where cards are kept."""
    found: Path = settings.VAR / "cards"
    return found


def _with_palette(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as drawn:
        lighter = drawn.convert("RGB").quantize(colors=COLOURS, dither=Image.Dither.NONE)
    written = io.BytesIO()
    lighter.save(written, "PNG", optimize=True)
    return written.getvalue()


def _kept(data: Mapping[str, object]) -> Path:
    """Return the file for a card that is drawn from `data`."""
    made_of = json.dumps(data, sort_keys=True, ensure_ascii=False) + made_with(f"{TEMPLATE}.typ")
    return folder() / f"{hashlib.sha256(made_of.encode()).hexdigest()[:32]}.png"


def _keep(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    making = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    making.write_bytes(content)
    making.replace(file)
    there = [*file.parent.glob("*.png")]
    if len(there) > MOST_KEPT:
        for old in sorted(there, key=lambda each: each.stat().st_mtime)[: MOST_KEPT // 10]:
            old.unlink(missing_ok=True)
