"""What must come from the system because no package registry has it: a browser, php for WHMCS's hook file, fonts."""

import os
import shutil
import subprocess

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The browser the tests drive: CHROMIUM, or the first one on PATH."""
    found = (shutil.which(name) for name in (os.environ.get("CHROMIUM") or "", *CHROMIUM_NAMES) if name)
    return next(filter(None, found), None)


def _has_japanese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=ja", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def _php_has_curl() -> bool:
    """WHMCS cannot run without it, so its hook file is tested with the real one."""
    if not shutil.which("php"):
        return False
    return subprocess.run(["php", "-r", "exit((int) !extension_loaded('curl'));"], check=False).returncode == 0


def missing_packages() -> list[str]:
    """Names of the system packages that are not there yet."""
    wanted = {
        "chromium": chromium(),
        "php-cli": shutil.which("php"),
        "php-curl": _php_has_curl(),
        "fonts-noto-cjk": _has_japanese_font(),
    }
    return [name for name, there in wanted.items() if not there]


if __name__ == "__main__":
    print(" ".join(missing_packages()))
