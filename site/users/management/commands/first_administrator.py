from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from core.admin.roles import ADMINISTRATOR
from core.http import private_url
from users import account_changes, mail, services
from users.models import User


class Command(BaseCommand):
    help = "Create the first administrator of a new site, and print a link that signs them in once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The email address that sign-in codes are sent to.")
        parser.add_argument("--another", action="store_true", help="Create one even if there is one already.")
        parser.add_argument(
            "--link",
            action="store_true",
            help="Print a new link for an existing administrator, if mail does not work.",
        )

    def handle(self, *args: object, email: str, another: bool = False, link: bool = False, **options: object) -> None:
        email = email.strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is not an email address.") from None
        user = self.find(email) if link else self.create(email, another=another)
        self.stdout.write(
            "To sign in, open this link within the hour. It works once:\n\n"
            f"    {services.sign_in_link(user=user)}\n\n"
            "After that, sign in at\n\n"
            f"    {private_url('account_login')}\n\n"
            f"with a code sent to {email}."
        )
        if settings.SECOND_FACTOR_REQUIRED:
            self.stdout.write(
                "You have to set up a second factor first: "
                "a passkey, or an app that shows codes. Keep the recovery "
                "codes that you get."
            )

    def create(self, email: str, *, another: bool) -> User:
        if not Group.objects.filter(name=ADMINISTRATOR).exists():
            raise CommandError(f"There is no role “{ADMINISTRATOR}” yet. Run this first: manage.py roles")
        try:
            user = services.make_administrator(email=email, another=another)
        except services.AlreadyExistsError as error:
            if error.args:
                raise CommandError(
                    f"{email} already has an account. Nothing was changed. An administrator can give it the role at "
                    f"{private_url('wagtailusers_users:index')}"
                ) from None
            raise CommandError(
                "There is already an administrator. Nothing was changed. Administrators create accounts at "
                f"{private_url('wagtailusers_users:index')}. "
                "To create another administrator here anyway, add --another. To get a new "
                "link for one who cannot sign in, add --link."
            ) from None
        account_changes.record(user, before=account_changes.AccountState(), by=None)
        self.stdout.write(self.style.SUCCESS(f"{email} is now an administrator."))
        mail.send_invitation(user=user, by=None)
        self.stdout.write(
            "An email about it goes out as soon as the worker runs. "
            "Sign-in codes also come by email. To test the mail server, "
            f"run\n\n    manage.py sendtestemail --using server {email}\n"
        )
        return user

    def find(self, email: str) -> User:
        user = services.administrators().filter(email=email).first()
        if user is None:
            raise CommandError(f"No administrator has the address {email}. Nothing was changed.")
        return user
