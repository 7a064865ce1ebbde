"""Run every check that must pass before a change lands, except the tests, and name those that failed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PACKAGES = ["site", "campaigns", "network", "helpline"]
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "WAYMARK_SECRET_KEY": "only-for-this-check-" + "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z" * 2,
    "WAYMARK_PUBLIC_URL": "https://www.example.org",
    "WAYMARK_PRIVATE_URL": "https://private.example.org",
    "WAYMARK_MAIL_HOST": "mail.example.org",
    "WAYMARK_SECURITY_CONTACT": "mailto:security@example.org",
    "DATABASE_URL": "postgres://waymark@127.0.0.1/waymark",
}

# Name, command, and additional environment variables.
type Check = tuple[str, list[str], dict[str, str]]


def tool(name: str) -> str:
    return str(BIN / name)


def tracked(*patterns: str) -> list[str]:
    files = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in files.stdout.splitlines() if (ROOT / name).exists()]


def checks() -> list[Check]:
    manage = [sys.executable, "manage.py"]
    test = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    return [
        ("lint", [tool("ruff"), "check", "."], {}),
        ("format", [tool("ruff"), "format", "--check", "."], {}),
        ("types", [tool("mypy"), *PACKAGES], {}),
        ("imports", [tool("lint-imports")], {}),
        ("dependencies", [tool("deptry"), "."], {}),
        ("unused code", [sys.executable, "scripts/unused.py"], test),
        ("size", [sys.executable, "scripts/size.py", "--check"], test),
        ("terms", [sys.executable, "scripts/terms.py"], {}),
        (
            "templates",
            [tool("djade"), "--check", "--target-version", "6.1", *tracked("*.html", ":!tests/**")],
            {},
        ),
        ("template lint", [tool("djlint"), "--lint", "--quiet", *tracked("*.html", ":!tests/**")], {}),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], test),
        ("committed migrations", [sys.executable, "scripts/migrations.py"], {}),
        ("system checks", [*manage, "check", "--fail-level", "WARNING"], test),
        ("production settings", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        ("lock", [shutil.which("uv") or str(ROOT / ".tools/uv"), "lock", "--check", "--quiet"], {}),
    ]


def messages() -> str | None:
    """Return why the catalogues do not match the code, or None."""
    if not shutil.which("xgettext"):
        return None if not os.environ.get("CI") else "gettext is missing, and CI needs it."
    before = {name: (ROOT / name).read_bytes() for name in tracked("locale/*.po")}
    done = subprocess.run(
        [sys.executable, "scripts/messages.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    after = {name: (ROOT / name).read_bytes() for name in before}
    for name, content in before.items():
        (ROOT / name).write_bytes(content)
    if done.returncode:
        return done.stdout + done.stderr
    changed = [name for name in before if before[name] != after[name]]
    return f"Run `make messages` and translate: {', '.join(changed)}" if changed else None


def run(check: Check) -> tuple[subprocess.CompletedProcess[str], float]:
    """Return how a check has ended, and after how many seconds."""
    _name, command, environment = check
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    return done, time.monotonic() - started


def main() -> None:
    failed: list[str] = []
    wanted = checks()
    # Each is a program of one thread or two, and none of them writes what another reads.
    with ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        for (name, _command, _environment), (done, seconds) in zip(wanted, side_by_side.map(run, wanted), strict=True):
            print(f"{'FAIL' if done.returncode else 'ok  '} {name} ({seconds:.0f} s)", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout + done.stderr)
    problem = messages()
    print(f"{'FAIL' if problem else 'ok  '} strings")
    if problem:
        failed.append("strings")
        print(problem)
    if failed:
        sys.exit(f"{len(failed)} of the checks failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
