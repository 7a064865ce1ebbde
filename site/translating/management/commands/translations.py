from django.core.management.base import BaseCommand

from core.progress import Bar
from translating import states


class Command(BaseCommand):
    """Rebuild the states of all translations from the pages and texts."""

    help = "Work out how far each page and each word is in each language, and write it down."

    def handle(self, *args: object, **options: object) -> None:
        bar = Bar(self.stdout, "States of translations", sum(len(keys) for _kind, keys in states.all_keys()))
        done = 0
        for written in states.rebuild():
            done += written
            bar.show(done)
        bar.end()
