"""Stops calling a system that fails, and finds out with a few probes when it is back. State is per process."""

from collections import deque
from typing import Literal

from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.upstream.deadline import loop_time
from portal_app.integrations.upstream.policy import UpstreamPolicy

Phase = Literal["closed", "open", "half_open"]


class Ticket:
    """Leave to make one call. Its first result counts, unless the breaker changed its phase since."""

    def __init__(self, breaker: "Breaker", era: int) -> None:
        self._breaker, self._era, self._used = breaker, era, False

    def _first_use(self) -> bool:
        first, self._used = not self._used, True
        return first and self._era == self._breaker.era

    def succeeded(self) -> None:
        """They answered, be it with a no."""
        if self._first_use():
            self._breaker.on_success()

    def failed(self) -> None:
        """They did not answer, or not with sense."""
        if self._first_use():
            self._breaker.on_failure()

    def refused(self) -> None:
        """Our credential was refused: counts at once, whatever happened meanwhile."""
        self._used = True
        self._breaker.on_refusal()

    def unused(self) -> None:
        """Nothing was learned: the call was cancelled or never sent."""
        if self._first_use():
            self._breaker.on_nothing()


class Breaker:
    """Opens after so many failures in a row, a failing share of the recent calls, or one refused credential."""

    def __init__(self, policy: UpstreamPolicy) -> None:
        self._policy = policy
        self.era = 0
        self._phase: Phase = "closed"
        self._reason = ""
        self._open_until = 0.0
        self._probes = self._probes_wanted = 0
        self._recent: deque[tuple[float, bool]] = deque()
        self._in_a_row = 0

    @property
    def phase(self) -> Phase:
        """closed: calls pass. open: they do not. half_open: probes do."""
        return "half_open" if self._phase == "open" and loop_time() >= self._open_until else self._phase

    @property
    def reason(self) -> str:
        """Why it is not closed: "failures" or "credential"."""
        return self._reason

    @property
    def open_for_s(self) -> float:
        """Seconds until the first probe may go."""
        return max(0.0, self._open_until - loop_time()) if self._phase == "open" else 0.0

    def check(self, operation: str) -> None:
        """Raises: UpstreamUnavailable when a call would not be let through now."""
        if self.phase == "open" or (self.phase == "half_open" and self._probes >= self._probes_allowed()):
            raise UpstreamUnavailable(self._policy.name, operation, f"breaker_{self._reason}")

    def admit(self, operation: str) -> Ticket:
        """Leave to make one call now. Raises: UpstreamUnavailable."""
        self.check(operation)
        if self.phase == "half_open":
            if self._phase == "open":
                self._enter("half_open")
                self._probes, self._probes_wanted = 0, self._probes_allowed()
            self._probes += 1
        return Ticket(self, self.era)

    def _probes_allowed(self) -> int:
        return 1 if self._reason == "credential" else self._policy.breaker_probes

    def on_success(self) -> None:
        """An answer came."""
        if self._phase == "half_open":
            self._probes -= 1
            self._probes_wanted -= 1
            if self._probes_wanted <= 0:
                self._close()
            return
        self._in_a_row = 0
        self._remember(True)

    def on_failure(self) -> None:
        """No answer came."""
        if self._phase == "half_open":
            seconds = self._policy.credential_open_s if self._reason == "credential" else self._policy.breaker_open_s
            self._open(self._reason, seconds)
            return
        self._in_a_row += 1
        self._remember(False)
        if self._in_a_row >= self._policy.breaker_failures or self._too_large_a_share():
            self._open("failures", self._policy.breaker_open_s)

    def on_refusal(self) -> None:
        """Our credential was refused."""
        self._open("credential", self._policy.credential_open_s)

    def on_nothing(self) -> None:
        """A call ended without telling anything: its probe may be made by another."""
        if self._phase == "half_open":
            self._probes -= 1

    def _remember(self, good: bool) -> None:
        now = loop_time()
        self._recent.append((now, good))
        while self._recent[0][0] < now - self._policy.breaker_window_s:
            self._recent.popleft()

    def _too_large_a_share(self) -> bool:
        bad = sum(1 for _, good in self._recent if not good)
        return len(self._recent) >= self._policy.breaker_calls and bad >= self._policy.breaker_share * len(self._recent)

    def _open(self, reason: str, seconds: float) -> None:
        self._enter("open")
        self._reason, self._open_until = reason, loop_time() + seconds

    def _close(self) -> None:
        self._enter("closed")
        self._reason = ""

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self.era += 1
        self._probes = 0  # those of an earlier era are told nowhere any more, and must not bar the way for ever
        self._recent.clear()
        self._in_a_row = 0
