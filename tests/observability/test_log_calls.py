"""Reads our own source: a log call says fixed words and listed fields, nothing else could be proved harmless."""

import ast
from pathlib import Path

from portal_app.observability import logs

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
LISTED = logs.WORDS | logs.NUMBERS | logs.IDS

SOURCES = sorted(Path(logs.__file__).parents[1].rglob("*.py"))


def _problem(call: ast.Call) -> str:
    word = call.args[0] if call.args else None
    if not (isinstance(word, ast.Constant) and isinstance(word.value, str) and logs._MESSAGE.fullmatch(word.value)):
        return "the message is not made of fixed words"
    extra = next((k.value for k in call.keywords if k.arg == "extra"), None)
    if isinstance(extra, ast.Dict):
        keys = [k.value if isinstance(k, ast.Constant) else None for k in extra.keys]
        unlisted = [k for k in keys if k not in LISTED]
        return f"fields not listed in observability/logs.py: {unlisted}" if unlisted else ""
    return ""


def _log_calls(tree: ast.Module) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("log", "logger")
    ]


def test_r1_every_log_call_has_fixed_words_and_listed_fields():
    problems = [
        f"{path.name}:{call.lineno}: {problem}"
        for path in SOURCES
        for call in _log_calls(ast.parse(path.read_text(encoding="utf-8")))
        if (problem := _problem(call))
    ]
    assert problems == []


def test_the_check_sees_a_value_inside_a_message():
    tree = ast.parse('log.info(f"password {x}")\nlog.info("a word" + x)\nlog.info("a_word", extra={"shoe": 1})')
    assert [bool(_problem(call)) for call in _log_calls(tree)] == [True, True, True]
