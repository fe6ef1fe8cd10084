"""O3: queries are made by the quoting formatter only, and the sources are read to prove it."""

import ast
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.integrations.salesforce.soql import Soql, soql
from tests.integrations.virtual_time import in_virtual_time

PORTAL = Path(__file__).resolve().parents[3] / "portal_app"
PACKAGE = PORTAL / "integrations" / "salesforce"
QUERY = re.compile(r"\bSELECT\b.+\bFROM\b", re.IGNORECASE | re.DOTALL)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("O'Neil", r"'O\'Neil'"),
        ("x' OR Name != '", r"'x\' OR Name != \''"),
        ("\\", r"'\\'"),
        (["a", "b"], "('a','b')"),
        (None, "null"),
        (True, "true"),
        (7, "7"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02T03:00:00+00:00"),
    ],
)
def test_values_are_quoted(value, shown):
    assert soql("SELECT Id FROM Account WHERE X = {}", value) == f"SELECT Id FROM Account WHERE X = {shown}"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50))
def test_no_text_ends_its_quotes(text):
    inside = soql("{}", text)[1:-1]
    assert re.fullmatch(r"(?:[^'\\]|\\.)*", inside, re.DOTALL)


def test_a_like_pattern_escapes_its_signs():
    assert soql("SELECT Id FROM A WHERE N LIKE '%{:like}%'", "a%_'") == r"SELECT Id FROM A WHERE N LIKE '%a\%\_\'%'"


@pytest.mark.parametrize(
    ("template", "values", "names"),
    [
        ("{:literal}", ("x",), {}),
        ("{0:literal}", ("x",), {}),
        ("{name}", (), {"name": "Id"}),
        ("{name:like}", (), {"name": "Id"}),
        ("{name!r:literal}", (), {"name": "Id"}),
        ("{name:literal}", (), {"name": "Id FROM User"}),
        ("{name:literal}", (), {"name": "Id--"}),
        ("{name:literal}", (), {"name": "a..b"}),
        ("{name:literal}", (), {"name": 7}),
        ("{name[x]:literal}", (), {"name": {"x": "Id'"}}),
        ("{}", ([],), {}),
        ("{}", ("x" * 4001,), {}),
        ("{}", ("\0",), {}),
        ("{}", ("\ud800",), {}),
        ("{}", (["ok", "\ud800"],), {}),
        ("{}", (Decimal("1.5"),), {}),
        ("{}", (object(),), {}),
    ],
)
def test_what_is_no_certain_soql_is_refused(template, values, names):
    with pytest.raises(ValueError):
        soql(template, *values, **names)


@in_virtual_time
async def test_the_client_sends_no_text_that_is_not_made_by_the_formatter(connected, salesforce):
    with pytest.raises(TypeError):
        await connected.client.query("SELECT Id FROM Account")
    assert salesforce.asked == []


@in_virtual_time
async def test_a_query_too_long_for_an_address_is_our_mistake(connected, salesforce):
    ids = ["x" * 18] * 700
    with pytest.raises(ValueError):
        await connected.client.query(soql("SELECT Id FROM Account WHERE Id IN {}", ids))
    assert salesforce.asked == []


def violations(source: str, name: str) -> list[str]:
    """Sentences about every query that does not go through `soql` with a constant."""
    found: list[str] = []
    inside: set[int] = set()
    tree = ast.parse(source)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = ast.unparse(call.func)
        if called.split(".")[-1] == "soql":
            inside |= {id(node) for node in ast.walk(call)}
            if not call.args or not isinstance(call.args[0], ast.Constant):
                found.append(f"{name}:{call.lineno} soql() wants a constant")
        past = re.search(r"(^|\.)sf\.(query|quick_search|search)", called) or called.endswith("Soql")
        if past and name not in ("client.py", "soql.py"):
            found.append(f"{name}:{call.lineno} goes past the client")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(a.name == "format_soql" for a in node.names) and name != "soql.py":
            found.append(f"{name}:{node.lineno} imports format_soql")
        if id(node) not in inside and QUERY.search(_text(node)):
            found.append(f"{name}:{getattr(node, 'lineno', 0)} a query outside of soql()")
    return found


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "x".join(part.value for part in node.values if isinstance(part, ast.Constant))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_o3_no_source_joins_a_query_together():
    for path in sorted(PACKAGE.rglob("*.py")):
        assert violations(path.read_text(encoding="utf-8"), path.name) == []


@pytest.mark.parametrize(
    "bad",
    [
        "soql(f'SELECT Id FROM A WHERE X = {x}')",
        "soql('SELECT Id FROM A WHERE X = ' + x)",
        "soql('SELECT Id FROM A WHERE X = %s' % x)",
        "soql('SELECT Id FROM A WHERE X = {}'.format(x))",
        "q = 'SELECT Id FROM A WHERE X = ' + x",
        "q = f'SELECT {names} FROM A'",
        "Soql('x')",
        "self.sf.query(x)",
        "sf.query_all_iter(x)",
        "from simple_salesforce import format_soql",
    ],
)
def test_a_planted_violation_is_seen(bad):
    assert violations(bad, "orders.py")


def test_custom_fields_are_spelled_in_the_field_map_only():
    spelled = re.compile(r"\w+__[ce]\b")
    for path in sorted(PORTAL.rglob("*.py")):
        if path.name == "fields.py" and path.parent == PACKAGE:
            continue
        constants = [n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant)]
        assert [c for c in constants if isinstance(c, str) and spelled.fullmatch(c)] == [], path


def test_a_finished_query_is_still_text():
    assert isinstance(soql("SELECT Id FROM A WHERE X = {}", 1), Soql)
