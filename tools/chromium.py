"""The system's Chromium, driven by Playwright; no browser is ever downloaded."""

from playwright.async_api import Browser, Playwright

from tools.system import chromium

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


async def launch(playwright: Playwright, *more: str) -> Browser:
    """Headless, with `more` flags. Raises SystemExit when there is none."""
    path = chromium()
    if not path:
        raise SystemExit("Chromium is missing. Run: apt-get install -y chromium")
    return await playwright.chromium.launch(executable_path=path, args=[*FLAGS, *QUIET, *more])
