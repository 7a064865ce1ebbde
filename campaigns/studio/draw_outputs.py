"""Draw outputs: read one task per line from standard input, and write the results to standard output.

With a PDF, the picture of its first page is drawn on request, as starting another process would take longer.

This is a separate program, started by `campaigns.studio.drawing`, so that templates run in a sandbox.
The process has no settings and no database, may write no file, reads only its own folder, and has little memory.
Its parent process ends it when an output takes too long.
"""

import io
import json
import sys
from typing import Any

import pikepdf
import typst

try:
    import resource
except ImportError:  # Windows has no such limits: only the time is limited there
    resource = None  # type: ignore[assignment]

MOST_MEMORY = 1536 * 1024**2


def limit() -> None:
    """Limit memory and forbid writing files. Limits that the system does not support are skipped."""
    for name, most in (("RLIMIT_AS", MOST_MEMORY), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, ValueError, OSError):
            continue


def with_bleed_box(data: bytes) -> bytes:
    """Set the bleed box to the whole page (PDF 1.7, 14.11.2). Typst writes the trim box, but no bleed box."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            page["/BleedBox"] = page.MediaBox
        target = io.BytesIO()
        pdf.save(target, deterministic_id=True)
    return target.getvalue()


class Drawer:
    """Keeps one compiler for each template, so that fonts are read once."""

    def __init__(self, root: str, fonts: list[str]) -> None:
        self.root = root
        self.fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=fonts)
        self.compilers: dict[str, typst.Compiler] = {}

    def draw(self, task: dict[str, Any]) -> bytes:
        """Return the file. Raise TypstError."""
        name = task["template"]
        if name not in self.compilers:
            path = f"{self.root}/{name}.typ"
            self.compilers[name] = typst.Compiler(path, root=self.root, font_paths=self.fonts)
        kind = task["extension"]
        options = {"pdf_standards": ["ua-1"]} if kind == "pdf" else {"ppi": task["ppi"]} if kind == "png" else {}
        made: Any = self.compilers[name].compile(format=kind, sys_inputs={"data": task["data"]}, **options)
        if isinstance(made, list):  # one picture for each page: keep the first
            made = made[0]
        return with_bleed_box(made) if task.get("bleed") else made


def work(drawer: Drawer) -> None:
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        task = json.loads(line)
        picture = b""
        try:
            made, said = drawer.draw(task), ""
            picture = draw_first_page.draw(made) if task.get("first_page") else b""
        except typst.TypstError as problem:
            made, said = b"", str(problem) or "?"
        except MemoryError:
            made, said = b"", "out of memory"
        head = {"said": said, "size": len(made), "picture": len(picture)}
        out.write(json.dumps(head).encode() + b"\n" + made + picture)
        out.flush()


if __name__ == "__main__":
    # The interpreter runs in isolated mode (-I), so only installed packages are on the path.
    root, code, *fonts = sys.argv[1:]
    sys.path.append(code)
    from core.uploads import draw_first_page

    limit()
    work(Drawer(root, fonts))
