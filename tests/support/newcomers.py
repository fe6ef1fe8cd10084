"""People who are not customers of the portal yet: their data, their mail, and what the outside systems know of them."""

import re
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from playwright.async_api import Page, expect

from portal_app import routes
from tests.support.console import Console

T = TypeVar("T")

PASSWORD: Final = "harbour lantern 58"
CODE: Final = re.compile(r"\b(\d{6})\b")
LINK: Final = re.compile(r"https?://\S+#\S+")
PATIENCE_S: Final = 40.0  # the worker looks for decisions of staff every 15 s


def form_of(number: str, email: str, **changes: str) -> dict[str, str]:
    """What a newcomer types into the sign-up form."""
    typed = {
        "customer_number": number,
        "email": email,
        "password": PASSWORD,
        "first_name": "Mika",
        "last_name": "Aoyama",
        "phone": "090-2222-3344",
        "postal_code": "150-0001",
        "prefecture": "Tokyo",
        "city": "Shibuya-ku",
        "address1": "1-2-3 Jingumae",
    }
    return typed | changes


async def fill(page: Page, typed: dict[str, str]) -> None:
    """Type into the fields of the form on this page, by their names."""
    for name, text in typed.items():
        field = page.locator(f"form [name='{name}']").first
        if await field.evaluate("field => field.tagName") == "SELECT":
            await field.select_option(text)
        else:
            await field.fill(text)


async def sign_up(page: Page, url: str, typed: dict[str, str]) -> None:
    """Fill in the sign-up form, accept the terms, send it."""
    await page.goto(url + routes.SIGN_UP)
    await expect(page.locator("form [name='idempotency_key']").first).to_have_value(re.compile(r"\S{16,}"))
    await fill(page, typed)
    await page.locator("form [name='terms']").check()
    await page.locator("form [name='terms']").evaluate("field => field.form.requestSubmit()")


async def submit(page: Page, typed: dict[str, str]) -> None:
    """Fill in the one form of this page and send it."""
    await fill(page, typed)
    await page.locator(f"form [name='{next(iter(typed))}']").first.evaluate("field => field.form.requestSubmit()")


def within(what: str, ask: Callable[[], T | None], seconds: float = PATIENCE_S) -> T:
    """The first answer that is something. Raises AssertionError when none came in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (found := ask()) is not None:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what} did not come within {seconds:.0f} s")


class Post:
    """The letter box of one address in the stand-in's mail."""

    def __init__(self, console: Console, email: str) -> None:
        self._console, self._email = console, email

    def all(self) -> list[dict[str, Any]]:
        """Every mail so far, newest first."""
        return [mail for mail in self._console.mail() if self._email in mail["to"]]

    def next(self, after: int = 0) -> dict[str, Any]:
        """The mail that comes as number `after` + 1."""
        return within("a mail", lambda: next(iter(self.all()), None) if len(self.all()) > after else None)

    def link(self, after: int = 0) -> str:
        """The link with a token in that mail."""
        return str(_found(LINK, self.next(after)["text"]).group(0))

    def code(self, after: int = 0) -> str:
        """The six digits in that mail."""
        return str(_found(CODE, self.next(after)["text"]).group(1))


def _found(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    match = pattern.search(text)
    assert match is not None, f"no {pattern.pattern} in: {text}"
    return match
