"""A person at a real browser: signs in, opens pages in tabs, and remembers everything the browser complained about."""

import re
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from portal_app import routes
from tools.run import DEMO_PASSWORD

DEMO = "demo@example.com"
SECOND = "second@example.com"
WIDE, NARROW, SMALLEST = (1280, 900), (390, 844), (360, 740)

expect.set_options(timeout=10_000)


class Person:
    """One browser profile. `page` is the first tab; `problems` holds console errors of all tabs."""

    page: Page

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.problems: list[str] = []
        self.expected: list[str] = []
        context.on("console", self._note)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))

    def _note(self, message: ConsoleMessage) -> None:
        # The stand-in's own pages may say what they like.
        if message.type == "error" and (message.page is None or message.page.url.startswith(self.url)):
            self.problems.append(message.text)

    @property
    def unexpected(self) -> list[str]:
        """Complaints no pattern in `expected` speaks of."""
        return [text for text in self.problems if not any(re.search(pattern, text) for pattern in self.expected)]

    async def sign_in(self, email: str = DEMO, password: str = DEMO_PASSWORD) -> None:
        """Get the cookies straight from the door; the sign-in page has tests of its own."""
        answer = await self.context.request.post(
            self.url + routes.API_LOGIN,
            form={"email": email, "password": password, "next": routes.DASHBOARD},
            headers={"Origin": self.url},
            max_redirects=0,
        )
        assert answer.status == 303, answer.status
        assert answer.headers["location"].endswith(routes.DASHBOARD), "sign-in was refused"

    async def open(self, path: str) -> Page:
        """A path of the portal in a new tab; its socket is live once the heading stands."""
        page = await self.context.new_page()
        await page.goto(self.url + path)
        return page

    async def go(self, path: str) -> Page:
        """A path of the portal in the first tab."""
        await self.page.goto(self.url + path)
        return self.page


async def new_person(browser: Browser, url: str, *, size: tuple[int, int] = WIDE, **options: Any) -> Person:
    """A fresh profile with one empty tab."""
    viewport = {"width": size[0], "height": size[1]}
    context = await browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    person = Person(context, url)
    person.page = await context.new_page()
    return person


def row(page: Page, whmcs_invoice_id: int) -> Any:
    """The row of one invoice in a list."""
    return page.locator(f"[data-invoice='{whmcs_invoice_id}']")


async def dashboard_ready(page: Page) -> None:
    """Wait until figures and recent invoices stand."""
    await expect(page.locator("#unpaid-amount")).to_have_text(re.compile(r"\d"))
    await expect(page.locator("#active-services")).to_have_text(re.compile(r"\d"))


async def rows_ready(page: Page) -> None:
    """Wait until a list page shows its rows."""
    await expect(page.locator("[data-invoice]").first).to_be_visible()


async def invoice_ready(page: Page, status: str) -> None:
    """Wait until an invoice page shows this status."""
    await expect(page.locator("#invoice")).to_have_attribute("data-status", status)
