"""Draw outputs in separate processes: one for each processor, up to a limit, and with a time limit for each output.

A template that fails or never ends only costs its own output: the process is ended, and the next output gets a new one.
"""

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import core
from campaigns.models import StudioOutput
from campaigns.studio.formats import MILLIMETRES_PER_INCH, OUTPUT_CONDITION, PROFILE
from campaigns.studio.variants import TEMPLATES, ToDraw
from core.typesetting import FONTS

PROGRAM = Path(__file__).parent / "draw_outputs.py"
# Path from which the program imports its one module of `core`.
CODE = Path(core.__file__).parents[1]
LONGEST = 10.0  # seconds for one output
MOST_PROCESSES = 4
PREVIEW_PIXELS = 900  # of the longer side
# Error message of a template whose content does not fit: a list of fields, each with the missing room in percent.
UNFIT = re.compile(r"unfit:(\[.*\])", re.DOTALL)

State = StudioOutput.State


@dataclass(slots=True, kw_only=True)
class Drawn:
    """Result of drawing an output: its file, and a PNG of a PDF's first page; or the problems."""

    output: ToDraw
    state: str
    content: bytes = b""
    picture: bytes = b""
    problems: list[dict[str, Any]] = field(default_factory=list)


class Process:
    """A process that draws outputs one after the other. It is started on demand, and restarted after it was ended."""

    def __init__(self, root: Path) -> None:
        self.command = [sys.executable, "-I", "-B", str(PROGRAM), str(root), str(CODE), *FONTS]
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        if self.running is None or self.running.poll() is not None:
            self.end()
            self.running = subprocess.Popen(  # noqa: S603  (our own program)
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
            )
        return self.running

    def draw(self, output: ToDraw, day: dt.date, *, as_picture: bool = False) -> Drawn:
        if output.problems:
            letters = any("letters" in each for each in output.problems)
            return Drawn(output=output, state=State.LETTERS if letters else State.UNFIT, problems=output.problems)
        row = output.variant.row
        task = {
            "template": row.template,
            "extension": "png" if as_picture else row.extension,
            "bleed": 0 if as_picture else row.bleed,
            "profile": "" if as_picture or PROFILE.name not in output.files else PROFILE.name,
            "condition": OUTPUT_CONDITION,
            "day": day.isoformat(),
            "ppi": PREVIEW_PIXELS * MILLIMETRES_PER_INCH / max(row.width, row.height) if as_picture else row.ppi,
            "data": json.dumps(output.dated(day), ensure_ascii=False),
            "first_page": row.extension == "pdf" and not as_picture,
        }
        try:
            said, content, picture = self.perform(task)
        except TimeoutError:
            return Drawn(output=output, state=State.STOPPED)
        except ChildProcessError:
            return Drawn(output=output, state=State.FAILED)
        if content:
            return Drawn(output=output, state=State.DRAWN, content=content, picture=picture)
        if unfit := UNFIT.search(said):
            return Drawn(output=output, state=State.UNFIT, problems=json.loads(unfit[1].replace('\\"', '"')))
        return Drawn(output=output, state=State.FAILED, problems=[{"said": said[:500]}])

    def perform(self, task: Mapping[str, object]) -> tuple[str, bytes, bytes]:
        """Return the error message, the file and the picture of its first page for a task.

        The message or the file is empty. See `draw_outputs.py` for the fields of a task.
        Raise TimeoutError if it took too long, and ChildProcessError if the process ended for another reason.
        """
        running = self.start()
        too_long = threading.Event()

        def stop() -> None:
            too_long.set()
            running.kill()

        clock = threading.Timer(LONGEST, stop)
        clock.start()
        try:
            return exchange(running, task)
        except (OSError, ValueError) as gone:
            running.kill()
            raise (TimeoutError if too_long.is_set() else ChildProcessError) from gone
        finally:
            clock.cancel()

    def end(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.communicate()
            self.running = None


def exchange(running: subprocess.Popen[bytes], task: Mapping[str, object]) -> tuple[str, bytes, bytes]:
    """Send a task and read the result. Raise OSError or ValueError if the process ends meanwhile."""
    to, back = running.stdin, running.stdout
    if to is None or back is None:
        raise ValueError
    to.write(json.dumps(task).encode() + b"\n")
    to.flush()
    head = json.loads(back.readline() or b"")
    content, picture = back.read(head["size"]), back.read(head["picture"])
    if (len(content), len(picture)) != (head["size"], head["picture"]):
        raise ValueError
    return head["said"], content, picture


def preview(output: ToDraw, *, day: dt.date) -> Drawn:
    """Draw the first page of an output of any format as a PNG for the screen."""
    with studio() as root:
        put(root, [output])
        process = Process(root)
        try:
            return process.draw(output, day, as_picture=True)
        finally:
            process.end()


def put(root: Path, outputs: Iterable[ToDraw]) -> None:
    """Write the pictures of these outputs beside the templates. Names are digests: equal names have equal content."""
    for output in outputs:
        for name, content in output.files.items():
            if not (root / name).exists():
                (root / name).write_bytes(content)


@contextmanager
def studio(templates: Path = TEMPLATES) -> Iterator[Path]:
    """Create a temporary folder for a batch, with the templates; pictures are added to it."""
    with tempfile.TemporaryDirectory(prefix="studio-") as folder:
        root = Path(folder) / "studio"
        shutil.copytree(templates, root)
        yield root


def draw(
    outputs: Iterable[ToDraw],
    *,
    day: dt.date,
    processes: int | None = None,
    templates: Path = TEMPLATES,
    stop: threading.Event | None = None,
) -> Iterator[Drawn]:
    """Yield the result of each output as it is done. Once `stop` is set, no further output is begun."""
    stop = stop or threading.Event()
    waiting = list(outputs)
    count = min(len(waiting), processes or min(os.cpu_count() or 1, MOST_PROCESSES))
    if not waiting:
        return
    with studio(templates) as root:
        put(root, waiting)
        idle: SimpleQueue[Process] = SimpleQueue()
        everyone = [Process(root) for _number in range(count)]
        for process in everyone:
            idle.put(process)

        def one(output: ToDraw) -> Drawn | None:
            process = idle.get()
            try:
                return process.draw(output, day) if not stop.is_set() else None
            finally:
                idle.put(process)

        try:
            with ThreadPoolExecutor(count) as pool:
                try:
                    for done in as_completed([pool.submit(one, output) for output in waiting]):
                        if (drawn := done.result()) is not None:
                            yield drawn
                finally:  # the caller may stop iterating early
                    stop.set()
        finally:
            for process in everyone:
                process.end()
