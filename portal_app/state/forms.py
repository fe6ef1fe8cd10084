"""What a refused form left for its page: reasons, typed values, a wait. Taken once from the flash; never a secret."""

from typing import Any

import reflex as rx

from portal_app import wiring
from portal_app.state.guard import cookie_items

FIELD, VALUE = "field.", "value."


class FormState(rx.State, mixin=True):
    """Mixed into the state of a page with a form. `errors` and `values` are by the name of the field."""

    error: str = ""  # key into `text` about the form as a whole, "" when it was not refused
    notice: str = ""  # key into `text`: good news from the page before
    email: str = ""
    minutes: str = ""
    seconds: str = ""
    errors: dict[str, str] = {}
    values: dict[str, str] = {}
    loaded: bool = False

    _flash_key: str = ""

    async def _take_flash(self) -> None:
        """Show once what the page was sent back with. A reconnect changes nothing."""
        key = cookie_items(self.router.headers.cookie).get("flash", "")
        if not (key and key == self._flash_key):
            self._show(await wiring.flash().take(key) if key else {})
        self._flash_key = key
        self.loaded = True

    def _show(self, kept: dict[str, str]) -> None:
        self.error, self.notice, self.email = (kept.get(name, "") for name in ("error", "notice", "email"))
        self.errors, self.values = _named(kept, FIELD), _named(kept, VALUE)
        self.minutes, self.seconds = wait(kept.get("retry_after", ""))


def _named(kept: dict[str, str], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): text for name, text in kept.items() if name.startswith(prefix)}


def wait(retry_after: str) -> tuple[str, str]:
    """Minutes, rounded up, or seconds below two minutes; the other one is ""."""
    seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0
    if seconds >= 120:
        return str(-(-seconds // 60)), ""
    return "", str(seconds) if seconds else ""
