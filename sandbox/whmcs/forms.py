"""PHP's reading of a form body: brackets become nested arrays, of repeated scalars the last one wins."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from aiohttp import web

Params = dict[str, Any]
BRACKET = re.compile(r"\[([^\]]*)\]")
MAX_INPUT_VARS = 1000


async def read_form(request: web.Request) -> Params:
    """Urlencoded and multipart bodies. Any other content type, JSON included, carries no parameters."""
    fields = await request.post()
    return php_array((key, value) for key, value in fields.items() if isinstance(value, str))


def php_array(pairs: Iterable[tuple[str, str]]) -> Params:
    """`pid[0]=5&pid[1]=9` -> {"pid": {"0": "5", "1": "9"}}. What exceeds max_input_vars is dropped silently [U]."""
    result: Params = {}
    for count, (key, value) in enumerate(pairs):
        if count >= MAX_INPUT_VARS:
            break
        name, _, rest = key.partition("[")
        steps = BRACKET.findall("[" + rest) if rest else []
        name = name.strip().replace(".", "_").replace(" ", "_")
        if name:
            _put(result, [name, *steps], value)
    return result


def _put(target: Params, path: list[str], value: str) -> None:
    for step, following in zip(path, [*path[1:], None], strict=True):
        key = step if step else str(_next_index(target))
        if following is None:
            target[key] = value
            return
        if not isinstance(target.get(key), dict):
            target[key] = {}
        target = target[key]


def _next_index(array: Params) -> int:
    return max((int(key) for key in array if key.isdigit()), default=-1) + 1


def text(params: Params, name: str) -> str:
    """A scalar parameter; absent and array-valued ones read as empty."""
    value = params.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def number(params: Params, name: str, default: int = 0) -> int:
    """As PHP's (int) cast: leading digits count, anything else is 0."""
    value = text(params, name)
    if not value:
        return default
    found = re.match(r"[+-]?\d{1,18}", value)
    return int(found.group()) if found else 0


def flag(params: Params, name: str) -> bool:
    """A non-empty PHP string other than "0" is true, "false" included [U]."""
    return text(params, name) not in ("", "0")


def array(params: Params, name: str) -> Params:
    value = params.get(name, {})
    return value if isinstance(value, dict) else {}
