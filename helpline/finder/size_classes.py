"""The sizes of help pages: the same in every language, so that their bytes on the wire do not name them.

The smaller size of a kind fits most of its pages, the larger one those of large countries and long texts.
Both leave room for what a mirror adds (about 450 bytes with Brotli).
The figures behind them are in docs/decisions/0076-padded-help-pages.md.
"""

import re

from core.http.headers import below_language
from core.publishing.size_classes import SizeClass, Sizes

# The finder holds every listing, so its size depends on the site: steps that the languages of one site rarely span.
# 42,496 and one step less are the sizes of the demonstration; the renderer refuses more than 66,000 (`MAX_BYTES`).
FINDER_STEP, FINDER_SMALLEST, FINDER_LARGEST = 4_096, 5_632, 67_072


def kind(paths: str, *sizes: Sizes) -> SizeClass:
    return SizeClass(paths=below_language(paths), sizes=sizes)


SIZE_CLASSES = (
    kind(
        "help/",
        *(Sizes(size * 12, size * 3 // 2, size) for size in range(FINDER_SMALLEST, FINDER_LARGEST + 1, FINDER_STEP)),
    ),
    kind("help/[a-z]{2}/", Sizes(73_728, 12_288, 9_728), Sizes(147_456, 19_456, 14_000)),
    kind("help/lines/[a-z]{2}/", Sizes(12_288, 4_096, 3_584), Sizes(20_480, 6_144, 5_120)),
    kind("help/listing/[^/]+/", Sizes(24_576, 5_376, 4_608), Sizes(49_152, 8_192, 7_168)),
    kind(r"help/handouts/[a-z]{2}-[^/]+\.pdf", Sizes(69_632), Sizes(147_456)),
    kind(r"help/handouts/[^/]+\.pdf", Sizes(49_152), Sizes(98_304)),
    # Guides, the page on how these pages work, and the coverage map.
    kind("help/[^/]+/", Sizes(81_920, 13_312, 11_776), Sizes(122_880, 16_384, 14_000)),
    kind("embed/[a-z]{2}/", Sizes(57_344, 9_728, 8_192), Sizes(114_688, 15_360, 12_288)),
    # The page for a help address that does not exist.
    SizeClass(paths=re.compile(r"/errors/[^/]+/help/404\.html"), sizes=(Sizes(8_192, 3_072, 2_816),)),
)
