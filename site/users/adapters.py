from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """How people get an account: a person at the desk makes it. Nobody signs up by themselves."""

    def is_open_for_signup(self, request: object) -> bool:
        return False
