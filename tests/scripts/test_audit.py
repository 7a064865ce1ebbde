"""The audit of dependencies without the internet, against a small export in the format of osv.dev."""

import datetime as dt
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from config.settings.base import ROOT
from tests.support.modules import load

audit = load(ROOT / "scripts/audit.py")


def advisory(name: str = "wagtail", *, identity: str = "GHSA-1", **other: Any) -> dict[str, Any]:
    """Return an advisory about all versions of a package, or as `other` says."""
    affected = {"package": {"name": name, "ecosystem": "PyPI"}, "versions": other.pop("versions", [])}
    events = other.pop("events", [] if affected["versions"] else [{"introduced": "0"}])
    affected["ranges"] = [{"type": "ECOSYSTEM", "events": events}] if events else []
    modified = dt.datetime.now(dt.UTC).isoformat()
    return {"id": identity, "modified": modified, "summary": "A hole", "affected": [affected], **other}


class TestComparison:
    @pytest.mark.parametrize(
        ("version", "events", "is_found"),
        [
            ("1.9", [{"introduced": "2.0"}, {"fixed": "2.4"}], False),
            ("2.0", [{"introduced": "2.0"}, {"fixed": "2.4"}], True),
            ("2.4", [{"introduced": "2.0"}, {"fixed": "2.4"}], False),
            ("2.10", [{"introduced": "0"}, {"fixed": "2.9"}], False),  # not as texts
            ("2.4rc1", [{"introduced": "0"}, {"fixed": "2.4"}], True),
            ("3.1", [{"fixed": "2.4"}, {"introduced": "3"}, {"introduced": "0"}, {"fixed": "3.2"}], True),
            ("2.4", [{"introduced": "0"}, {"last_affected": "2.4"}], True),
            ("2.4.post1", [{"introduced": "0"}, {"last_affected": "2.4"}], False),
            ("2.4", [{"introduced": "unknown"}], True),
        ],
    )
    def test_follows_the_events_of_a_range(self, version, events, is_found):
        found = audit.examine({"wagtail": Version(version)}, [advisory(events=events)])

        assert bool(found) is is_found

    @pytest.mark.parametrize(("version", "is_found"), [("2.0", True), ("2.0.0", True), ("2.1", False)])
    def test_follows_a_list_of_versions(self, version, is_found):
        found = audit.examine({"wagtail": Version(version)}, [advisory(versions=["0.1-legacy-r3", "2.0"])])

        assert bool(found) is is_found

    def test_finds_a_package_however_its_name_is_written_and_counts_a_fault_once(self):
        known = [advisory("Wag_Tail"), advisory("wag.tail", identity="PYSEC-1", aliases=["GHSA-1"]), advisory("other")]

        [found] = audit.examine({"wag-tail": Version("2")}, known)

        assert (found.package, found.ids, found.fixed) == ("wag-tail", "GHSA-1", "no version")


@pytest.mark.process
class TestCommand:
    def run(self, file: Path, *known: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        if known:
            with zipfile.ZipFile(file, "w") as archive:
                for number, each in enumerate(known):
                    archive.writestr(f"{number}.json", json.dumps(each))
        return subprocess.run(
            ["make", "--no-print-directory", "audit", f"ADVISORIES={file}"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def test_fails_for_a_vulnerability_of_a_servers_package_and_only_then(self, tmp_path):
        harmless = [advisory("pytest"), advisory("django", withdrawn="2026-01-01T00:00:00Z"), advisory("no-such")]

        quiet = self.run(tmp_path / "quiet.zip", *harmless)
        loud = self.run(tmp_path / "loud.zip", *harmless, advisory("boto3", events=[{"introduced": "0"}]))

        assert (quiet.returncode, "2 advisories" in quiet.stdout, "0 vulnerabilities" in quiet.stdout) == (
            0,
            True,
            True,
        )
        assert loud.returncode != 0
        assert "boto3" in loud.stdout
        assert "GHSA-1" in loud.stdout

    def test_does_not_pass_for_a_file_that_is_none(self, tmp_path):
        file = tmp_path / "advisories.zip"
        file.write_text("<html>Sign in to the network</html>")

        done = self.run(file)

        assert done.returncode != 0
        assert "Nothing was compared" in done.stdout
