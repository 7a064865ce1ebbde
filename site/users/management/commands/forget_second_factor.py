from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from users import account_changes, services
from users.models import User
from users.sign_in import second_factor


class Command(BaseCommand):
    help = (
        "Remove the second factor of a user who has lost their phone, "
        "key and recovery codes, so that they can set up a new one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: object, email: str, **options: object) -> None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"No account has the address {email}. Nothing was changed.")
        with transaction.atomic():
            before = account_changes.state(user.pk)
            if not second_factor.remove(user):
                raise CommandError(f"{user.email} has no second factor. Nothing was changed.")
            services.end_sessions(user=user)
            account_changes.record(user, before=before, by=None)
        self.stdout.write(
            f"{user.email} has been signed out everywhere and will set up a new second factor at the next sign-in."
        )
