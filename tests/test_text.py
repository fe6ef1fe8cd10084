"""Every sentence exists in both languages, is used, and nothing is said outside the table."""

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal_app.text import ROOMS, SENTENCES, say

CODE = Path("portal_app")
LOOKS = [*sorted((CODE / "pages").glob("*.py")), *sorted((CODE / "components").glob("*.py"))]

LABELS = {"title", "aria_label", "placeholder", "alt"}


def strings(path: Path) -> Iterator[tuple[ast.Constant, str]]:
    """Every string of a module that is neither a docstring nor a comment."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node, node.value


def placeholders(sentence: str) -> Counter:
    return Counter(name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)


def everything_said() -> set[str]:
    return {value for path in CODE.rglob("*.py") if CODE / "text" not in path.parents for _, value in strings(path)}


@pytest.mark.parametrize("key", sorted(SENTENCES))
def test_a_sentence_has_both_languages_with_the_same_placeholders(key):
    english, japanese = SENTENCES[key]
    assert english.strip() == english != ""
    assert japanese.strip() == japanese != ""
    assert set(placeholders(english)) == set(placeholders(japanese))


def test_no_room_repeats_a_key_of_another():
    assert len(SENTENCES) == sum(map(len, ROOMS))


def test_every_key_is_used():
    assert sorted(set(SENTENCES) - everything_said()) == []


def test_every_key_that_is_asked_for_exists():
    asked = {
        node.args[place].value  # type: ignore[attr-defined]
        for path in CODE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for name, place in (("t", 0), ("say", 1))
        if getattr(node.func, "id", "") == name
        and len(node.args) > place
        and isinstance(node.args[place], ast.Constant)
    }
    assert asked - set(SENTENCES) == set()
    assert len(asked) > 50


def test_every_value_a_sentence_wants_is_given_where_pages_say_it():
    for path in LOOKS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "t"
                and isinstance(node.args[0], ast.Constant)
            ):
                given = {keyword.arg for keyword in node.keywords}
                assert given == set(placeholders(SENTENCES[str(node.args[0].value)][0])), f"{path}:{node.lineno}"


def literal_sentences(path: Path) -> list[str]:
    """Strings a component would show as they stand: positional arguments and labels that read like words."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).startswith("rx.el"):
            continue
        spoken = [*node.args, *(k.value for k in node.keywords if k.arg in LABELS)]
        found += [
            f"{path}:{part.lineno} {part.value!r}"
            for part in spoken
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and re.search(r"[^\W\d_]", part.value)
        ]
    return found


def test_no_page_or_component_says_a_sentence_of_its_own():
    assert [said for path in LOOKS for said in literal_sentences(path)] == []


def test_no_page_or_component_holds_japanese():
    japanese = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
    assert [f"{path}: {text}" for path in LOOKS for _, text in strings(path) if japanese.search(text)] == []


def test_the_server_speaks_the_customers_language():
    assert say("ja", "common.as_of", time="12:00") == "12:00 現在"
    assert say("en", "common.as_of", time="12:00") == "As of 12:00"
    assert say("xx", "common.sign_out") == "Sign out"


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError):
        say("en", "nothing.here")
