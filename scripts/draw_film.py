"""Draws the film of the demonstration from its illustrations: 30 seconds, without words, to suit every language.

The film is kept in the tree (`site/demo/films/`), because an encoder is 30 MB and needed for nothing else.
Run it after a change of the scenes, and name an ffmpeg with libx264, such as the one in the package imageio-ffmpeg:

    python scripts/draw_film.py /usr/bin/ffmpeg
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import typst

from illustrations import scenes

TARGET = Path(__file__).parents[1] / "site" / "demo" / "films" / "you-can-tell-me.mp4"
# Five seconds each, which fade into each other.
# The captions in `site/demo/films/` follow these times.
SCENES = ("family-walk", "kitchen-evening", "bench-talk", "kitchen-table", "phone-window", "hills-path")
SECONDS, FADE = 5, 0.8
WIDTH, HEIGHT, RATE = 1280, 720, 12
PAGE = """
#let it = json(bytes(sys.inputs.at("scene")))
#set page(width: 640pt, height: 360pt, margin: 0pt, fill: rgb("#f4efe4"))
#place(center + horizon, image(bytes(it), format: "svg", height: 400pt))
"""


def frame(scene: str) -> bytes:
    made = typst.compile(
        PAGE.encode(), format="png", ppi=144, sys_inputs={"scene": json.dumps(scenes.for_print(scene))}
    )
    if not isinstance(made, bytes):
        raise TypeError("A scene has one page.")
    return made


def main(encoder: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        inputs, filters, last = [], [], "s0"
        for number, scene in enumerate(SCENES):
            picture = Path(folder) / f"{number}.png"
            picture.write_bytes(frame(scene))
            shown = SECONDS + (FADE if number < len(SCENES) - 1 else 0)
            inputs += ["-loop", "1", "-framerate", str(RATE), "-t", str(shown), "-i", str(picture)]
            filters.append(f"[{number}:v]scale={WIDTH}:{HEIGHT},format=yuv420p[s{number}]")
        for number in range(1, len(SCENES)):
            fade = f"xfade=transition=fade:duration={FADE}:offset={SECONDS * number}"
            filters.append(f"[{last}][s{number}]{fade}[f{number}]")
            last = f"f{number}"
        command = [
            encoder,
            "-y",
            *inputs,
            "-filter_complex",
            ";".join(filters),
            "-map",
            f"[{last}]",
        ]
        command += [
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
            "-preset",
            "slow",
            "-crf",
            "30",
            "-tune",
            "animation",
            "-movflags",
            "+faststart",
        ]
        command += ["-map_metadata", "-1", "-fflags", "+bitexact", "-an", str(TARGET)]
        TARGET.parent.mkdir(exist_ok=True)
        subprocess.run(command, check=True, capture_output=True)
    sys.stdout.write(f"{TARGET.name}: {TARGET.stat().st_size} bytes.\n")


if __name__ == "__main__":
    main(sys.argv[1])
