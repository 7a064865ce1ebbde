from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from illustrations.pictures import FOLDER, files


class Command(BaseCommand):
    help = "Draws the illustrations anew, after a change to their parts, colours or scenes. The files are committed."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = dict(files())
        for stale in set(FOLDER.glob("*.svg")) - set(wanted):
            stale.unlink()
        for path, drawing in wanted.items():
            path.write_text(drawing, encoding="utf-8", newline="\n")
        self.stdout.write(f"{len(wanted)} files in {FOLDER}")
