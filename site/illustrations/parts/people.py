"""People: seven heads tall, put down by where they stand or sit, with hands that reach for a point.

Lengths are in heads; `way` is 1 for someone who looks to the right. Elbows and knees follow from where hands and feet are, so limbs always join.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from illustrations.palette import shade
from illustrations.parts import heads
from illustrations.parts.heads import Head
from illustrations.shapes import Frame, Outline, Point, bend, limb, line, part

HIP_STANDING, HIP_SEATED = 3.5, 0.34
_HIP_WALKING = 3.42
_UPPER_ARM, _FOREARM = 1.22, 1.06
_THIGH, _SHIN = 1.72, 1.56
_ANKLE = 0.2
_BELOW = 420  # the picture


@dataclass(frozen=True, kw_only=True)
class Dress:
    """What somebody wears. Style is one of: jumper, shirt, suit, hoodie, cardigan, coat, vest, dungarees, dress, abaya, white coat."""

    style: str = "jumper"
    top: str = "pine"
    under: str = "paper"
    legs: str = "ink"
    shoes: str = "ink"
    short_sleeves: bool = False


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Where hands and feet are. Places are a name, or heads ahead of and below the hip, or a point of the picture."""

    near: "Reach" = "side"
    far: "Reach" = "side"
    legs: str = "stand"
    lean: float = 0
    tilt: float = 0
    front: bool = False
    holds: str = ""
    holds_far: str = ""


Reach = str | tuple[float, float] | Point | None

_REACHES: dict[str, tuple[float, float]] = {
    "side": (0.1, 0.36),
    "lap": (0.95, -0.34),
    "hip": (0.05, -0.15),
    "ear": (0.08, -2.27),
    "chin": (0.52, -2.2),
    "talk": (1.2, -1.35),
    "table": (1.15, -0.9),
    "desk": (0.8, -0.9),
    "knee": (1.2, -0.3),
    "fold": (0.42, -0.75),
    "offer": (1.7, -1.2),
    "chest": (0.6, -1.25),
}
# How far each foot is from the hip: ahead and below. Standing, walking, and on a chair.
_LEGS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "stand": ((-0.16, HIP_STANDING), (0.22, HIP_STANDING)),
    "walk": ((-0.72, _HIP_WALKING - 0.04), (0.7, _HIP_WALKING)),
    "step": ((-0.45, _HIP_WALKING), (0.75, _HIP_WALKING - 0.62)),
    "sit": ((1.75, 2.1), (1.35, 2.1)),
    "sit front": ((0.35, 2.1), (0.95, 2.1)),
    "sit back": ((1.35, 2.1), (1.9, 2.1)),
    "sit high": ((1.45, 2.1), (1.1, 2.1)),
}


ANYBODY, PLAIN, AT_EASE = Head(), Dress(), Pose()


@part
def person(
    x: float,
    y: float,
    *,
    size: float = 30,
    way: int = 1,
    head: Head = ANYBODY,
    dress: Dress = PLAIN,
    pose: Pose = AT_EASE,
    build: float = 1,
    prosthesis: str = "",
    child: bool = False,
) -> Iterator[Outline]:
    """Somebody who stands at (x, y), or sits there: then y is the height of the seat. `size` is the height of the head."""
    seated = pose.legs.startswith("sit") or pose.legs in {"none", "stool"}
    above = HIP_SEATED if seated else HIP_STANDING if pose.legs == "stand" else _HIP_WALKING
    hip = Point(x, y - size * above)
    yield from _Body(hip, size, way, head, dress, pose, build, prosthesis, child).shapes()


@dataclass(frozen=True)
class _Body:
    hip: Point
    size: float
    way: int
    head: Head
    dress: Dress
    pose: Pose
    build: float
    prosthesis: str
    child: bool
    torso: Frame = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "torso", Frame(self.hip.x, self.hip.y, self.size, self.pose.lean, self.way))

    @property
    def _upright(self) -> Frame:
        """The frame of the hip, which does not lean."""
        return Frame(*self.hip, self.size, 0, self.way)

    @property
    def _turned_away(self) -> bool:
        return self.head.looks == "behind"

    @property
    def _flat(self) -> bool:
        """Seen from the front or from behind, not from the side."""
        return self.pose.front or self._turned_away

    @property
    def _wide(self) -> float:
        return self.build * (1 if self._flat else 0.86)

    def shapes(self) -> Iterator[Outline]:
        head = self._head_frame()
        yield from heads.behind(self.head, head)
        if self.pose.far is not None:
            yield from self._arm(near=False)
        if self.pose.legs != "none":
            yield from self._legs()
        yield from self._trunk()
        yield from heads.front(self.head, head)
        if self.pose.near is not None:
            yield from self._arm(near=True)

    def _head_frame(self) -> Frame:
        ahead = 0 if self._turned_away else 0.08
        neck = self.torso.at(ahead, -2.84)
        return Frame(
            neck.x,
            neck.y,
            self.size * (1.22 if self.child else 1),
            self.pose.lean * 0.6 + self.pose.tilt,
            self.way,
        )

    # Arms

    def _reach(self, wanted: Reach, outward: int) -> Point:
        """Where a wrist should be."""
        if isinstance(wanted, Point):
            return wanted
        if wanted == "side":
            ahead = 0 if self._flat else 0.1 * (outward > 0)
            return self.torso.at(0.74 * self._wide * outward + ahead, 0.37)
        if isinstance(wanted, str):
            return self.torso.at(*_REACHES[wanted])
        return self._upright.at(*(wanted or (0, 0)))

    def _arm(self, *, near: bool) -> Iterator[Outline]:
        size = self.size
        outward = -1 if near else 1
        wanted, held = (self.pose.near, self.pose.holds) if near else (self.pose.far, self.pose.holds_far)
        shoulder = self.torso.at(0.6 * self._wide * outward, -1.76)
        target = self._reach(wanted, outward)

        def hangs(elbow: Point) -> float:
            ahead = (elbow.x - shoulder.x) * self.way
            if target.y < shoulder.y - 0.4 * size:  # a hand at the head
                return elbow.y + ahead
            return elbow.y + (ahead * outward * 0.7 if self._flat else -ahead * 0.8)

        elbow, wrist = bend(shoulder, target, _UPPER_ARM * size, _FOREARM * size, hangs)
        if held:
            palm = self._palm(elbow, wrist)
            ground = (self.hip.y - palm.y) / size + _HIP_WALKING
            yield from _held(held, Frame(*palm, size, 0, self.way), ground)
        skin = self.head.skin if near else shade(self.head.skin)
        if self.dress.short_sleeves:
            yield limb([shoulder, elbow, wrist], [0.18 * size, 0.15 * size, 0.12 * size], skin)
        if wrist.y < _BELOW:
            yield from self._hand(
                elbow, wrist, "stone-deep" if self.prosthesis == "hand" and near else skin, held
            )
        yield self._sleeve(shoulder, elbow, wrist, near=near)

    def _sleeve(self, shoulder: Point, elbow: Point, wrist: Point, *, near: bool) -> Outline:
        size, wide = self.size, self.build * self.size
        cloth = self.dress.under if self.dress.style in {"vest", "dungarees"} else self.dress.top
        joints, radii = [shoulder, elbow, wrist], [0.23 * wide, 0.19 * wide, 0.15 * size]
        if self.dress.short_sleeves:
            end = Point(
                shoulder.x + (elbow.x - shoulder.x) * 0.62, shoulder.y + (elbow.y - shoulder.y) * 0.62
            )
            joints, radii = [shoulder, end], [0.23 * wide, 0.22 * wide]
        return limb(
            joints,
            radii,
            cloth if near else shade(cloth),
            stroke=shade(cloth) if near else "",
            width=0.07 * size,
        )

    def _palm(self, elbow: Point, wrist: Point) -> Point:
        length = max(((wrist.x - elbow.x) ** 2 + (wrist.y - elbow.y) ** 2) ** 0.5, 0.001)
        ahead = 0.27 * self.size / length
        return Point(wrist.x + (wrist.x - elbow.x) * ahead, wrist.y + (wrist.y - elbow.y) * ahead)

    def _hand(self, elbow: Point, wrist: Point, skin: str, held: str) -> Iterator[Outline]:
        """A hand ahead of the forearm: closed around what it holds, spread where it waves, otherwise flat."""
        palm, size = self._palm(elbow, wrist), self.size
        dx, dy = palm.x - wrist.x, palm.y - wrist.y
        side = (dy * self.way, -dx * self.way)  # where the thumb is
        thumb = Point(wrist.x + dx * 0.75 + side[0] * 0.62, wrist.y + dy * 0.75 + side[1] * 0.62)
        yield limb([wrist, thumb], [0.09 * size, 0.065 * size], skin)
        if held == "wave":
            for along, aside in ((2.2, 0.8), (2.65, 0.34), (2.6, -0.2), (2.1, -0.66)):
                tip = (wrist.x + dx * along + side[0] * aside, wrist.y + dy * along + side[1] * aside)
                yield line((palm.x, palm.y), tip, stroke=skin, width=0.11 * size)
        if held:
            yield limb([wrist, palm], [0.13 * size, 0.155 * size], skin)
        else:
            tip = Point(wrist.x + dx * 1.35 - side[0] * 0.12, wrist.y + dy * 1.35 - side[1] * 0.12)
            yield limb([wrist, tip], [0.15 * size, 0.105 * size], skin)

    # Legs

    def _legs(self) -> Iterator[Outline]:
        for near in (False, True):
            yield from self._leg(near=near)
        if self._long_skirt:
            yield from self._skirt()

    @property
    def _long_skirt(self) -> bool:
        return self.dress.style in {"dress", "abaya"}

    def _leg(self, *, near: bool) -> Iterator[Outline]:
        size, legs = self.size, self.pose.legs
        outward = -1 if near else 1
        start = self._upright.at((0.3 if self._flat else 0.17) * self._wide * outward, 0.05)
        across, down = _LEGS[legs][0 if near else 1]
        if self._flat and legs in {"stand", "walk"}:
            across = 0.33 * outward
            down -= 0.34 if near and legs == "walk" else 0
        foot = self._upright.at(across, down - _ANKLE)
        knee, ankle = bend(
            start, foot, _THIGH * size, _SHIN * size, lambda knee: (knee.x - start.x) * self.way
        )
        if legs == "sit front":  # foreshortened
            knee, ankle = self._upright.at(across * 0.96, 0.38), foot
        elif self._flat and legs == "walk":
            knee, ankle = self._upright.at(across, 1.7), foot
        joints = [start, knee, ankle]
        radii = [0.35 * self.build * size, 0.27 * self.build * size, 0.19 * size]
        yield from self._shoe(ankle, near=near)
        if self.prosthesis == "leg" and near:
            yield limb([knee, ankle], [0.09 * size, 0.07 * size], "stone-deep")
            joints, radii = joints[:2], radii[:2]
        cloth = self.dress.legs if near else shade(self.dress.legs)
        yield limb(joints, radii, cloth, stroke=shade(cloth) if near else "", width=0.05 * size)

    def _shoe(self, ankle: Point, *, near: bool) -> Iterator[Outline]:
        frame = Frame(ankle.x, ankle.y, self.size, 0, self.way)
        colour = self.dress.shoes if near else shade(self.dress.shoes)
        if self._flat:
            yield frame.path("M-.2-.06 L.2-.06 C.24.06 .26.2 .2.2 L-.2.2 C-.26.2-.24.06-.2-.06Z", colour)
        else:
            yield frame.path("M-.22-.1 L.2-.1 C.3.0 .62.02 .66.2 L-.24.2 C-.27.1-.25 0-.22-.1Z", colour)

    def _skirt(self) -> Iterator[Outline]:
        frame = self._upright
        wide = 0.62 * self._wide
        colour = self.dress.top
        if self.pose.legs == "sit front":
            yield frame.path(
                f"M{-wide} -.4 C{-wide - 0.1} .2 -.1.8 -.02 1.5 C.4 1.62 1 1.62 1.36 1.5 C1.4.9 1.36.3 1.1.04 C.9-.2 {wide} -.2 {wide} -.4Z",
                colour,
            )
            yield frame.path("M.56.5 C.62.8.62 1.1.6 1.5", stroke=shade(colour), width=0.05)
        elif self.pose.legs.startswith("sit"):
            yield frame.path(
                f"M{-wide} -.2 C{-wide - 0.1} .2-.4.48 0 .48 L1.0.5 C1.14.7 1.12 1 1.08 1.44 C1.4 1.54 1.8 1.5 2.06 1.4 C2.16.8 2.16.3 1.94 0 C1.6-.34.8-.4 {wide} -.3Z",
                colour,
            )
        else:
            long = 3.2 if self.dress.style == "abaya" else 2.2
            yield frame.path(
                f"M{-wide} -.4 C{-wide - 0.1} .8 -.85 {long - 0.5} -.9 {long} C-.4 {long + 0.12} .5 {long + 0.12} .95 {long} C.9 {long - 0.5} {wide + 0.1} .8 {wide} -.4Z",
                colour,
            )
            yield frame.path(
                f"M.3 .8 C.42 1.4 .46 {long - 0.6} .5 {long - 0.1}", stroke=shade(colour), width=0.05
            )

    # The trunk and what covers it

    def _trunk(self) -> Iterator[Outline]:
        skin = self.head.skin
        neck = (
            "M-.17-2.6 L-.19-2 L.25-2 L.24-2.5Z"
            if not self._turned_away
            else "M-.19-2.6 L-.2-2 L.2-2 L.19-2.6Z"
        )
        if self.dress.style == "hoodie":
            yield self._path("M-.62-2.02 C-.6-2.5.3-2.6.44-2.05 L.2-1.7 L-.4-1.7Z", shade(self.dress.top))
        yield self.torso.path(neck, shade(skin))
        yield from _GARMENTS[self.dress.style](self)

    def _path(self, d: str, fill: str = "", *, stroke: str = "", width: float = 0) -> Outline:
        """An outline on the trunk, as wide as the person."""
        return self.torso.path(d, fill, stroke=stroke, width=width, wide=self._wide)

    def _torso(self, colour: str, hem: float = 0.28) -> Outline:
        return self._path(
            f"M-.2-2.14 C-.36-2.06-.6-2.02-.74-1.86 C-.84-1.74-.82-1.5-.74-1.2 C-.68-.9-.63-.7-.63-.5 L-.68 {hem} C-.3 {hem + 0.1} .3 {hem + 0.1} .68 {hem}"
            " L.63-.5 C.63-.7.68-.9.74-1.2 C.82-1.5.84-1.74.74-1.86 C.62-2.02.42-2.06.26-2.14 C.16-2.04-.1-2.04-.2-2.14Z",
            colour,
        )

    def jumper(self) -> Iterator[Outline]:
        yield self._torso(self.dress.top)
        if not self._turned_away:
            yield self._path("M-.22-2.16 C-.1-2 .2-2 .29-2.16", stroke=shade(self.dress.top), width=0.1)

    def shirt(self) -> Iterator[Outline]:
        yield self._torso(self.dress.top)
        if not self._turned_away:
            yield self._path("M-.2-2.16 L.12-1.78 L.29-2.16Z", shade(self.head.skin))
            yield self._path(
                "M-.22-2.2 L.12-1.78 L-.1-1.66 L-.32-2.08Z M.29-2.2 L.12-1.78 L.3-1.7 L.4-2.1Z",
                self.dress.under,
            )
            yield self._path("M.14-1.7 L.16.3", stroke=shade(self.dress.top), width=0.05)

    def suit(self) -> Iterator[Outline]:
        yield self._torso(self.dress.top, hem=0.42)
        if self._turned_away:
            yield self._path("M0-.1 L0.46", stroke=shade(self.dress.top), width=0.05)
            return
        yield self._path("M-.2-2.16 L.14-1 L.32-2.16Z", self.dress.under)
        yield self._path("M-.2-2.16 L.08-2.02 L.3-2.16 L.2-2.2 L-.14-2.2Z", shade(self.head.skin))
        yield self._path(
            "M-.22-2.18 L-.42-1.94 L-.34-1.7 L.14-.94 L.42-1.72 L.46-1.96 L.32-2.18 L.14-1.12Z",
            shade(self.dress.top),
        )
        yield self._path("M.14-.94 C.16-.5.2 0 .3.46", stroke=shade(self.dress.top), width=0.05)

    def hoodie(self) -> Iterator[Outline]:
        yield self._torso(self.dress.top)
        if self._turned_away:
            yield self._path("M-.5-2.1 C-.5-1.5.5-1.5.5-2.1 C.3-2.3-.3-2.3-.5-2.1Z", shade(self.dress.top))
            return
        yield self._path("M-.34-2.12 C-.16-1.86.2-1.86.38-2.12", stroke=shade(self.dress.top), width=0.14)
        yield self._path("M-.02-1.86 L-.04-1.4 M.2-1.86 L.24-1.46", stroke=self.dress.under, width=0.05)
        yield self._path("M-.26-.5 L.46-.5 L.56-.06 L-.36-.06Z", shade(self.dress.top))

    def cardigan(self) -> Iterator[Outline]:
        yield self._torso(self.dress.top, hem=0.36)
        if self._turned_away:
            return
        yield self._path(
            "M-.2-2.16 C-.12-1.4-.04-.6-.1.42 L.4.42 C.46-.6.42-1.4.3-2.16 C.2-2-.1-2-.2-2.16Z",
            self.dress.under,
        )
        yield self._path("M-.16-2.16 C-.06-2 .18-2 .28-2.16Z", shade(self.head.skin))

    def coat(self) -> Iterator[Outline]:
        yield self._torso(self.dress.top, hem=1.35)
        if self._turned_away:
            yield self._path("M0.2 L0 1.42", stroke=shade(self.dress.top), width=0.05)
            return
        yield self._path("M-.24-2.2 L-.44-1.9 L.12-1.5 L.46-1.92 L.34-2.2 L.12-1.7Z", shade(self.dress.top))
        yield self._path("M.14-1.5 C.16-.5.16.6.14 1.42", stroke=shade(self.dress.top), width=0.05)

    def vest(self) -> Iterator[Outline]:
        yield self._torso(self.dress.under)
        yield self._path(
            "M-.34-2.12 C-.5-2.08-.6-2-.62-1.9 C-.6-1.4-.7-1.1-.63-.5 L-.67.34 L.67.34 L.63-.5 C.7-1.1.6-1.4.62-1.9 C.6-2 .5-2.08.4-2.12 L.14-1.5Z"
            if not self._turned_away
            else "M-.34-2.12 C-.5-2.08-.6-2-.62-1.9 L-.67.34 L.67.34 L.62-1.9 C.6-2 .5-2.08.34-2.12Z",
            self.dress.top,
        )
        yield self._path("M-.62-.62 L.62-.62 L.64-.38 L-.64-.38Z", "paper")
        if not self._turned_away:
            yield self._path("M.14-1.5 L.16.34", stroke=shade(self.dress.top), width=0.05)

    def dungarees(self) -> Iterator[Outline]:
        yield self._torso(self.dress.under)
        yield self._path(
            "M-.6-.55 L-.34-.7 L-.36-1.5 L.5-1.5 L.5-.7 L.61-.55 L.68.36 L-.68.36Z", self.dress.legs
        )
        yield self._path("M-.34-1.46 L-.42-2.06 M.46-1.46 L.5-2.06", stroke=self.dress.legs, width=0.15)
        yield self._path("M-.1-1.16 L.28-1.16", stroke=shade(self.dress.legs), width=0.06)

    def robe(self) -> Iterator[Outline]:
        yield self._torso(self.dress.top, hem=0.1)
        if not self._turned_away:
            yield self._path(
                "M-.2-2.16 C-.12-1.9.18-1.9.29-2.16 C.2-2.1-.1-2.1-.2-2.16Z", shade(self.head.skin)
            )
            if self.dress.style == "dress":
                yield self._path("M-.6-.42 C-.3-.34.3-.34.6-.42", stroke=shade(self.dress.top), width=0.1)

    def white_coat(self) -> Iterator[Outline]:
        yield self._torso(self.dress.top, hem=1.1 if not self.pose.legs.startswith("sit") else 0.36)
        if self._turned_away:
            return
        yield self._path("M-.2-2.16 L.14-1.2 L.32-2.16Z", self.dress.under)
        yield self._path("M-.22-2.2 L-.42-1.94 L.14-1.1 L.46-1.96 L.32-2.2 L.14-1.3Z", shade(self.dress.top))
        yield self._path("M.14-1.1 L.18.4", stroke=shade(self.dress.top), width=0.05)


_GARMENTS = {
    "jumper": _Body.jumper,
    "shirt": _Body.shirt,
    "suit": _Body.suit,
    "hoodie": _Body.hoodie,
    "cardigan": _Body.cardigan,
    "coat": _Body.coat,
    "vest": _Body.vest,
    "dungarees": _Body.dungarees,
    "dress": _Body.robe,
    "abaya": _Body.robe,
    "white coat": _Body.white_coat,
}


def _held(thing: str, frame: Frame, ground: float) -> Iterator[Outline]:
    """What a hand holds; the frame is at the palm, and the ground so far below it."""
    if thing == "phone":
        yield frame.path("M-.24-.42 L-.04-.46 L.16.2 L-.04.26Z", "plum")
    elif thing == "mug":
        yield frame.path("M.0-.3 L.46-.3 L.42.18 L.04.18Z", "blaze")
        yield frame.path("M.44-.2 C.64-.2 .62.08 .43.08", stroke="blaze", width=0.08)
    elif thing == "pen":
        yield frame.path("M.02.16 L.3-.5", stroke="ink", width=0.07)
    elif thing == "cane":
        yield frame.path(f"M.02-.14 L1.2 {ground}", stroke="stone-deep", width=0.15)
        yield frame.path(f"M.02-.14 L1.08 {ground - 0.35}", stroke="paper", width=0.09)
    elif thing == "stick":
        yield frame.path(f"M-.2-.06 L.1-.08 L.2 {ground}", stroke="wood-deep", width=0.11)
    elif thing == "sheet":
        yield frame.path("M-.1-.9 L.9-.8 L.82.2 L-.14.1Z", "paper")
        yield frame.path("M.12-.62 L.7-.57 M.1-.4 L.68-.35 M.08-.18 L.5-.14", stroke="stone", width=0.06)
    elif thing == "book":
        yield frame.path("M-.1.1 L.16-.74 L.84-.6 L.6.22Z", "clay")
    elif thing == "bag":
        yield frame.path("M0 0 C-.3.2-.34.4-.36.6 M0 0 C.2.2.26.4.28.6", stroke="wood-deep", width=0.07)
        yield frame.path("M-.6.56 L.52.56 L.46 1.4 L-.54 1.4Z", "blaze")
