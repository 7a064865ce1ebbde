from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base

from config.embedded_postgres import server


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL that is started when it is first needed. `OPTIONS["data"]` names the folder of its data."""

    def get_connection_params(self) -> dict[str, Any]:
        options = self.settings_dict["OPTIONS"]
        data = Path(options["data"])
        self.settings_dict["OPTIONS"] = {key: value for key, value in options.items() if key != "data"}
        try:
            params = super().get_connection_params()
        finally:
            self.settings_dict["OPTIONS"] = options
        return {**params, **server.connection_parameters(data)}
