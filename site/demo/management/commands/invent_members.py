from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from demo import members


class Command(BaseCommand):
    """Fill the directory with invented members: to see it full, and for `bench/directory.py`."""

    help = "Add invented members until there are so many. Nothing is printed: run print_site afterwards."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("count", type=int, help="for example 1000, 10000 or 100000")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{members.load_members(options['count']):,} members were added.")
