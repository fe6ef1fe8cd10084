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

    def saying(self, words: str, after: int = 0) -> dict[str, Any]:
        """A mail with these words that comes after the first `after`."""
        return self._soon(re.compile(re.escape(words)), after)[0]

    def link(self, after: int = 0) -> str:
        """The link with a token in such a mail."""
        return self._soon(LINK, after)[1].group(0)

    def code(self, after: int = 0) -> str:
        """The six digits in such a mail."""
        return self._soon(CODE, after)[1].group(1)

    def _soon(self, pattern: re.Pattern[str], after: int) -> tuple[dict[str, Any], re.Match[str]]:
        """Others may arrive beside it: each mail leaves when it can."""

        def found() -> tuple[dict[str, Any], re.Match[str]] | None:
            mails = self.all()
            newer = mails[: max(0, len(mails) - after)]
            return next(((mail, match) for mail in newer if (match := pattern.search(mail["text"]))), None)

        return within(f"a mail with {pattern.pattern}", found)
