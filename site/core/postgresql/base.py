from django.conf import settings
from django.db.backends.postgresql import base
from psycopg2 import extensions

from core.postgresql import failover, waiting

# Limits enforced by the server.
# They are short in web processes, where a user waits, and long in the background.
LIMITS = {
    "statement_timeout": "15s" if settings.SITE else "10min",
    "lock_timeout": "5s" if settings.SITE else "5min",
    "idle_in_transaction_session_timeout": "30s" if settings.SITE else "10min",
}
if settings.SITE == "public":
    # It only reads, and so it does if its account may do more (`core.postgresql.public_role`).
    LIMITS["default_transaction_read_only"] = "on"
# The server shows it for each connection: `doctor` finds a public site with the account of the others.
APPLICATION_NAME = f"waymark {settings.SITE}".strip()
# A host that has vanished is detected within half a minute, also on an idle connection.
TCP = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}

waiting.install()


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's backend with limits to each wait."""

    def get_new_connection(self, conn_params: dict[str, object]) -> extensions.connection:
        limits = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
        options = f"{conn_params.get('options', '')} {limits}".strip()
        return failover.connect(
            {**TCP, "application_name": APPLICATION_NAME, **conn_params, "options": options}, self.connect_to
        )

    def connect_to(self, parameters: dict[str, object]) -> extensions.connection:
        """Connect to one server.

        Raises OperationalError without trying during the pause after the server was found to hang.
        """
        waiting.check(parameters.get("host"), parameters.get("port"))
        return super().get_new_connection(parameters)
