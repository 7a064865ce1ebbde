"""Find a Chromium for the browser tests, or install one; if neither works, print the remedy in one line."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
WHAT_TO_DO = (
    "No Chromium was found: install it (`sudo apt install chromium`, "
    "`brew install --cask chromium`) or set CHROMIUM=/path/to/it; the browser journeys are skipped until then."
)


def find() -> str | None:
    """Return the path of a Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    for name in (*NAMES, MAC):
        path = shutil.which(name)
        if path:
            return path
    return None


def install() -> None:
    """Try the system's packages if root, otherwise Playwright's own browser, which needs no root."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        print("Installing Chromium and Firefox ESR from the system's packages …")
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "chromium", "firefox-esr"],
            check=False,
            stdout=subprocess.DEVNULL,
        )
        # Quicker for most tests; older systems do not have it.
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "chromium-headless-shell"],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return
    print("Downloading Playwright's Chromium …")
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    if find() or playwrights_own():
        return
    install()
    if not (find() or playwrights_own()):
        print(WHAT_TO_DO)


def playwrights_own() -> str | None:
    """Return the path of a Chromium that Playwright has downloaded, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if shutil.which(path) else None


if __name__ == "__main__":
    main()
