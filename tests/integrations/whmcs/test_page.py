"""docs/integration-whmcs.md names tests and modules that are there, and every oddity of the checklist."""

import re
from pathlib import Path
from typing import get_args

from portal_app.integrations import whmcs as client_package
from portal_app.integrations.whmcs.refusals import Refusal

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "integration-whmcs.md").read_text(encoding="utf-8")
HERE = Path(__file__).parent


def found_in(*files: Path) -> set[str]:
    return {name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8"))}


def test_every_test_named_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 60
    assert named - found_in(*HERE.glob("test_*.py")) == set()
    assert [path for path in re.findall(r"`(tests/[\w/]+\.py)`", PAGE) if not (ROOT / path).is_file()] == []


def test_every_line_of_the_checklist_is_on_the_page() -> None:
    assert {name for name in found_in(HERE / "test_checklist.py") if f"`{name}`" not in PAGE} == set()


def test_every_module_and_every_code_is_on_the_page() -> None:
    modules = {path.name for path in Path(next(iter(client_package.__path__))).glob("*.py")} - {"__init__.py"}
    assert {name for name in modules if name not in PAGE} == set()
    at_the_door = {"allowlist", "credential", "malformed"}  # outages, not refusals
    assert {code for code in get_args(Refusal) if f"`{code}`" not in PAGE} == at_the_door
