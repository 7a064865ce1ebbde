"""Share cards of pages: the picture in links to a page, unless an editor has chosen one.

A card is drawn from its title, language, colour and illustration, and cached under their digest.
So rendering the site again does not draw cards again.
Cards are drawn in a separate process, with the same limits as outputs.
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
# A card has few colours: a palette reduces its size to a third.
COLOURS = 256
# Maximum number of cached cards, about 150 MB; the oldest are deleted.
MOST_KEPT = 5000
# Seconds without work after which the process is ended.
IDLE = 15.0


class CardDrawer:
    """One process for consecutive cards, as starting it takes longer than drawing."""

    def __init__(self) -> None:
        self.process = Process(TEMPLATES)
        self.lock = threading.Lock()
        self.clock: threading.Timer | None = None
        atexit.register(self.end)

    def draw(self, data: Mapping[str, object]) -> bytes:
        """Return a card as a PNG. Raise TypesettingError."""
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
    """Return the share card of a page, a PNG of 1200 by 630 pixels. Raise TypesettingError if it cannot be drawn."""
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
        kept.touch()  # the least recently used are deleted first
        return kept.read_bytes()
    if missing := missing_letters(title):
        raise TypesettingError(missing)
    content = _with_palette(drawer.draw(data))
    _keep(kept, content)
    return content


def folder() -> Path:
    """Return the cache folder of cards."""
    found: Path = settings.VAR / "cards"
    return found


def _with_palette(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as drawn:
        lighter = drawn.convert("RGB").quantize(colors=COLOURS, dither=Image.Dither.NONE)
    written = io.BytesIO()
    lighter.save(written, "PNG", optimize=True)
    return written.getvalue()


def _kept(data: Mapping[str, object]) -> Path:
    """Return the cache file for a card drawn from `data`."""
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
