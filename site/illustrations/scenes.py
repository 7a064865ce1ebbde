"""The illustrations: a row each, with the name of its file and its description.

Rules for the scenes: adults, everyday, calm, in daylight or lamplight; no person who is afraid, ashamed, harmed or
alone in the dark; no words.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FOLDER = Path(__file__).parent / "static" / "illustrations"
WIDTH, HEIGHT = 640, 400

STYLE = re.compile(r"<style>(.*?)@media.*?</style>")
RULE = re.compile(r"\.(\w+)\{([^}]*)\}")
CLASS = re.compile(r' class="(\w+)"')


@dataclass(frozen=True)
class Scene:
    """One illustration."""

    name: str
    alt: Promise
    # A scene with a direction has a second file, mirrored, for languages that are read from right to left.
    directed: bool = True


SCENES: tuple[Scene, ...] = (
    Scene("bench-talk", _("Two people talk on a park bench.")),
    Scene("phone-window", _("A person telephones at a window with a view of hills.")),
    Scene("kitchen-evening", _("A person writes at a kitchen table in the evening, by lamplight.")),
    Scene("kitchen-table", _("A kitchen table with two cups and a jar of coloured pencils.")),
    Scene("park-walk", _("Two people, one with a walking stick, walk through a park.")),
    Scene("helpline", _("A helpline worker with a headset listens at a desk.")),
    Scene("team-table", _("A team of four talks around a table; one person uses a wheelchair.")),
    Scene("lecture", _("A speaker at a lectern explains a chart to an audience.")),
    Scene("library", _("A person reads in a library while another takes a book from a shelf.")),
    Scene("bus-stop", _("A worker puts up a poster with two hills at a bus stop.")),
    Scene("street", _("People walk past shops and a poster column in a sunny street.")),
    Scene("press-conference", _("Two people answer questions at a press conference.")),
    Scene("conference-hall", _("Three people discuss on a stage before an audience.")),
    Scene("video-call", _("A person waves to someone in a video call.")),
    Scene("handshake", _("Two people shake hands over documents on a table.")),
    Scene("practice", _("A doctor listens to a patient in a bright practice.")),
    Scene("waiting-room", _("Two people wait in a light room with many plants.")),
    Scene("training", _("A trainer explains a chart to two people; one uses a wheelchair.")),
    Scene("ministry", _("Three people meet on the steps of a ministry.")),
    Scene("bridge", _("Two people meet on a bridge over a river.")),
    Scene("hills-path", _("A path with a waymark leads through green hills.")),
    Scene("crossroads", _("A path in the open country divides in two under a wide morning sky.")),
    Scene("mountain-hut", _("Light shines from a mountain hut; two walkers have arrived.")),
    Scene("lighthouse", _("A lighthouse by the sea in daylight.")),
    Scene("desk-tea", _("A desk with papers, a lamp and a cup of tea."), directed=False),
    Scene("empty-letterbox", _("An open letterbox with nothing in it.")),
    Scene("empty-shelf", _("Empty shelves with plants.")),
    Scene("empty-board", _("An empty notice board with a few pins.")),
    Scene("map-search", _("A person looks for the way on a map.")),
    Scene("family-walk", _("A family walks along a path, seen from behind.")),
)
BY_NAME = {scene.name: scene for scene in SCENES}


def path_of(name: str, *, right_to_left: bool = False) -> str:
    """Return the path of a picture among the static files; mirrored where its direction would be wrong.

    An unknown name is a KeyError.
    """
    mirrored = right_to_left and BY_NAME[name].directed
    return f"illustrations/{BY_NAME[name].name}{'-mirrored' if mirrored else ''}.svg"


@cache
def for_print(name: str, *, right_to_left: bool = False) -> str:
    """Return a picture as SVG in light colours and without a style sheet, as typst requires."""
    file = FOLDER.parent / path_of(name, right_to_left=right_to_left)
    drawing = file.read_text(encoding="utf-8")
    style = STYLE.search(drawing)
    if style is None:
        raise ValueError(f"{file.name} has no style sheet with colours for light and dark.")
    paints = {name: re.sub(r"([\w-]+):([^;]+);?", r' \1="\2"', rules) for name, rules in RULE.findall(style[1])}
    return CLASS.sub(lambda found: paints[found[1]], drawing.replace(style[0], ""))
