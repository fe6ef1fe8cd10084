"""docs/integration-freebit.md names tests, modules and codes that are there, and every one of them."""

import re
from pathlib import Path
from typing import get_args

from portal_app.integrations import freebit as client_package
from portal_app.integrations.freebit.refusals import KINDS, Refusal

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "integration-freebit.md").read_text(encoding="utf-8")
HERE = Path(__file__).parent
TESTS = [*HERE.glob("test_*.py"), *(ROOT / "tests" / "workflows").glob("test_fulfilment_sims*.py")]


def test_every_test_named_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    there = {name for file in TESTS for name in re.findall(r"def (test_\w+)\(", file.read_text())}
    assert len(named) > 10 and named - there == set()


def test_every_module_and_every_code_is_on_the_page() -> None:
    modules = {path.name for path in Path(next(iter(client_package.__path__))).glob("*.py")} - {"__init__.py"}
    assert {name for name in modules if name not in PAGE} == set()
    assert {word for word in get_args(Refusal) if f"`{word}`" not in PAGE} == set()
    shortened = PAGE.replace("400-501, -502, -503", "400-501 400-502 400-503")
    assert {code for code in KINDS if code not in shortened} == set()
