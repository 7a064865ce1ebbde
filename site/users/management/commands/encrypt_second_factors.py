from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from users.sign_in import second_factor


class Command(BaseCommand):
    help = (
        "Encrypt all second factors again with WAYMARK_SECRET_KEY. "
        "Run it after a change of that key, before the old one is taken "
        "out of WAYMARK_SECRET_KEY_FALLBACKS."
    )

    def handle(self, *args: object, **options: object) -> None:
        try:
            count = second_factor.rotate()
        except InvalidToken:
            raise CommandError(
                "One of the second factors was encrypted with a key that is neither WAYMARK_SECRET_KEY nor one of "
                "WAYMARK_SECRET_KEY_FALLBACKS. Nothing was changed. "
                "Add that key, or run `forget_second_factor` for those who can no "
                "longer sign in."
            ) from None
        self.stdout.write(f"{count} second factors are encrypted with the current key.")
