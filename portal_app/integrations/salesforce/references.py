"""What the portal writes on an account about its billing client: `#<client id> - <First Last>`."""

import re
from typing import Final

LONGEST: Final = 255
LARGEST_WHMCS_ID: Final = 2**31 - 1
_REFERENCE: Final = re.compile(r"\s*#\s*([1-9][0-9]{0,9})(?![0-9])", re.ASCII)


def whmcs_reference(whmcs_client_id: int, first_name: str, last_name: str) -> str:
    """`#<id> - <First Last>`, one line, at most 255 characters."""
    name = " ".join(f"{first_name} {last_name}".split())
    shown = "".join(char for char in name if char.isprintable())
    return f"#{whmcs_client_id} - {shown}"[:LONGEST].rstrip()


def parse_whmcs_reference(text: str) -> int | None:
    """The client id in `#<id> - <First Last>`, None where there is none."""
    found = _REFERENCE.match(text)
    whmcs_client_id = int(found[1]) if found else 0
    return whmcs_client_id if 0 < whmcs_client_id <= LARGEST_WHMCS_ID else None
