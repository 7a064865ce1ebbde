"""Measure how long it takes to draw a campaign: 24 languages in 7 formats, as the worker draws them.

    python bench/studio.py [--languages 24]

Compared with the same number of bare documents, without picture, QR code or text that is fitted to its box, set by one
process.
The seconds are wall-clock time and processor time; a preview of one output, with the start of its process, is measured
as well.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.table import Row, machine, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("poster-a4", "poster-a3", "card-square", "card-story", "card-link", "banner", "mail-header")
DAY = dt.date(2026, 11, 26)
BARE = """
#let it = json(bytes(sys.inputs.data))
#set document(title: it.headline, date: none)
#set page(width: it.width * 1mm, height: it.height * 1mm)
#set text(lang: it.language, font: ("IBM Plex Sans", "IBM Plex Sans Arabic"))
= #it.headline
#for line in it.text [#par(line)]
"""


def measure(languages: int = 24, *, formats: tuple[str, ...] = FORMATS) -> str:
    """Return the table.

    The texts are the same in each language: the cost is that of typesetting.
    """
    from campaigns.studio import drawing

    planned = plan(languages, formats)
    bare = taken(lambda: draw_bare(planned))
    drawn = taken(lambda: len([*drawing.draw(planned, day=DAY)]))
    one = taken(lambda: drawing.preview(planned[0], day=DAY))
    what = f"{len(planned)} outputs"
    return table(
        [
            Row(f"{what}: clock", bare[0], drawn[0], "s", "20 s"),
            Row(f"{what}: processor", bare[1], drawn[1], "s"),
            Row("a preview: clock", bare[0] / len(planned), one[0], "s", "1 s"),
        ],
        first="bare",
        second="the studio",
    )


def plan(languages: int, formats: tuple[str, ...]) -> list[Any]:
    from django.conf import settings

    from campaigns.models import Design, DesignText, Material
    from campaigns.studio import variants

    design = Design(material=Material(name="Bench"), scene="kitchen-table", hue="clay", formats=[*formats])
    design.texts = [
        DesignText(
            language=code,
            headline="Mir kannst du alles sagen",
            text="Fünf Wörter, die jedes Kind kennen sollte.\nZuhören. Glauben. Hilfe holen.",
            call="Worte und Unterstützung finden",
        )
        for code in [*settings.LANGUAGE_TABLE][:languages]
    ]
    maker = variants.OutputMaker(design, site="Waymark")
    return [maker.output(variant) for variant in variants.variants(design)]


def draw_bare(planned: list[Any]) -> None:
    import json

    import typst

    from core.typesetting import FONTS

    compiler = typst.Compiler(font_paths=FONTS, ignore_system_fonts=True)
    for output in planned:
        inputs = {"data": json.dumps(output.data)}
        compiler.compile(BARE.encode(), format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"])


def taken(work: Callable[[], Any]) -> tuple[float, float]:
    """Return the seconds of the clock and of the processor, those of processes that have ended included."""
    began, used = time.perf_counter(), processor()
    work()
    return time.perf_counter() - began, processor() - used


def processor() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usages)


def prepare() -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    import django

    django.setup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--languages", type=int, default=24)
    options = parser.parse_args()
    prepare()
    print(measure(options.languages))
    print(machine())
