"""A prerendered page as a template: what stood between marks is decided, repeated and filled in for each answer."""

import html
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined

from portal_app.priming.words import SPOKEN

ELEMENT_ID = "primed"
_ELEMENT = re.compile(r'(.?)<x-m k="([^"]*)"></x-m>(?=(.?))', re.DOTALL)
_WITHIN = re.compile("([\ue000\ue002])([^\ue000-\ue00f]*)([\ue001\ue003])")
_PATH = re.compile("/\ue006([^\ue000-\ue00f]*)\ue007")
_BETWEEN_TEXTS = "<!-- -->"


class BadPath(ValueError):
    """A link was to be filled with something that is no path of the portal."""


class _Marks(Environment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        """The values are plain dictionaries, whose own methods are nobody's business."""
        return obj[attribute] if isinstance(obj, dict) and attribute in obj else super().getattr(obj, attribute)


def _path(value: str) -> str:
    if value and (not value.startswith("/") or value.startswith("//")):
        raise BadPath("a link is no path of ours")
    return value


def _script(value: bool) -> str:
    return "true" if value else "false"


_ENVIRONMENT = _Marks(
    block_start_string="\ue002",
    block_end_string="\ue003",
    variable_start_string="\ue000",
    variable_end_string="\ue001",
    comment_start_string="\ue004",
    comment_end_string="\ue005",
    autoescape=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
)
_ENVIRONMENT.globals.update(SPOKEN)
_ENVIRONMENT.filters.update(path=_path, script=_script)


class Template:
    """One prerendered page. Raises jinja2.TemplateSyntaxError where marks do not belong together."""

    def __init__(self, prerendered: str) -> None:
        self._template = _ENVIRONMENT.from_string(source(prerendered))

    def render(self, values: Mapping[str, Any]) -> str:
        """The page. `values`: state as scripts name it -> var -> value; every text is escaped.

        Raises: jinja2.UndefinedError for a value nobody gave, BadPath.
        """
        return self._template.render(values)


def source(prerendered: str) -> str:
    """The template's text. React escaped what stands within the marks; Jinja reads it as it was."""
    text = _ELEMENT.sub(_block, prerendered)
    text = _WITHIN.sub(lambda m: m[1] + html.unescape(m[2]) + m[3], text)
    return _PATH.sub(lambda m: f"\ue000{html.unescape(m[1])}|path\ue001", text)


def _block(match: re.Match[str]) -> str:
    before, said, after = match[1], match[2], match[3]
    # Two texts that meet are two nodes to React and one to a browser, unless something stands between.
    apart = "" if before in ">" and after in "<" else _BETWEEN_TEXTS
    return f"{before}{apart}\ue002{said}\ue003"


def told(values: str) -> str:
    """The element that carries `values`, which are JSON, to the page's scripts: data, which no policy has to allow."""
    return f'<script type="application/json" id="{ELEMENT_ID}">{values.replace("<", chr(92) + "u003c")}</script>'
