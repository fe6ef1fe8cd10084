"""What a first visit costs a phone's data plan."""

from typing import Any

from portal_app import routes
from tests.support.browser import dashboard_ready

MOST_KB = 178
"""With what is listed there: it comes in the HTML, and is not counted where it comes by the socket."""


async def test_a_first_visit_to_the_dashboard_transfers_little(person):
    visitor = await person()
    session = await visitor.context.new_cdp_session(visitor.page)
    await session.send("Network.enable")
    received: list[float] = []
    encodings: dict[str, str] = {}
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    visitor.page.on("response", lambda r: encodings.update({r.url: r.headers.get("content-encoding", "")}))
    page = await visitor.go(routes.DASHBOARD)
    await dashboard_ready(page)
    await page.wait_for_load_state("networkidle")
    assert sum(received) / 1000 <= MOST_KB
    scripts = {url: coding for url, coding in encodings.items() if "/assets/" in url and "reflex-env" not in url}
    assert scripts
    assert {coding for url, coding in scripts.items() if url.endswith((".js", ".css"))} == {"br"}


async def test_a_second_visit_asks_for_no_script_again(person):
    visitor = await person()
    await dashboard_ready(await visitor.go(routes.DASHBOARD))
    page = await visitor.context.new_page()
    session = await visitor.context.new_cdp_session(page)
    await session.send("Network.enable")
    answers: list[dict[str, Any]] = []
    session.on("Network.responseReceived", lambda event: answers.append(event["response"]))
    await page.goto(visitor.url + routes.DASHBOARD)
    await dashboard_ready(page)
    scripts = [a for a in answers if "/assets/" in a["url"] and "reflex-env" not in a["url"]]
    assert scripts
    assert [a["url"] for a in scripts if not a["fromDiskCache"]] == []
