"""JPEG in passes (“progressive”): how much its decoder has to hold."""

from __future__ import annotations

from math import ceil

# Markers that say how a picture is divided, but for those of lossless JPEG, which nobody decodes (ITU T.81, table B.1).
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
START_OF_SCAN = 0xDA
# Neither is followed by a length.
ALONE = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})


def coefficients(jpeg: bytes) -> int:
    """Return how many bytes of coefficients a decoder holds until the last pass: two for each; none if there is but one pass."""
    at, held, components, progressive = 2, 0, 0, False
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF or marker in ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        body = jpeg[at + 4 : at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")]
        if marker in FRAMES:
            progressive, components, held = marker in PROGRESSIVE, body[5], _of_frame(body)
        elif marker == START_OF_SCAN:
            # A picture whose colours come one after the other has as many passes.
            return held if progressive or body[0] < components else 0
        at += 4 + len(body)
    return 0


def _of_frame(body: bytes) -> int:
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    sampled = [divmod(factors, 16) for factors in body[7 : 6 + 3 * body[5] : 3]]
    # Each colour has blocks of 8 by 8, and of the most detailed one so many make a unit.
    units = ceil(width / (8 * max(h for h, _ in sampled))) * ceil(height / (8 * max(v for _, v in sampled)))
    return 2 * 64 * units * sum(h * v for h, v in sampled)
