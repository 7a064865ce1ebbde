"""The tools that run before a commit have the same versions as those that `make check` runs."""

import re
import tomllib

from config.settings.base import ROOT

REPOSITORY = re.compile(r"""rev: "?v?(?P<version>[\d.]+)"?  # (?P<package>[\w-]+)$""", re.MULTILINE)


class TestHooks:
    def test_have_the_versions_of_the_lock(self):
        config = (ROOT / ".pre-commit-config.yaml").read_text()
        locked = {
            package["name"]: package["version"] for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
        }

        found = {match["package"]: match["version"] for match in REPOSITORY.finditer(config)}

        assert len(found) == config.count("rev:") > 0
        assert found == {name: locked[name] for name in found}
