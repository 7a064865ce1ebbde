"""Draws outputs in processes of their own: as many as there are processors, each with a limit of time for an output.

A template that fails or never ends costs its own output, and nothing else: the process is ended, and the next output gets a new one.
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
from campaigns.studio.formats import MILLIMETRES_PER_INCH
from campaigns.studio.variants import TEMPLATES, ToDraw
from core.typesetting import FONTS

PROGRAM = Path(__file__).parent / "draw_outputs.py"
# Where the program finds `core`, of which it needs one file.
CODE = Path(core.__file__).parents[1]
LONGEST = 10.0  # seconds for one output
MOST_PROCESSES = 4
PREVIEW_PIXELS = 900  # of the longer side
# What a template says when something does not fit: a list of fields, each with how much room it lacks in percent.
UNFIT = re.compile(r"unfit:(\[.*\])", re.DOTALL)

State = StudioOutput.State


@dataclass(slots=True, kw_only=True)
class Drawn:
    """What became of an output: its file, and the picture of a PDF's first page as a PNG; or why there is none."""

    output: ToDraw
    state: str
    content: bytes = b""
    picture: bytes = b""
    problems: list[dict[str, Any]] = field(default_factory=list)


class Process:
    """A process that draws one output after the other. It is started when it is needed, and again after it had to be ended."""

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
            return Drawn(
                output=output, state=State.LETTERS if letters else State.UNFIT, problems=output.problems
            )
        row = output.variant.row
        task = {
            "template": row.template,
            "extension": "png" if as_picture else row.extension,
            "bleed": 0 if as_picture else row.bleed,
            "ppi": PREVIEW_PIXELS * MILLIMETRES_PER_INCH / max(row.width, row.height)
            if as_picture
            else row.ppi,
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
        """Return what was said about a task, the file, and the picture of its first page: the first or the second is empty. See `draw_outputs.py` for what a task holds.

        Raises TimeoutError if it took too long, and ChildProcessError if the process is gone for another reason.
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
    """Send a task, and wait for what becomes of it. Raises OSError or ValueError if the process ends meanwhile."""
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
    """Draw one output as a picture for a screen, whatever its format."""
    with studio() as root:
        put(root, [output])
        process = Process(root)
        try:
            return process.draw(output, day, as_picture=True)
        finally:
            process.end()


def put(root: Path, outputs: Iterable[ToDraw]) -> None:
    """Put the pictures of these outputs beside the templates. Those with the same name are the same."""
    for output in outputs:
        for name, content in output.files.items():
            if not (root / name).exists():
                (root / name).write_bytes(content)


@contextmanager
def studio(templates: Path = TEMPLATES) -> Iterator[Path]:
    """A folder for the length of a batch: the templates, and beside them whatever pictures they need."""
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
    """Yield what becomes of each output, in the order in which they are done. Begins no further one once `stop` is set."""
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
                finally:  # whoever reads this may have had enough
                    stop.set()
        finally:
            for process in everyone:
                process.end()
