from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from network.practices import exchange
from network.practices import services as practices
from users.models import User


class Command(BaseCommand):
    help = "Read practices from CSV. What differs becomes a new version, which another person has to publish."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="Email address of the user who stands for the new versions.")

    def handle(self, *args: Any, file: Path, by: str, **options: Any) -> None:
        user = User.objects.filter(email=by).first()
        if user is None:
            raise CommandError(f"There is no user with the address {by}.")
        try:
            table = exchange.read(file.read_bytes())
        except (OSError, exchange.InvalidTableError) as refusal:
            raise CommandError(f"Nothing was changed.\n{refusal}") from None
        count = practices.import_practices(versions=table.changed, by=user)
        self.stdout.write(f"{count} new versions, {table.unchanged} without a difference.")
