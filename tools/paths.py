"""Where the tools keep what they make. Standard library only."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / ".web"


def data_folder() -> Path:
    """`.data`, or the folder PORTAL_DATA names: the demo's database, secrets, logs and process records."""
    return Path(os.environ.get("PORTAL_DATA") or ROOT / ".data").resolve()


def logs_folder() -> Path:
    """One log file per process."""
    return data_folder() / "logs"
