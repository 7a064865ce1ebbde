"""Staff: without a role by default."""

from typing import Any

import factory
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from users.models import User
from users.sign_in.second_factor import encrypt

PASSWORD = "a long password for the tests"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A user.

    `roles` takes names of roles (after `roles.sync()`); with `app=True`, the user has an authenticator app.
    Trait: `with_password`.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        with_password = factory.Trait(password=factory.LazyFunction(lambda: make_password(PASSWORD)))

    email = factory.Sequence(lambda n: f"person-{n}@example.org")
    first_name = "Robin"
    last_name = "Example"
    password = "!"

    @factory.post_generation
    def address(self: Any, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=True)

    @factory.post_generation
    def roles(self: Any, create: bool, extracted: list[str] | None, **kwargs: Any) -> None:
        self.groups.set([Group.objects.get(name=name) for name in extracted or []])

    @factory.post_generation
    def app(self: Any, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        if extracted:
            Authenticator.objects.create(user=self, type=Authenticator.Type.TOTP, data={"secret": encrypt(SECRET)})
