"""A site may have any of its parts: each alone can be made, rendered, served and backed up, without the others."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from config.settings.base import PARTS, ROOT
from tests.support.parts import POSTERS

# Features that exist with a part, and not without it.
ADDRESSES = {
    "helpline": ["/en/open-data/", "/open-data/catalogue.ttl", "private:/en/report/"],
    "campaigns": ["/en/campaigns/", "/en/feeds/", "/open-data/materials.ttl"],
    "network": ["/en/network/", "/open-data/practices.csv", "private:/en/members/link/"],
}
ALWAYS = ["/", "/en/", "/en/search/", "/sitemap.xml", "private:/account/login/"]
WORDS = {"helpline": "Find support", "campaigns": "Campaigns", "network": "Network"}


def run(*arguments: str, apps: str, var: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "WAYMARK_APPS": apps, "WAYMARK_VAR": str(var)}
    environment.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def var() -> Iterator[Path]:
    """A folder that the database server can reach, which may be another user."""
    with TemporaryDirectory(prefix="waymark-part-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.process
@pytest.mark.parametrize("part", PARTS)
def test_alone_is_a_site(part: str, var: Path):
    every = [*ALWAYS, POSTERS, *(address for addresses in ADDRESSES.values() for address in addresses)]

    made = run("-m", "tests.support.parts", *every, apps=part, var=var)

    assert made.returncode == 0, made.stderr
    found = json.loads(made.stdout.splitlines()[-1])
    expected = dict.fromkeys((*ALWAYS, *ADDRESSES[part]), 200)
    # The finder has no page before an emergency number is approved; without it posters lead to the home page.
    expected[POSTERS] = 404 if part == "helpline" else 200
    assert {address: status for address, (status, _body) in found.items()} == {
        address: expected.get(address, 404) for address in every
    }
    home = found["/en/"][1]
    assert {name for name, words in WORDS.items() if words in home} == {part}
    assert "/backups/waymark-" in made.stderr


@pytest.mark.process
def test_of_another_name_is_refused(tmp_path: Path):
    done = run("manage.py", "check", apps="helpline,shop", var=tmp_path)

    assert "WAYMARK_APPS is helpline,shop: it must be any of helpline, campaigns and network" in done.stderr
