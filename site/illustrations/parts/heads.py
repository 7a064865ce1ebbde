"""Heads: a face, hair or what is worn on it. Drawn in a frame whose unit is the height of the head, looking ahead along x."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from illustrations.palette import shade
from illustrations.shapes import Frame, Outline

_SKULL = "M-.36-.1 C-.37-.38-.2-.5 .02-.5 C.27-.5 .39-.36 .39-.12 C.39.1 .37.22 .29.36 C.23.46 .13.5 .05.5 C-.13.5-.34.24-.36-.1Z"
_SKULL_BEHIND = (
    "M-.39-.08 C-.39-.37-.22-.5 0-.5 C.22-.5 .39-.37 .39-.08 C.39.24 .2.48 0 .48 C-.2.48-.39.24-.39-.08Z"
)


# Below this size brows, noses and the inside of ears are left out.
_DETAILED = 30


@dataclass(frozen=True, kw_only=True)
class Head:
    """Whose face it is. Hair is one of HAIR; `over` is the colour of a scarf or a hat; wears: glasses, headset, hearing aid."""

    skin: str = "skin-2"
    hair: str = "short"
    colour: str = "hair-brown"
    over: str = "clay"
    beard: bool = False
    wears: tuple[str, ...] = ()
    looks: str = "ahead"  # or down, or behind: away from us


def behind(head: Head, frame: Frame) -> Iterator[Outline]:
    """What hangs down behind the shoulders."""
    if head.looks == "behind":
        return
    if outline := _LONG.get(head.hair):
        yield frame.path(outline, shade(head.colour))
    elif head.hair == "hijab":
        yield frame.path("M-.44-.1 C-.5.3-.66.62-.8 1.1 L.5 1.1 C.5.6.4.3.36 0Z", shade(head.over))


def front(head: Head, frame: Frame) -> Iterator[Outline]:
    """The head itself, over the neck."""
    if head.looks == "behind":
        yield from _from_behind(head, frame)
        return
    round_hair = _ROUND.get(head.hair, ())
    for x, y, radius in round_hair:
        yield frame.circle(x, y, radius, head.colour)
    yield frame.path(_SKULL, head.skin)
    yield from _face(head, frame)
    if head.beard:
        yield frame.path(
            "M-.22-.02 C-.2.1-.1.16 .04.17 C.14.14 .3.12 .385.12 C.42.3 .36.6 .1.6 C-.12.58-.24.3-.3.06Z",
            head.colour,
        )
        yield frame.path("M.12.27 Q.2.31 .28.265", stroke=shade(head.skin), width=0.035)
    yield from _HAIR[head.hair](head, frame)
    if head.hair not in {"hijab", "headscarf"}:
        yield from _ear(head, frame)
    yield from _worn(head, frame)


def _face(head: Head, frame: Frame) -> Iterator[Outline]:
    drop = 0.05 if head.looks == "down" else 0
    if head.looks == "down":
        yield frame.path(f"M.02 {drop} Q.08.1 .13 {drop}", stroke="hair-black", width=0.035)
        yield frame.path(f"M.25 {drop} Q.3.1 .345 {drop}", stroke="hair-black", width=0.035)
    else:
        yield frame.path("M.08 0 L.085 0 M.3 0 L.305 0", stroke="hair-black", width=0.085)
    if not head.beard:
        yield frame.path(
            "M.09.26 Q.18.335 .28.255",
            stroke="clay" if head.skin in {"skin-1", "skin-2"} else shade(head.skin),
            width=0.045,
        )
    brow = (
        "hair-grey"
        if head.colour in {"hair-white", "hair-grey"}
        else "hair-black"
        if head.skin == "skin-5"
        else head.colour
    )
    if frame.size < _DETAILED:
        return
    yield frame.path(f"M-.01 {drop - 0.12} Q.07 {drop - 0.17} .15 {drop - 0.13}", stroke=brow, width=0.04)
    yield frame.path(f"M.25 {drop - 0.13} Q.31 {drop - 0.16} .36 {drop - 0.12}", stroke=brow, width=0.04)
    yield frame.path(
        f"M.21 {drop + 0.02} L.25 {drop + 0.12} Q.22 {drop + 0.145} .19 {drop + 0.13}",
        stroke=shade(head.skin),
        width=0.04,
    )


def _ear(head: Head, frame: Frame) -> Iterator[Outline]:
    if head.hair in _COVERS_EARS:
        return
    yield frame.path("M-.2-.06 C-.34-.1-.34.16-.19.13Z", head.skin)
    if frame.size >= _DETAILED:
        yield frame.path("M-.215.0 C-.26 0-.26.07-.215.07", stroke=shade(head.skin), width=0.03)


def _worn(head: Head, frame: Frame) -> Iterator[Outline]:
    if "glasses" in head.wears:
        for x in (0.07, 0.31):
            yield frame.circle(x, 0.01, 0.1, stroke="ink", width=0.028)
        yield frame.path("M.17 0 Q.19-.03 .21 0 M-.03 0 L-.22-.03", stroke="ink", width=0.028)
    if "headset" in head.wears:
        yield frame.path("M-.17.02 C-.3-.5-.02-.66 .06-.63", stroke="ink", width=0.06)
        yield frame.path("M-.25-.09 C-.1-.13-.1.2-.25.17 C-.36.17-.36-.09-.25-.09Z", "ink")
        yield frame.path("M-.22.14 C-.16.36 .02.4 .2.4", stroke="ink", width=0.035)
        yield frame.circle(0.22, 0.395, 0.045, "ink")
    if "hearing aid" in head.wears:
        yield frame.path("M-.27-.1 C-.37-.06-.36.1-.3.13", stroke="blaze", width=0.065)
        yield frame.path("M-.27-.1 Q-.22-.12-.21.04", stroke="blaze", width=0.025)


def _cap(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.37-.16 C.38-.25 .32-.31 .2-.32 C.06-.33-.06-.28-.1-.16 C-.12-.08-.17-.06-.18.02 L-.24.2 C-.42.14-.47-.1-.44-.26"
        " C-.4-.52-.16-.63 .08-.61 C.34-.59 .46-.4 .37-.16Z",
        head.colour,
    )


def _crop(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.37-.2 C.28-.28 .1-.29-.02-.25 C-.1-.2-.13-.1-.16-.02 L-.2.1 L-.28.14 C-.41.04-.43-.2-.36-.36"
        " C-.26-.54-.08-.57 .06-.56 C.28-.55 .4-.4 .37-.2Z",
        head.colour,
    )


def _quiff(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.36-.2 C.26-.34 .04-.3-.06-.26 C-.12-.18-.15-.06-.18.02 L-.24.16 C-.4.1-.44-.14-.41-.3 C-.36-.48-.2-.55-.08-.57"
        " C.02-.72 .3-.74 .42-.6 C.48-.48 .44-.3 .36-.2Z",
        head.colour,
    )


def _receding(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M-.02-.42 C-.1-.28-.14-.1-.18.02 L-.22.2 C-.42.2-.48-.12-.4-.3 C-.32-.46-.16-.5-.02-.42Z",
        head.colour,
    )


def _bald(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M-.16-.1 C-.18 0-.2.1-.22.22 C-.36.16-.42-.06-.38-.16 C-.32-.22-.2-.2-.16-.1Z", head.colour
    )


def _bob(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.38-.12 C.36-.3 .22-.36 .12-.36 C.04-.24-.06-.16-.1 0 C-.1.2-.04.36-.02.46 C-.2.6-.44.5-.5.34 C-.56.02-.52-.28-.4-.46"
        " C-.24-.66 .12-.68 .28-.54 C.44-.42 .44-.24 .38-.12Z",
        head.colour,
    )


def _long(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.38-.14 C.34-.3 .22-.38 .1-.38 C.04-.22-.08-.14-.1.04 C-.1.3-.14.6-.24 1 C-.4 1.12-.6 1.08-.66.98 C-.54.66-.58.4-.54.1"
        " C-.54-.24-.48-.38-.38-.48 C-.2-.68 .14-.66 .28-.54 C.42-.42 .44-.26 .38-.14Z",
        head.colour,
    )


def _bun(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.37-.18 C.3-.32 .16-.36 .06-.34 C-.02-.24-.1-.16-.14-.04 L-.2.16 C-.42.16-.48-.1-.44-.26 C-.38-.54-.14-.62 .06-.61"
        " C.34-.59 .44-.38 .37-.18Z",
        head.colour,
    )


def _tail(head: Head, frame: Frame) -> Iterator[Outline]:
    yield from _bun(head, frame)
    yield frame.path("M-.36-.3 C-.7-.34-.82.0-.76.5 C-.74.66-.66.76-.6.78 C-.62.5-.5.2-.36-.04Z", head.colour)


def _curls(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.37-.18 C.34-.3 .24-.34 .14-.3 C.1-.22 0-.26-.05-.18 C-.06-.06-.16-.06-.16.04 C-.14.14-.2.2-.26.22 C-.42.2-.5-.02-.46-.2"
        " C-.4-.5-.1-.6 .1-.58 C.36-.56 .42-.34 .37-.18Z",
        head.colour,
    )


def _afro(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.38-.16 C.3-.32 .14-.34 0-.3 C-.08-.22-.12-.1-.16 0 L-.2.18 C-.46.3-.66.06-.58-.22 C-.5-.6-.1-.8 .16-.74 C.44-.68 .5-.36 .38-.16Z",
        head.colour,
    )


def _hijab(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.4-.1 C.36-.34 .2-.42 .04-.4 C-.14-.34-.2-.1-.18.12 C-.14.36 0 .47 .12.5 C.26.5 .34.4 .38.3 C.44.44 .46.6 .52.8"
        " C.3 1.22-.4 1.3-.86 1.02 C-.7.7-.52.4-.5.06 C-.54-.3-.36-.62 .02-.62 C.36-.62 .46-.34 .4-.1Z",
        head.over,
    )
    yield frame.path(
        "M.36.46 C.2.74-.1.86-.56.84 M-.3.2 C-.24.44-.1.58 .1.62", stroke=shade(head.over), width=0.035
    )


def _headscarf(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.4-.18 C.24-.3 .06-.3-.06-.22 C-.14-.1-.2.08-.24.24 C-.42.22-.5-.02-.48-.2 C-.44-.5-.18-.64 .06-.63 C.32-.62 .46-.4 .4-.18Z",
        head.over,
    )
    yield frame.path(
        "M-.4.12 C-.6.16-.66.34-.64.5 C-.54.44-.42.36-.34.22 M-.42.04 C-.6-.02-.74.04-.82.16 C-.68.22-.5.2-.38.16Z",
        head.over,
    )
    yield frame.path("M-.4.04 C-.2-.14-.02-.4 .22-.54", stroke=shade(head.over), width=0.035)


def _wrap(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.4-.2 C.2-.32-.06-.26-.2-.04 L-.26.08 C-.5-.06-.64-.4-.5-.66 C-.36-.9 .06-.94 .26-.8 C.46-.66 .5-.38 .4-.2Z",
        head.over,
    )
    yield frame.path(
        "M.38-.24 C.14-.42-.16-.4-.42-.14 M.34-.5 C.1-.66-.24-.62-.52-.42",
        stroke=shade(head.over),
        width=0.04,
    )


def _turban(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path(
        "M.41-.2 C.24-.3 .1-.32 .02-.3 C-.1-.22-.18-.1-.24.08 C-.46.04-.56-.2-.5-.42 C-.42-.68-.1-.78 .12-.76 C.4-.72 .54-.4 .41-.2Z",
        head.over,
    )
    yield frame.path(
        "M.36-.26 C.28-.5 .02-.6-.32-.62 M.1-.31 C.06-.46-.18-.52-.48-.42 M-.1-.18 C-.2-.28-.34-.28-.5-.26",
        stroke=shade(head.over),
        width=0.035,
    )


def _kippa(head: Head, frame: Frame) -> Iterator[Outline]:
    yield from _cap(head, frame)
    yield frame.path("M-.44-.34 C-.4-.56-.14-.68 .06-.64 C-.04-.52-.24-.4-.44-.34Z", head.over)


def _beanie(head: Head, frame: Frame) -> Iterator[Outline]:
    yield frame.path("M-.18-.02 L-.24.18 C-.4.12-.44-.1-.4-.22 L-.14-.2Z", head.colour)
    yield frame.path("M.41-.22 C.42-.56 .2-.72-.02-.7 C-.3-.68-.46-.46-.45-.2Z", head.over)
    yield frame.path("M.43-.22 C.2-.3-.2-.26-.46-.1", stroke=shade(head.over), width=0.13)


_HAIR: dict[str, Callable[[Head, Frame], Iterator[Outline]]] = {
    "short": _cap,
    "crop": _crop,
    "quiff": _quiff,
    "receding": _receding,
    "bald": _bald,
    "bob": _bob,
    "long": _long,
    "bun": _bun,
    "topknot": _bun,
    "tail": _tail,
    "curls": _curls,
    "afro": _afro,
    "hijab": _hijab,
    "headscarf": _headscarf,
    "wrap": _wrap,
    "turban": _turban,
    "kippa": _kippa,
    "beanie": _beanie,
}
_COVERS_EARS = {"bob", "long", "hijab"}
_ROUND: dict[str, tuple[tuple[float, float, float], ...]] = {
    "bun": ((-0.47, 0.05, 0.2),),
    "topknot": ((-0.16, -0.68, 0.2),),
    "curls": (
        (-0.4, -0.28, 0.2),
        (-0.24, -0.5, 0.2),
        (0.02, -0.58, 0.2),
        (0.26, -0.48, 0.17),
        (-0.46, -0.02, 0.19),
        (-0.4, 0.2, 0.16),
    ),
}
_LONG = {
    "bob": "M-.3-.3 L-.5.3 C-.4.56 .3.56 .36.3 L.34-.1Z",
    "long": "M-.4-.2 L-.56.9 C-.4 1.1 .3 1 .4.8 C.3.5 .34.2 .34-.1Z",
}


def _from_behind(head: Head, frame: Frame) -> Iterator[Outline]:
    colour = head.over if head.hair in _COVERED else head.colour
    if head.hair == "hijab":
        yield frame.path("M-.42-.1 C-.5.3-.6.6-.86 1 C-.4 1.24 .4 1.24 .86 1 C.6.6 .5.3 .42-.1Z", colour)
        yield frame.path(_SKULL_BEHIND.replace("-.5", "-.6"), colour)
        return
    if head.hair not in _COVERS_EARS:
        yield frame.path("M-.34-.06 C-.48-.1-.48.16-.34.13Z M.34-.06 C.48-.1 .48.16 .34.13Z", head.skin)
    if head.hair in {"bald", "receding"}:
        yield frame.path(_SKULL_BEHIND, head.skin)
        yield frame.path(_FRINGE_BEHIND, colour)
        return
    yield from _below(head.hair, frame, colour)
    yield frame.path(_NECKLINE_BEHIND, colour)
    yield from _upon(head, frame, colour)
    if "hearing aid" in head.wears:
        yield frame.path("M.4-.06 Q.49.04 .4.13", stroke="blaze", width=0.07)


_COVERED = {"hijab", "turban", "wrap", "headscarf", "beanie"}
_FRINGE_BEHIND = "M-.41-.16 C-.3-.06-.2-.02 0-.02 C.2-.02 .3-.06 .41-.16 C.43.16 .34.34 .24.38 C.1.32-.1.32-.24.38 C-.34.34-.43.16-.41-.16Z"
_NECKLINE_BEHIND = "M-.43-.1 C-.43-.42-.24-.6 0-.6 C.24-.6 .43-.42 .43-.1 C.43.16 .32.3 .24.34 C.1.28-.1.28-.24.34 C-.32.3-.43.16-.43-.1Z"
_CURLS_BEHIND = (
    (-0.36, -0.2, 0.2), (-0.2, -0.46, 0.2), (0.08, -0.52, 0.2), (0.32, -0.32, 0.2), (0.38, -0.04, 0.16), (-0.38, 0.06, 0.16),
)  # fmt: skip


def _below(hair: str, frame: Frame, colour: str) -> Iterator[Outline]:
    """What shows around the back of a head."""
    if hair in {"long", "bob"}:
        end = 1.1 if hair == "long" else 0.55
        yield frame.path(
            f"M-.44-.1 C-.5.2-.5.4-.5 {end} C-.3 {end + 0.12} .3 {end + 0.12} .5 {end} C.5.4 .5.2 .44-.1Z",
            colour,
        )
    elif hair == "afro":
        yield frame.circle(0, -0.22, 0.58, colour)
    elif hair == "curls":
        for x, y, radius in _CURLS_BEHIND:
            yield frame.circle(x, y, radius, colour)


def _upon(head: Head, frame: Frame, colour: str) -> Iterator[Outline]:
    """What lies on the back of a head."""
    if head.hair == "turban":
        yield frame.path(
            "M-.44-.08 C-.54-.5-.3-.78 0-.78 C.3-.78 .54-.5 .44-.08 C.2.04-.2.04-.44-.08Z", colour
        )
        yield frame.path(
            "M-.42-.2 C-.1-.5 .1-.6 .3-.64 M-.3-.02 C0-.2 .3-.3 .46-.3", stroke=shade(colour), width=0.035
        )
    elif head.hair in {"bun", "topknot"}:
        yield frame.circle(0, 0.02 if head.hair == "bun" else -0.66, 0.22, shade(colour))
    elif head.hair == "tail":
        yield frame.path("M-.14-.16 C-.24.2-.18.6 0 .86 C.18.6 .24.2 .14-.16Z", shade(colour))
    elif head.hair == "kippa":
        yield frame.path("M-.28-.4 C-.2-.62 .2-.62 .28-.4 C.1-.3-.1-.3-.28-.4Z", head.over)
