"""Size classes: the few sizes of the files of one kind, so that an observer of encrypted traffic cannot tell which.

An app declares the kinds of its sensitive addresses (`core.declarations`); the renderer pads their files.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.http import HttpRequest

from core import declarations


class Sizes(NamedTuple):
    """The sizes of the files of an address in bytes: uncompressed, with gzip, and with Brotli.

    Those of the compressed files are 0 for a format that is not compressed.
    """

    plain: int
    gzip: int = 0
    brotli: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeClass:
    """A kind of address, and the sizes that its files may have, in ascending order."""

    paths: re.Pattern[str]
    sizes: tuple[Sizes, ...]


def sizes_for(path: str) -> Sequence[Sizes]:
    """Return the sizes that the files of an address may have, in ascending order; none if they are not padded."""
    kinds: Sequence[SizeClass] = declarations.collect("size_classes")
    return next((kind.sizes for kind in kinds if kind.paths.fullmatch(path)), ())


def are_kept(request: HttpRequest) -> bool:
    """Return whether all sensitive pages have one of their sizes, as the renderer has recorded.

    False for anything that is not being prerendered, such as a preview.
    """
    return getattr(request, "sizes_are_kept", False)
