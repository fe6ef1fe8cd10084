"""One portal and one Chromium for all browser tests of a run; every test gets people of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.support.browser import Person, new_person
from tests.support.portal import RunningPortal, running_portal
from tools.chromium import launch


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them share one event loop, because they share one browser."""
    for item in items:
        if item.path.is_relative_to(__file__.removesuffix("/conftest.py")):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Beside a failure stands what the portal logged last."""
    report = yield
    given = getattr(item, "funcargs", {})
    running = given.get("own_portal") or given.get("portal")
    if report.failed and running:
        report.sections.append(("portal log", running.processes.portal.log_tail(25)))
    return report


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """A portal with its sandbox on ports of their own."""
    with running_portal(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium_browser() -> AsyncIterator[Browser]:
    """The system's Chromium."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture
def own_portal(tmp_path: Path) -> Iterator[RunningPortal]:
    """A portal for one test that breaks things which heal only with time."""
    with running_portal(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def person(
    chromium_browser: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Callable[..., Awaitable[Person]]]:
    """Make people: `await person()` is signed in as the demo customer, `await person(email="")` is nobody.

    Afterwards a browser that complained about anything unexpected fails the test.
    """
    people: list[Person] = []
    own = "own_portal" in request.fixturenames
    running: RunningPortal = request.getfixturevalue("own_portal" if own else "portal")

    async def make(email: str = "demo@example.com", *, url: str = "", **options: Any) -> Person:
        people.append(await new_person(chromium_browser, url or running.url, **options))
        if email:
            await people[-1].sign_in(email)
        return people[-1]

    yield make
    for one in people:
        await one.context.close()
    assert [problem for one in people for problem in one.unexpected] == []
