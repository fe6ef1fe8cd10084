"""Reflex's conditions as the server decides them: the few forms of script it writes, in Jinja's words."""

import re
from collections.abc import Collection

from reflex_base.constants.state import FIELD_MARKER

from portal_app.priming.declared import is_marked

_VAR = re.compile(rf"\b(reflex___state____state\w*)\.(\w+?){FIELD_MARKER}\b")
_ROW = re.compile(rf"(?<![.\w])(\w+{FIELD_MARKER})\b")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_OTHER_NAME = re.compile(r"(?<![.\w\"])(?!reflex___state|isTrue\b|pyAnd\b|pyOr\b|true\b|false\b)([A-Za-z]\w*)")


class UnreadableCondition(ValueError):
    """A condition on a primed value that only a browser could decide. The build ends with it."""


def concerns(script: str, rows: Collection[str]) -> bool:
    """Whether an expression asks for a mark: a primed var, or the row of a loop over one."""
    bare = _TEXT.sub('""', script)
    return any(is_marked(*found) for found in _VAR.findall(bare)) or any(row in rows for row in _ROW.findall(bare))


def condition(script: str, rows: Collection[str]) -> str:
    """The same condition for the server. Raises: UnreadableCondition."""
    texts: list[str] = []

    def aside(match: re.Match[str]) -> str:
        texts.append(match[0])
        return f'"{len(texts) - 1}"'

    asked = _TEXT.sub(aside, script).replace("?.valueOf?.()", "").replace("() => ", "")
    asked = asked.replace("===", "==").replace("!==", "!=").replace("?.[", "[")
    asked = re.sub(r"!(?!=)", " not ", asked)
    asked = re.sub(r"([\w.]+(?:\[\"\d+\"\])*)\.length\b", r"(\1|length)", asked)
    asked = re.sub(r"([\w.]+(?:\[\"\d+\"\])*|\[[^\]]*\])\.includes\(", r"includes(\1, ", asked)
    asked = re.sub(r"([\w.]+(?:\[\"\d+\"\])*)\.startsWith\(", r"begins(\1, ", asked)
    strange = [n for n in _OTHER_NAME.findall(asked) if n not in rows and n not in _WORDS and FIELD_MARKER not in n]
    if strange or "=>" in asked or "?" in asked:
        raise UnreadableCondition(f"no server can decide {script}: give the page a var of its own for it")
    return re.sub(r'"(\d+)"', lambda match: texts[int(match[1])], asked)


_WORDS = {"not", "length", "includes", "begins", "namedHere"}
