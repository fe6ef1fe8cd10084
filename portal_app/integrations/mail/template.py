"""The shape of a mail: which sentences make it, what they need, and where its button leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Page = Literal[
    "",
    "login",
    "dashboard",
    "sign_up",
    "verify_email",
    "link",
    "forgot_password",
    "reset_password",
    "confirm_email",
    "orders",
    "invoices",
    "payments",
    "cases",
    "checkout",
    "catalog_internet",
    "availability",
    "verification",
]


@dataclass(frozen=True, slots=True)
class Template:
    """Keys into `text` in reading order, the values they need, and the page the button opens.

    `token`: the button's address ends in "#" and the value `token`; a fragment reaches no server and no log of one.
    `code`: the value `code`, six digits, stands large between the first paragraph and the second.
    `words`: values that are one of a few words of ours, each with its key in `text`. `days`: ISO days, or "".
    `amounts`: values that are whole yen. `record`: with a value of that name the button opens the page of that record.
    `by_line`: the address ends in the value `line`, which is one of `words`.
    `only_with`: paragraphs that are left out while the value they are about is "".
    """

    subject: str
    paragraphs: tuple[str, ...]
    values: frozenset[str] = frozenset()
    button: str = ""
    page: Page = ""
    token: bool = False
    code: bool = False
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    days: frozenset[str] = frozenset()
    amounts: frozenset[str] = frozenset()
    record: Literal["", "order_id", "invoice_id", "case_id"] = ""
    by_line: bool = False
    only_with: Mapping[str, str] = field(default_factory=dict)
