"""How much of the organisation's daily API allowance is used, and who may still call (T5).

Source: the `Sforce-Limit-Info` header of nearly every reply, a few minutes behind.
"""

import logging
import re
import time
from collections.abc import Callable
from typing import Final

from portal_app.errors import UpstreamUnavailable

SYSTEM: Final = "salesforce"
WARN, BACKGROUND_OFF, ONLY_CHECKOUT = 0.70, 0.85, 0.95
LOOK_AGAIN_S: Final = 300.0
_HEADER: Final = re.compile(r"(?:^|[;\s])api-usage=(\d{1,9})/(\d{1,9})", re.ASCII)
log = logging.getLogger(__name__)


class ApiUsage:
    """Steps at 70, 85 and 95 %. A figure older than five minutes is looked at again by letting one call through."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._figures: tuple[int, int] = (0, 0)
        self._seen_at = now()

    @property
    def share(self) -> float:
        """0.0 to 1.0 and above; 0.0 while nothing is known."""
        used, total = self._figures
        return used / total if total else 0.0

    def note(self, header: str) -> None:
        """Read one `Sforce-Limit-Info`; one that says nothing is ignored. May be called from any thread."""
        if found := _HEADER.search(header):
            self._set(int(found[1]), int(found[2]))

    def spent(self) -> None:
        """A call was refused because the day's allowance is used up."""
        total = self._figures[1] or 1
        self._set(total, total)

    def check(self, operation: str, *, background: bool = False, checkout: bool = False) -> None:
        """Raises: UpstreamUnavailable("daily_limit") when this call must leave what is left to more important ones."""
        share = self.share
        if checkout or share < BACKGROUND_OFF or (share < ONLY_CHECKOUT and not background):
            return
        if self._now() - self._seen_at >= LOOK_AGAIN_S and not background:
            self._seen_at = self._now()
            return
        raise UpstreamUnavailable(SYSTEM, operation, "daily_limit")

    def state(self) -> dict[str, object]:
        """For health and metrics."""
        used, total = self._figures
        return {"used": used, "total": total, "share": round(self.share, 3), "step": _step(self.share)}

    def _set(self, used: int, total: int) -> None:
        before = _step(self.share)
        self._figures, self._seen_at = (used, total), self._now()
        if (after := _step(self.share)) != before:
            level = logging.WARNING if after else logging.INFO
            log.log(level, "daily api usage", extra={"system": SYSTEM, "code": after or "normal"})


def _step(share: float) -> str:
    steps = ((ONLY_CHECKOUT, "only_checkout"), (BACKGROUND_OFF, "background_off"), (WARN, "warn"))
    return next((word for least, word in steps if share >= least), "")
