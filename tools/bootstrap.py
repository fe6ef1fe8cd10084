"""Makes .venv and installs the pinned requirements, only when they changed. Standard library only, Python 3.11 and up.

python3 tools/bootstrap.py run    what the portal needs
python3 tools/bootstrap.py dev    and what its tests need
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
FILES = {"run": "requirements.txt", "dev": "requirements-dev.txt"}


def wanted(level: str) -> str:
    """Fingerprint of everything that decides what gets installed."""
    digest = hashlib.sha256(sys.version.encode())
    names = ["requirements.txt"] if level == "run" else list(FILES.values())
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def installed(level: str) -> bool:
    """Whether .venv already holds it; the development list includes the other."""
    if not (VENV / "bin/python").exists():
        return False
    return any(_stamp(held).exists() and _stamp(held).read_text() == wanted(held) for held in {level, "dev"})


def _stamp(level: str) -> Path:
    return VENV / f"portal-{level}.sha256"


def install(level: str) -> None:
    """Create the environment when there is none and bring it to the pins. Raises SystemExit with pip's own words."""
    if not (VENV / "bin/python").exists():
        print("Making the virtual environment ...", flush=True)
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            raise SystemExit("Python's venv module is incomplete here. Run: apt-get install -y python3-venv") from None
    print(f"Installing {FILES[level]} (about a minute the first time) ...", flush=True)
    pip = [str(VENV / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "-r", str(ROOT / FILES[level])], check=False)
    if done.returncode:
        raise SystemExit("The requirements could not be installed; pip's message stands above.")
    _stamp(level).write_text(wanted(level))


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036, an older one may well be the first on PATH
        raise SystemExit(f"Python 3.11 or newer is needed, not {sys.version.split()[0]}: make PYTHON=/path/to/it ...")
    level = sys.argv[1] if len(sys.argv) > 1 else "run"
    if not installed(level):
        install(level)


if __name__ == "__main__":
    main()
