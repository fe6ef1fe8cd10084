"""Which record an address names, as the browser and the server understand it alike."""

import re
from typing import Final

NAMED: Final = "/([A-Za-z0-9]{1,40})/*$"
"""The end of a path. What is written in any other way names no record of ours."""


def named_in(path: str) -> str:
    """The id at the end of a path; "" where it can be no id."""
    found = re.search(NAMED, path)
    return found[1] if found else ""
