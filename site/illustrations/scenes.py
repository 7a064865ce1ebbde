"""The scenes: a row each, of a name, what it shows, and its parts from back to front.

What they may show is decided: adults, everyday, calm, in daylight or lamplight; nobody who is afraid, ashamed, harmed or alone in the dark; no
words. `directed` scenes are mirrored where people read from right to left.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from illustrations.parts.heads import Head
from illustrations.parts.outside import (
    bench,
    bridge,
    bush,
    cloud,
    column,
    grass,
    ground,
    hill,
    house,
    hut,
    letterbox,
    lighthouse,
    ministry,
    shelter,
    shop,
    sky,
    steps,
    street_lamp,
    sun,
    tree,
    waymark,
)
from illustrations.parts.people import Dress, Pose, person
from illustrations.parts.rooms import (
    armchair,
    chair,
    chair_arm,
    desk_lamp,
    floor_lamp,
    lectern,
    notice_board,
    pendant,
    picture,
    plant,
    room,
    rug,
    screen,
    shelf,
    sofa,
    stool,
    table,
    wheel,
    wheelchair,
    window,
)
from illustrations.parts.things import (
    book_pile,
    bowl,
    box,
    clock,
    cloth,
    laptop_back,
    microphone,
    monitor,
    mug,
    open_book,
    outline,
    papers,
    pencils,
    poster,
    pot,
    spot,
    telephone,
    vase,
)
from illustrations.shapes import Placed, Point


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One picture of the set."""

    name: str
    alt: Promise | str
    parts: tuple[Placed, ...]
    directed: bool = True


# fmt: off
SCENES: tuple[Scene, ...] = (
    Scene(
        name="bench-talk",
        alt=_("Two people talk on a park bench."),
        parts=(
            sky("sky"), sun(520, 84, 26), cloud(150, 92), cloud(420, 62, 0.7),
            hill("M0 250 C120 190 260 200 380 240 C480 270 560 240 640 220", "pine-pale"),
            hill("M0 290 C160 250 330 270 640 278", "leaf-pale"),
            ground(318, "leaf"), tree(96, 336, size=1.25), tree(560, 322, size=0.8, kind="tall"), bush(600, 330, colour="leaf-deep"),
            outline("M0 384 C160 364 420 366 640 388 L640 400 L0 400Z", "trail"),
            spot(330, 364, 170, 10, "leaf-shade"), bench(330, 362, size=1.22),
            person(262, 294, size=39, way=1, head=Head(skin="skin-4", hair="bun", colour="hair-black"),
                   dress=Dress(style="cardigan", top="plum", legs="ink"), pose=Pose(legs="sit front", near="lap", far="talk")),
            person(404, 294, size=39, way=-1, head=Head(skin="skin-1", hair="receding", colour="hair-grey", wears=("glasses", "hearing aid")),
                   dress=Dress(style="jumper", top="blaze", legs="pine"), pose=Pose(legs="sit front", near="lap", far="lap")),
            grass(40, 366), grass(520, 356), grass(180, 350),
        ),
    ),
    Scene(
        name="phone-window",
        alt=_("A person telephones at a window with a view of hills."),
        parts=(
            room("sand", "sand-deep", y=336, skirting="paper"), window(330, 62, 210, 196, curtain="clay-pale"),
            plant(590, 352, kind="broad", size=1.1), rug(260, 366, 330, "clay-pale"), picture(66, 96, 74, 92, kind="leaf"),
            person(236, 362, size=37, way=1, head=Head(skin="skin-3", hair="bun", colour="hair-black"),
                   dress=Dress(style="jumper", top="sky-mid", legs="pine"), pose=Pose(near="ear", far=(0.95, -0.95), holds="phone", holds_far="mug")),
        ),
    ),
    Scene(
        name="kitchen-evening",
        alt=_("A person writes at a kitchen table in the evening, by lamplight."),
        parts=(
            room("sand-deep", "wood", y=346), pendant(388, 112, lit=True, colour="clay"), window(80, 64, 130, 140, view="evening"),
            box(470, 112, 150, 10, "wood", radius=3), pot(510, 112, colour="clay"), mug(562, 112, steam=False, colour="paper"), mug(592, 112, steam=False, colour="sky-mid"),
            chair(248, 300, floor=370, way=1, colour="clay"),
            person(250, 296, size=40, way=1, head=Head(skin="skin-2", hair="curls", colour="hair-auburn", looks="down", wears=("glasses",)),
                   dress=Dress(style="jumper", top="pine", legs="ink"), pose=Pose(legs="sit", near="table", far=(1.9, -0.9), holds="pen", lean=8, tilt=6)),
            table(290, 258, 270, 112), open_book(352, 258), mug(438, 258), bowl(504, 258, colour="plum"),
        ),
    ),
    Scene(
        name="kitchen-table",
        alt=_("A kitchen table with two cups and a jar of coloured pencils."),
        parts=(
            room("clay-pale", "sand-deep", y=352), window(86, 56, 180, 150, view="hills"), pendant(420, 104, colour="pine"),
            chair(128, 320, floor=396, way=1, colour="pine-mid"), chair(516, 320, floor=396, way=-1, colour="pine-mid"),
            table(110, 276, 420, 120), mug(214, 276, colour="pine"), mug(288, 276, colour="blaze", way=-1), pencils(382, 276), bowl(470, 276, colour="plum"),
        ),
    ),
    Scene(
        name="park-walk",
        alt=_("Two people, one with a walking stick, walk through a park."),
        parts=(
            sky("sky"), cloud(120, 80), cloud(500, 66, 0.8), hill("M0 236 C150 190 340 220 640 206", "pine-pale"),
            ground(282, "leaf-pale"), tree(80, 300, size=1.1), tree(558, 296, size=1.2), tree(470, 288, size=0.62, kind="tall", colour="pine-mid"),
            tree(180, 288, size=0.6, kind="tall", colour="pine-mid"), bush(640, 306, colour="leaf"), bush(4, 312, colour="leaf"),
            outline("M0 400 L0 344 C200 326 440 326 640 344 L640 400Z", "trail"), spot(330, 374, 130, 7, "sand-deep"),
            person(272, 372, size=35, way=1, head=Head(skin="skin-1", hair="short", colour="hair-white", beard=True),
                   dress=Dress(style="coat", top="clay", legs="ink"), pose=Pose(near="side", far=(1.0, -0.1), holds_far="stick", legs="walk", lean=4)),
            person(390, 374, size=34, way=1, head=Head(skin="skin-5", hair="afro", colour="hair-black"),
                   dress=Dress(style="dress", top="blaze", legs="pine", shoes="ink"), pose=Pose(near=(0.5, -0.6), far=(0.9, -0.5), legs="walk", tilt=-4)),
        ),
    ),
    Scene(
        name="helpline",
        alt=_("A helpline worker with a headset listens at a desk."),
        parts=(
            room("mist", "mist-deep", y=360), shelf(430, 60, 180, 176, rows=3), plant(46, 366, kind="long", size=1.5), picture(110, 70, 110, 84),
            person(296, 372, size=58, way=1, head=Head(skin="skin-4", hair="hijab", over="plum", wears=("headset",)),
                   dress=Dress(style="cardigan", top="pine", under="paper"), pose=Pose(legs="none", near="table", far=(1.5, -0.85))),
            box(0, 322, 640, 78, "wood"), box(0, 322, 640, 10, "wood-shade"),
            monitor(478, 326, 150, 96, back=True), mug(140, 324), papers(210, 323, width=76), vase(590, 324, flowers="blaze"),
        ),
    ),
    Scene(
        name="team-table",
        alt=_("A team of four talks around a table; one person uses a wheelchair."),
        parts=(
            room("mist", "mist-deep", y=330), screen(228, 46, 194, 108, shows="circle"), plant(598, 348, size=1.2, kind="long"),
            person(266, 308, size=36, way=1, head=Head(skin="skin-5", hair="crop", colour="hair-black", beard=True),
                   dress=Dress(style="shirt", top="sky-mid"), pose=Pose(legs="none", near="table", far=(1.0, -0.9))),
            person(388, 308, size=36, way=-1, head=Head(skin="skin-2", hair="hijab", over="clay"),
                   dress=Dress(style="jumper", top="clay"), pose=Pose(legs="none", near="table", far="talk")),
            table(186, 266, 276, 106, legs="panel"), laptop_back(326, 266),
            wheelchair(122, 298, floor=372, way=1, colour="plum"),
            person(126, 296, size=38, way=1, head=Head(skin="skin-1", hair="tail", colour="hair-fair"),
                   dress=Dress(style="hoodie", top="blaze", legs="ink"), pose=Pose(legs="sit", near="table", far=(1.6, -0.85))),
            wheel(122, 298, floor=372, way=1),
            chair(524, 302, floor=372, way=-1, colour="pine"),
            person(522, 298, size=38, way=-1, head=Head(skin="skin-3", hair="quiff", colour="hair-brown"),
                   dress=Dress(style="suit", top="pine", legs="pine"), pose=Pose(legs="sit", near="table", far="talk")),
        ),
    ),
    Scene(
        name="lecture",
        alt=_("A speaker at a lectern explains a chart to an audience."),
        parts=(
            room("sand", "sand-deep", y=300), screen(300, 44, 270, 164, shows="bars"),
            person(176, 304, size=31, way=1, head=Head(skin="skin-3", hair="turban", over="clay", colour="hair-black", beard=True),
                   dress=Dress(style="suit", top="pine", legs="pine"), pose=Pose(near=(0.9, -1.1), far=(1.9, -1.7))),
            lectern(206, 308, way=1), plant(44, 306, kind="long"),
            person(72, 420, size=46, head=Head(skin="skin-2", hair="long", colour="hair-brown", looks="behind"), dress=Dress(top="plum"), pose=Pose(legs="none")),
            person(206, 428, size=46, head=Head(skin="skin-5", hair="crop", colour="hair-black", looks="behind"), dress=Dress(top="sky-deep"), pose=Pose(legs="none")),
            person(338, 420, size=46, head=Head(hair="hijab", over="pine-mid", looks="behind"), dress=Dress(top="pine-mid"), pose=Pose(legs="none")),
            person(468, 430, size=46, head=Head(skin="skin-1", hair="receding", colour="hair-grey", looks="behind", wears=("hearing aid",)), dress=Dress(style="hoodie", top="blaze"), pose=Pose(legs="none")),
            person(594, 422, size=46, head=Head(skin="skin-4", hair="bun", colour="hair-black", looks="behind"), dress=Dress(top="clay"), pose=Pose(legs="none")),
        ),
    ),
    Scene(
        name="library",
        alt=_("A person reads in a library while another takes a book from a shelf."),
        parts=(
            room("sand", "sand-deep", y=340), shelf(24, 40, 250, 300, rows=4), shelf(288, 40, 190, 300, rows=4),
            window(524, 70, 92, 150, view="town"),
            person(196, 372, size=36, way=-1, head=Head(skin="skin-2", hair="kippa", colour="hair-brown", over="sky-deep"),
                   dress=Dress(style="shirt", top="leaf-deep", legs="ink"), pose=Pose(near=(0.95, -2.2), far="chest", holds="book")),
            chair(404, 306, floor=376, way=1, colour="pine"),
            person(406, 302, size=38, way=1, head=Head(skin="skin-4", hair="long", colour="hair-black", looks="down"),
                   dress=Dress(style="jumper", top="blaze", legs="pine", short_sleeves=True), pose=Pose(legs="sit", near="table", far=(1.6, -0.9), lean=6, tilt=6)),
            table(440, 266, 190, 110), open_book(486, 266), desk_lamp(570, 266, way=-1, colour="clay"), book_pile(604, 266),
        ),
    ),
    Scene(
        name="bus-stop",
        alt=_("A worker puts up a poster with two hills at a bus stop."),
        parts=(
            sky("mist"), house(-20, 320, 150, 220, "clay-pale", roof="clay", rows=3), house(130, 320, 130, 176, "sand-deep", rows=2), house(520, 320, 150, 200, "pine-pale", roof="pine-mid", rows=3),
            tree(474, 322, size=1.1), ground(318, "stone"), ground(352, "mist-deep"), street_lamp(604, 352),
            shelter(86, 352, width=290, height=262),
            person(168, 352, size=33, way=1, head=Head(skin="skin-4", hair="beanie", over="plum", colour="hair-black"),
                   dress=Dress(style="coat", top="sky-deep", legs="ink"), pose=Pose(near="side", far="fold", holds="bag")),
            box(292, 176, 104, 160, "pine", radius=5), box(300, 184, 88, 136, "stone"), poster(344, 250, 84, 128, turn=0),
            person(456, 366, size=35, way=-1, head=Head(skin="skin-1", hair="short", colour="hair-fair"),
                   dress=Dress(style="vest", top="blaze", under="pine", legs="ink"), pose=Pose(near=(1.85, -1.9), far=(2.0, -0.9), lean=5)),
            outline("M520 366 L560 366 L556 334 L524 334Z", "clay"), outline("M526 334 C528 312 552 312 554 334", stroke="ink", width=3), outline("M540 336 L552 306", stroke="wood", width=6),
        ),
    ),
    Scene(
        name="street",
        alt=_("People walk past shops and a poster column in a sunny street."),
        parts=(
            sky("sky"), sun(560, 70, 26),
            house(-10, 330, 200, 270, "clay-pale", roof="clay", rows=2, columns=3, low=124), house(190, 330, 180, 214, "sand-deep", rows=1, columns=3, low=124),
            shop(-2, 330, 184, awning="pine", front="clay", shows="bread"), shop(198, 330, 164, awning="clay", shows="plants"),
            tree(600, 334, size=1.15), ground(330, "mist-deep"),
            column(470, 356), poster(470, 268, 46, 80),
            person(392, 372, size=32, way=1, head=Head(skin="skin-5", hair="wrap", over="blaze"),
                   dress=Dress(style="dress", top="plum", legs="ink", shoes="ink"), pose=Pose(near="side", far=(0.7, -0.7), legs="walk", holds="bag"), build=1.1),
            person(250, 374, size=32, way=-1, head=Head(skin="skin-2", hair="tail", colour="hair-brown"),
                   dress=Dress(style="hoodie", top="leaf-deep", legs="sky-deep", shoes="wood-deep"), pose=Pose(near=(0.6, -0.7), far="side", legs="walk"), prosthesis="leg"),
            person(118, 372, size=32, way=1, head=Head(skin="skin-3", hair="short", colour="hair-grey"),
                   dress=Dress(style="suit", top="pine", legs="pine", shoes="wood-deep"), pose=Pose(near="side", far=(0.9, -0.35), legs="walk", holds_far="cane")),
        ),
    ),
    Scene(
        name="press-conference",
        alt=_("Two people answer questions at a press conference."),
        parts=(
            room("pine-pale", "mist-deep", y=330), box(150, 40, 340, 180, "pine", radius=4),
            outline("M238 168 C268 108 296 112 330 168Z", "pine-mid"), outline("M288 168 C324 90 362 92 402 168Z", "leaf-pale"), outline("M372 82 L392 82 L392 112 L372 112Z", "blaze"),
            person(252, 302, size=37, way=1, head=Head(skin="skin-2", hair="bob", colour="hair-fair", wears=("glasses",)),
                   dress=Dress(style="suit", top="clay"), pose=Pose(legs="none", near="table", far="talk")),
            person(398, 302, size=37, way=-1, head=Head(skin="skin-5", hair="crop", colour="hair-grey"),
                   dress=Dress(style="suit", top="ink"), pose=Pose(legs="none", near="table", far=(0.9, -0.9))),
            table(150, 260, 340, 96, colour="wood", legs="panel"), microphone(298, 260, way=-1), microphone(352, 260), mug(216, 260, colour="paper", steam=False), papers(430, 260),
            plant(70, 350, size=1.05), plant(574, 350, size=1.05, kind="long"),
            person(120, 446, size=46, head=Head(skin="skin-1", hair="curls", colour="hair-brown", looks="behind"), dress=Dress(top="leaf-deep"), pose=Pose(legs="none")),
            person(520, 444, size=46, head=Head(skin="skin-4", hair="tail", colour="hair-black", looks="behind"), dress=Dress(top="plum"), pose=Pose(legs="none")),
        ),
    ),
    Scene(
        name="conference-hall",
        alt=_("Three people discuss on a stage before an audience."),
        parts=(
            room("sky-deep", "wood", y=282), screen(206, 34, 228, 128, shows="hills"),
            outline("M0 0 L96 0 L64 282 L0 282Z M640 0 L544 0 L576 282 L640 282Z", "plum"),
            chair(196, 248, floor=296, way=1, colour="sand-deep"),
            person(204, 246, size=28, way=1, head=Head(skin="skin-4", hair="afro", colour="hair-black"), dress=Dress(style="suit", top="blaze", legs="ink"), pose=Pose(legs="sit", near="lap", far="talk")),
            person(316, 298, size=28, way=1, head=Head(skin="skin-2", hair="bald", colour="hair-grey", beard=True), dress=Dress(style="suit", top="ink", legs="ink"), pose=Pose(near="chest", far="talk")),
            chair(446, 248, floor=296, way=-1, colour="sand-deep"),
            person(438, 246, size=28, way=-1, head=Head(skin="skin-3", hair="hijab", over="paper"), dress=Dress(style="jumper", top="clay", legs="clay"), pose=Pose(legs="sit", near="lap", far="knee")),
            box(0, 306, 640, 94, "wood-deep"),
            *(person(x, 424, size=44, head=head, dress=Dress(top=top), pose=Pose(legs="none")) for x, head, top in (
                (92, Head(skin="skin-5", hair="bun", colour="hair-black", looks="behind"), "clay"),
                (240, Head(hair="turban", over="blaze", looks="behind"), "pine"),
                (396, Head(skin="skin-2", hair="long", colour="hair-fair", looks="behind"), "sky-mid"),
                (548, Head(skin="skin-3", hair="crop", colour="hair-white", looks="behind"), "plum"),
            )),
        ),
    ),
    Scene(
        name="video-call",
        alt=_("A person waves to someone in a video call."),
        parts=(
            room("mist", "mist-deep", y=360), window(40, 56, 130, 170), plant(586, 326, kind="bush", size=0.9),
            box(0, 322, 640, 78, "wood"), box(0, 322, 640, 10, "wood-shade"),
monitor(420, 326, 300, 200), box(279, 113, 282, 178, "blaze-pale"), plant(330, 300, kind="long", size=0.8, pot="paper"),
            person(432, 304, size=46, way=-1, head=Head(skin="skin-5", hair="tail", colour="hair-black"), dress=Dress(style="shirt", top="pine", under="paper"), pose=Pose(legs="none", near="fold", far=(1.35, -2.0), holds_far="wave")),
            box(270, 290, 300, 14, "ink", radius=4),
            mug(86, 324, colour="plum"),
            person(178, 424, size=62, head=Head(skin="skin-2", hair="bob", colour="hair-auburn", looks="behind", wears=("hearing aid",)), dress=Dress(top="clay"), pose=Pose(legs="none", far=(1.5, -2.3), holds_far="wave")),
        ),
    ),
    Scene(
        name="handshake",
        alt=_("Two people shake hands over documents on a table."),
        parts=(
            room("sand", "sand-deep", y=336), window(80, 60, 150, 150, view="town"), picture(474, 72, 104, 80), plant(596, 348, kind="long", size=1.1),
            person(252, 366, size=38, way=1, head=Head(skin="skin-4", hair="short", colour="hair-black", wears=("glasses",)),
                   dress=Dress(style="suit", top="pine", legs="pine"), pose=Pose(near="side", far=Point(319, 240), lean=3)),
            person(398, 366, size=37, way=-1, head=Head(skin="skin-1", hair="bob", colour="hair-auburn"),
                   dress=Dress(style="suit", top="clay", legs="ink"), pose=Pose(near="side", far=Point(339, 236), lean=3)),
            table(170, 300, 320, 84), papers(296, 300, width=70), papers(384, 300, width=56), mug(214, 300, colour="plum"),
        ),
    ),
    Scene(
        name="practice",
        alt=_("A doctor listens to a patient in a bright practice."),
        parts=(
            room("mist", "mist-deep", y=334, skirting="paper"), window(62, 60, 130, 140), picture(286, 70, 74, 92, kind="leaf"), shelf(470, 64, 130, 116, rows=2),
            plant(50, 352, kind="broad"),
            armchair(196, 302, floor=372, way=1, colour="clay"),
            person(204, 300, size=37, way=1, head=Head(skin="skin-2", hair="crop", colour="hair-brown"), dress=Dress(style="hoodie", top="sky-deep", legs="ink", shoes="blaze"), pose=Pose(legs="sit", near="lap", far="talk")),
            chair_arm(196, 302, floor=372, way=1, colour="clay"),
            chair(460, 304, floor=372, way=-1, colour="pine"),
            person(458, 300, size=38, way=-1, head=Head(skin="skin-5", hair="bun", colour="hair-grey", wears=("glasses",)), dress=Dress(style="white coat", top="paper", under="sky-mid", legs="pine"), pose=Pose(legs="sit", near="lap", far="lap", lean=5, holds="pen")),
            stool(330, 328, floor=374), mug(312, 328, way=-1), mug(350, 328, colour="plum"),
        ),
    ),
    Scene(
        name="waiting-room",
        alt=_("Two people wait in a light room with many plants."),
        parts=(
            room("leaf-pale", "sand-deep", y=332, skirting="paper"), window(240, 52, 170, 140), clock(486, 96, 26), floor_lamp(132, 352, height=230),
            plant(60, 352, size=1.35), plant(588, 352, kind="long", size=1.35), plant(536, 360, kind="bush", size=0.9, pot="plum"),
            sofa(316, 302, floor=368, width=330, colour="pine-mid"), cloth(438, 300, 46, colour="blaze"),
            person(232, 302, size=36, way=1, head=Head(skin="skin-3", hair="headscarf", over="clay", colour="hair-black", looks="down"), dress=Dress(style="dress", top="plum", legs="ink"), pose=Pose(legs="sit front", near=(0.6, -0.6), far=(0.9, -0.7), holds_far="book")),
            person(386, 302, size=36, way=-1, head=Head(skin="skin-1", hair="short", colour="hair-fair", beard=True), dress=Dress(style="dungarees", top="pine", under="blaze", legs="sky-deep"), pose=Pose(legs="sit front", near="lap", far="lap")),
        ),
    ),
    Scene(
        name="training",
        alt=_("A trainer explains a chart to two people; one uses a wheelchair."),
        parts=(
            room("sand", "sand-deep", y=330), window(40, 56, 120, 140, view="town"), screen(222, 66, 140, 170, shows="circle", stand=True),
            person(186, 366, size=36, way=1, head=Head(skin="skin-4", hair="topknot", colour="hair-black"), dress=Dress(style="jumper", top="blaze", legs="pine"), pose=Pose(near="side", far=(1.7, -1.9)), prosthesis="hand"),
            plant(54, 356, kind="long"),
            wheelchair(438, 306, floor=374, way=-1, colour="plum"),
            person(434, 302, size=35, way=-1, head=Head(skin="skin-1", hair="short", colour="hair-auburn", wears=("glasses",)), dress=Dress(style="hoodie", top="pine-mid", legs="ink"), pose=Pose(legs="sit", near="lap", far="knee")),
            wheel(438, 306, floor=374, way=-1),
            chair(572, 312, floor=376, way=-1, colour="clay"),
            person(570, 308, size=36, way=-1, head=Head(skin="skin-3", hair="hijab", over="plum"), dress=Dress(style="dress", top="plum", legs="ink"), pose=Pose(legs="sit", near="chest", far="lap", holds="pen")),
        ),
    ),
    Scene(
        name="ministry",
        alt=_("Three people meet on the steps of a ministry."),
        parts=(
            sky("sky"), cloud(96, 70), cloud(560, 92, 0.8), hill("M0 270 C140 244 500 244 640 268", "leaf-pale"), tree(46, 330, size=1.1, kind="tall"), tree(600, 330, size=1.1, kind="tall"),
            ministry(320, 292, width=380), ground(348, "mist-deep"), steps(320, 292),
            person(250, 332, size=27, way=1, head=Head(skin="skin-2", hair="bun", colour="hair-brown"), dress=Dress(style="suit", top="pine", legs="pine"), pose=Pose(near="side", far="talk")),
            person(316, 332, size=27, way=-1, head=Head(skin="skin-5", hair="crop", colour="hair-black"), dress=Dress(style="coat", top="clay", legs="ink"), pose=Pose(near="talk", far="side")),
            person(470, 376, size=29, way=-1, head=Head(skin="skin-3", hair="hijab", over="blaze"), dress=Dress(style="abaya", top="plum", legs="ink"), pose=Pose(near="side", far=(0.6, -0.7), legs="walk", holds="bag")),
        ),
    ),
    Scene(
        name="bridge",
        alt=_("Two people meet on a bridge over a river."),
        parts=(
            sky("sky"), sun(120, 84, 28), cloud(500, 70), cloud(250, 60, 0.7), hill("M0 210 C100 140 220 160 330 214 C430 150 540 140 640 200", "pine-pale"),
            hill("M0 270 C140 236 280 260 640 246", "leaf"), ground(306, "sky-mid"),
            tree(60, 300, size=0.9), tree(596, 300, size=0.8, kind="tall"),
            person(278, 246, size=26, way=1, head=Head(skin="skin-4", hair="short", colour="hair-black"), dress=Dress(style="coat", top="clay"), pose=Pose(near="side", far="talk")),
            person(356, 246, size=26, way=-1, head=Head(skin="skin-2", hair="long", colour="hair-fair"), dress=Dress(style="coat", top="pine"), pose=Pose(near=(0.9, -0.9), far=(1.1, -0.8))),
            bridge(216, water=340), ground(340, "sky-mid"),
            outline("M40 362 L150 362 M240 384 L380 384 M470 358 L570 358 M300 354 L350 354", stroke="sky", width=4),
        ),
    ),
    Scene(
        name="hills-path",
        alt=_("A path with a waymark leads through green hills."),
        parts=(
            sky("sky"), sun(470, 96, 34), cloud(150, 84), cloud(330, 60, 0.6),
            hill("M0 214 C90 130 190 120 300 210 C390 120 520 110 640 200", "pine-pale"), hill("M0 256 C140 170 280 190 400 260 C480 220 560 206 640 222", "pine-mid"),
            hill("M0 300 C180 230 420 290 640 252", "leaf"), hill("M0 342 C160 300 420 318 640 330", "leaf-deep"),
            outline("M250 400 C330 360 200 340 300 318 C380 302 300 288 352 276 C376 270 372 266 380 263 L388 263 C390 268 390 274 376 280 C346 292 440 304 364 326 C300 346 450 362 400 400Z", "trail"),
            tree(560, 300, size=0.8, kind="fir", colour="pine"), tree(606, 316, size=1, kind="fir", colour="pine"), tree(60, 306, size=0.7, kind="fir", colour="pine"),
            waymark(180, 372, size=1.25), grass(120, 376, colour="leaf"), grass(520, 370, colour="leaf"), grass(470, 386, colour="leaf"),
        ),
    ),
    Scene(
        name="crossroads",
        alt=_("A path in the open country divides in two under a wide morning sky."),
        parts=(
            sky("sky"), sun(326, 150, 36), cloud(120, 84), cloud(520, 70, 0.8),
            hill("M0 220 C120 150 260 160 340 204 C440 150 540 150 640 206", "pine-pale"), hill("M0 250 C160 216 300 236 640 228", "pine-mid"),
            hill("M0 284 C200 250 440 262 640 270", "leaf"), hill("M0 352 C180 330 460 330 640 348", "leaf-deep"),
            outline("M250 400 C280 360 300 346 290 330 C270 300 170 312 146 266 L156 265 C190 298 292 286 320 320 C346 284 446 294 476 264 L486 264 C474 312 370 300 354 334 C346 352 370 366 390 400Z", "trail"),
            tree(70, 300, size=0.8, kind="fir", colour="pine"), tree(112, 290, size=0.55, kind="fir", colour="pine"), tree(584, 304, size=0.7, colour="pine"),
            waymark(320, 306, size=0.62), grass(150, 376, colour="leaf"), grass(500, 372, colour="leaf"), bush(572, 366, size=0.8, colour="pine"),
        ),
    ),
    Scene(
        name="mountain-hut",
        alt=_("Light shines from a mountain hut; two walkers have arrived."),
        parts=(
            sky("sky-mid"), spot(520, 80, 24, 24, "light"),
            hill("M0 236 L110 120 L180 190 L280 84 L400 220 L480 150 L640 260", "sky-deep"), outline("M280 84 L316 124 L292 132 L276 118 L258 128 L246 120Z M110 120 L130 140 L112 146 L92 138Z", "paper"),
            hill("M0 276 C160 236 400 246 640 256", "pine-mid"), hill("M0 330 C200 300 420 306 640 320", "leaf-deep"),
            outline("M90 400 C180 372 260 372 330 350 C380 336 410 330 424 318 L452 318 C456 336 420 352 370 368 C300 388 240 386 200 400Z", "trail"),
            tree(590, 316, size=0.8, kind="fir", colour="pine"), tree(60, 318, size=0.9, kind="fir", colour="pine"), tree(112, 316, size=0.6, kind="fir", colour="pine"),
            hut(440, 320, size=1.25),
            person(232, 372, size=25, way=1, head=Head(skin="skin-3", hair="beanie", over="blaze", colour="hair-black"), dress=Dress(style="coat", top="plum"), pose=Pose(legs="walk", near="side", far=(1.2, -0.4), holds_far="stick")),
            person(296, 362, size=25, way=1, head=Head(skin="skin-1", hair="tail", colour="hair-brown"), dress=Dress(style="coat", top="blaze", legs="pine"), pose=Pose(legs="walk", near=(0.5, -0.5), far=(1.2, -2.2), holds_far="wave")),
        ),
    ),
    Scene(
        name="lighthouse",
        alt=_("A lighthouse by the sea in daylight."),
        parts=(
            sky("sky"), sun(120, 90, 30), cloud(300, 74), cloud(384, 150, 0.7), ground(268, "sky-mid"),
            outline("M40 296 L130 296 M200 318 L290 318 M60 346 L120 346 M300 284 L350 284", stroke="sky", width=4),
            outline("M300 400 C330 330 380 300 440 292 C500 282 580 288 640 276 L640 400Z", "leaf-deep"), outline("M340 400 C380 350 430 330 640 330 L640 400Z", "leaf"),
            outline("M468 400 C520 370 470 346 500 302 L514 302 C510 346 570 368 540 400Z", "trail"), lighthouse(500, 306, size=1.05), bush(600, 322, size=0.7, colour="leaf-deep"),
            outline("M196 150 C204 142 210 142 214 150 C218 142 226 142 232 150 M250 120 C256 114 261 114 264 120 C267 114 273 114 278 120", stroke="stone-deep", width=3.5),
        ),
    ),
    Scene(
        name="desk-tea",
        alt=_("A desk with papers, a lamp and a cup of tea."),
        parts=(
            room("sand", "sand-deep", y=344), window(216, 50, 190, 160), picture(474, 82, 92, 74),
            table(70, 284, 500, 110), papers(250, 284, width=90), book_pile(170, 284), mug(352, 284), telephone(426, 284, colour="pine"), desk_lamp(110, 284), plant(494, 284, kind="bush", size=0.8),
        ),
        directed=False,
    ),
    Scene(
        name="empty-letterbox",
        alt=_("An open letterbox with nothing in it."),
        parts=(
            sky("sky"), cloud(130, 90), cloud(520, 70, 0.8), hill("M0 270 C160 220 420 240 640 220", "leaf-pale"), ground(330, "leaf"), letterbox(310, 356), bush(70, 348, colour="leaf-deep"), bush(560, 350, size=1.2, colour="leaf-deep"), grass(230, 372), grass(400, 364),
        ),
    ),
    Scene(
        name="empty-shelf",
        alt=_("Empty shelves with plants."),
        parts=(room("mist", "mist-deep", y=344), shelf(190, 60, 260, 296, rows=3, filled=False), plant(524, 366, size=1.3), plant(246, 156, size=0.6, kind="bush")),
    ),
    Scene(
        name="empty-board",
        alt=_("An empty notice board with a few pins."),
        parts=(room("mist", "mist-deep", y=344), notice_board(150, 64, 340, 200), plant(574, 362, kind="long", size=1.2)),
    ),
    Scene(
        name="map-search",
        alt=_("A person looks for the way on a map."),
        parts=(
            sky("plum-pale"), sun(500, 150, 34), hill("M0 220 C120 150 260 160 380 226 C480 180 560 180 640 220", "pine-pale"), hill("M0 280 C180 236 420 256 640 250", "pine-mid"), ground(330, "leaf-deep"),
            outline("M0 400 L0 352 C200 340 440 340 640 356 L640 400Z", "trail"), tree(70, 336, size=1.1, kind="fir", colour="pine"), tree(132, 332, size=0.8, kind="fir", colour="pine"), waymark(520, 354, size=1.2, way=1),
            person(286, 374, size=37, way=1, head=Head(skin="skin-3", hair="curls", colour="hair-black", looks="down", wears=("glasses",)), dress=Dress(style="coat", top="clay", legs="ink"), pose=Pose(near=(0.9, -1.5), far=(1.75, -1.3), tilt=8)),
            outline("M314 182 L346 190 L372 182 L402 190 L396 244 L368 236 L342 244 L312 236Z", "paper"), outline("M346 190 L342 244 M372 182 L368 236", stroke="stone", width=2.5), outline("M322 222 C334 204 346 226 358 206 C366 200 380 206 388 200", stroke="clay", width=3),
        ),
    ),
    Scene(
        name="family-walk",
        alt=_("A family walks along a path, seen from behind."),
        parts=(
            sky("sky"), sun(320, 110, 34), cloud(120, 80), cloud(520, 76, 0.8), hill("M0 250 C120 170 260 180 340 236 C430 180 540 170 640 240", "pine-pale"), ground(286, "leaf"),
            outline("M150 400 L296 286 L344 286 L490 400Z", "trail"), tree(70, 320, size=1.2), tree(580, 320, size=1.2),
            person(226, 374, size=33, head=Head(skin="skin-4", hair="crop", colour="hair-black", looks="behind"), dress=Dress(style="coat", top="pine", legs="ink"), pose=Pose(legs="walk", far=Point(270, 262))),
            person(414, 374, size=33, way=-1, head=Head(skin="skin-3", hair="long", colour="hair-brown", looks="behind"), dress=Dress(style="dress", top="clay", legs="ink"), pose=Pose(legs="stand", far=Point(370, 262))),
            person(320, 374, size=26, head=Head(skin="skin-3", hair="curls", colour="hair-black", looks="behind"), dress=Dress(style="hoodie", top="blaze", legs="sky-deep"), pose=Pose(legs="stand", near=Point(272, 272), far=Point(368, 272)), child=True),
        ),
    ),
)
# fmt: on
