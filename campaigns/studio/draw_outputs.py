"""Draw outputs: read one task per line from standard input, and write the results to standard output.

With a PDF, the picture of its first page is drawn on request, as starting another process would take longer.

This is a separate program, started by `campaigns.studio.drawing`, so that templates run in a sandbox.
The process has no settings and no database, may write no file, reads only its own folder, and has little memory.
Its parent process ends it when an output takes too long.
"""

import io
import json
import sys
from pathlib import Path
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


def for_print_shop(data: bytes, task: dict[str, Any], profile: bytes) -> bytes:
    """Set the bleed box to the whole page (PDF 1.7, 14.11.2), and make it PDF/X-4 if there is a profile.

    Typst writes the trim box, but no bleed box.
    """
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            page["/BleedBox"] = page.MediaBox
        if profile:
            declare_pdfx(pdf, condition=task["condition"], day=task["day"], profile=profile)
        target = io.BytesIO()
        pdf.save(target, deterministic_id=True)
    return target.getvalue()


def declare_pdfx(pdf: pikepdf.Pdf, *, condition: str, day: str, profile: bytes) -> None:
    """Add what PDF/X-4 (ISO 15930-7) requires of a file whose colours, all based on ICC profiles, are RGB.

    `condition`: the output condition of the profile, by its name in the registry of the ICC.
    """
    embedded = pdf.make_stream(profile, N=4)
    intent: dict[str, Any] = {
        "/Type": pikepdf.Name.OutputIntent,
        "/S": pikepdf.Name.GTS_PDFX,
        "/DestOutputProfile": embedded,
    }
    intent |= {"/OutputConditionIdentifier": condition, "/RegistryName": "http://www.color.org", "/Info": condition}
    pdf.Root["/OutputIntents"] = pikepdf.Array([pikepdf.Dictionary(intent)])
    pdf.docinfo["/Trapped"] = pikepdf.Name("/False")
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["pdfxid:GTS_PDFXVersion"] = "PDF/X-4"
        metadata["pdf:Trapped"] = "False"
        metadata["xmpMM:VersionID"] = "1"
        metadata["xmpMM:RenditionClass"] = "default"
        for name in ("CreateDate", "ModifyDate", "MetadataDate"):
            metadata[f"xmp:{name}"] = f"{day}T00:00:00+00:00"


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
        profile = Path(self.root, task["profile"]).read_bytes() if task.get("profile") else b""
        # PDF/X-4 is PDF 1.6.
        standards = ["ua-1", "1.6"] if profile else ["ua-1"]
        options = {"pdf_standards": standards} if kind == "pdf" else {"ppi": task["ppi"]} if kind == "png" else {}
        made: Any = self.compilers[name].compile(format=kind, sys_inputs={"data": task["data"]}, **options)
        if isinstance(made, list):  # one picture for each page: keep the first
            made = made[0]
        return for_print_shop(made, task, profile) if task.get("bleed") else made


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
