"""Builds the front end when its sources changed, and only then. One build serves every host and port."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.paths import ROOT, WEB, logs_folder

STAMP = WEB / "build" / "portal-sources.sha256"
# What a page, a state class or a title can be made of. Everything else in portal_app never reaches the browser.
SOURCES = (
    "rxconfig.py",
    "requirements.txt",
    "assets",
    "portal_app/portal_app.py",
    "portal_app/settings.py",
    "portal_app/routes.py",
    "portal_app/text",
    "portal_app/format.py",
    "portal_app/domain",
    "portal_app/pages",
    "portal_app/priming",
    "portal_app/components",
    "portal_app/state",
    "portal_app/security/policy.py",
)


class BuildFailed(Exception):
    """The front end could not be built; the message is the end of the log."""


def _files(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = root / name
        found = path.rglob("*") if path.is_dir() else iter([path])
        yield from sorted(p for p in found if p.is_file() and "__pycache__" not in p.parts)


def source_hash(portal_name: str, root: Path = ROOT) -> str:
    """Fingerprint of the front end's sources. The name of the portal is part of the pages."""
    digest = hashlib.sha256(f"{portal_name}\n".encode())
    for path in _files(root):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def is_current(env: Mapping[str, str]) -> bool:
    """Whether the build in .web was made from these sources."""
    return STAMP.exists() and STAMP.read_text() == source_hash(env.get("PORTAL_NAME", ""))


def build_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Node and npm of the wheel, nothing measured, nothing of this machine in the lock file."""
    binaries = str(Path(sys.executable).parent)
    return {
        **env,
        "PATH": f"{binaries}{os.pathsep}{env.get('PATH', os.defpath)}",
        "REFLEX_USE_NPM": "true",
        "REFLEX_TELEMETRY_ENABLED": "false",
        # Replaced when served (Edge), so one build fits every address.
        "REFLEX_API_URL": env.get("REFLEX_API_URL", "http://localhost:3000"),
        "npm_config_omit_lockfile_registry_resolved": "true",
        "npm_config_fetch_retries": "3",
        "npm_config_fund": "false",
        "npm_config_audit": "false",
    }


def ensure_built(env: Mapping[str, str]) -> bool:
    """Build unless the build is current; True when it had to. Two builds of one checkout never run at once.

    Raises BuildFailed.
    """
    WEB.mkdir(exist_ok=True)
    with (ROOT / ".web.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_current(env):
            return False
        _build(env)
        return True


def _build(env: Mapping[str, str]) -> None:
    sources = source_hash(env.get("PORTAL_NAME", ""))
    STAMP.unlink(missing_ok=True)
    export(ROOT, env, logs_folder() / "build.log")
    _settle(ROOT / "reflex.lock/package.json")
    STAMP.write_text(sources)


def _settle(manifest: Path) -> None:
    """The order of its keys changes from build to build; written in ours, it differs only when something does."""
    content = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def export(project: Path, env: Mapping[str, str], log: Path) -> None:
    """Compile and bundle the Reflex project in that folder. Raises BuildFailed with the end of the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    with log.open("wb") as out:
        done = subprocess.run(command, cwd=project, env=build_environment(env), stdout=out, stderr=out, check=False)
    if done.returncode or not (project / ".web/build/client/index.html").exists():
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
        raise BuildFailed("The front end could not be built:\n" + "\n".join(tail))
