"""docs/first-data.md tells of the code as it is: every module, every test, and every part of Reflex it stands on."""

import ast
import re
from pathlib import Path

import pytest
import reflex as rx

PAGE = Path("docs/first-data.md").read_text(encoding="utf-8")
PRIMING = sorted(path for path in Path("portal_app/priming").glob("*.py") if path.name != "__init__.py")
CODE = [*PRIMING, Path("portal_app/state/primed.py"), Path("portal_app/state/takeover.py")]
FILE = r"[\w/]+\.py"


def words() -> set[str]:
    """Every word of the page that stands in code's letters."""
    return {word for code in re.findall(r"`([^`]+)`", PAGE) for word in re.findall(r"\w+", code)}


def of_reflex(path: Path) -> set[str]:
    """What a module imports of Reflex beside its documented names."""
    return {
        alias.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reflex")
        for alias in node.names
        if not hasattr(rx, alias.name)
    }


@pytest.mark.parametrize("path", CODE, ids=str)
def test_every_module_is_told_of(path: Path) -> None:
    assert path.name in PAGE


@pytest.mark.parametrize("path", CODE, ids=str)
def test_every_part_of_reflex_that_is_used_is_listed_for_its_next_version(path: Path) -> None:
    assert of_reflex(path) - words() == set()


def test_every_file_it_names_exists() -> None:
    named = {
        file for code in re.findall(r"`([^`]+)`", PAGE) for file in re.findall(rf"\b(?:tests|tools|bench)/{FILE}", code)
    }
    assert len(named) > 5
    assert [file for file in sorted(named) if not Path(file).is_file()] == []
