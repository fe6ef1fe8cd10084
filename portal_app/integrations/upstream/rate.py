"""At most so many calls in any window of time, counted exactly.

A leaky bucket lets twice the limit through in its first window, and waits in a queue of its own without priorities.
"""

from collections import deque


class Rate:
    """`limit` calls in any `window_s` seconds."""

    def __init__(self, limit: int, window_s: float) -> None:
        self._limit, self._window_s = limit, window_s
        self._times: deque[float] = deque(maxlen=limit)

    def wait(self, now: float) -> float:
        """Seconds until one more call is allowed; 0 when it is now."""
        if len(self._times) < self._limit:
            return 0.0
        return max(0.0, self._times[0] + self._window_s - now)

    def record(self, now: float) -> None:
        """One call starts."""
        self._times.append(now)
