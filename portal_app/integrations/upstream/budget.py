"""Retries may be a tenth of the calls, no more: a struggling system is not hit with several times its load."""

from collections import deque

from portal_app.integrations.upstream.deadline import loop_time
from portal_app.integrations.upstream.policy import UpstreamPolicy


class RetryBudget:
    """Calls and retries of the last `retry_window_s`. A few (`retry_floor`) are always allowed."""

    def __init__(self, policy: UpstreamPolicy) -> None:
        self._policy = policy
        self._calls: deque[float] = deque()
        self._retries: deque[float] = deque()

    def count_call(self) -> None:
        """A first attempt starts."""
        self._calls.append(loop_time())
        self._forget_old()

    def spend(self) -> bool:
        """Whether one more retry is within the budget; counts it when it is."""
        self._forget_old()
        if len(self._retries) >= max(self._policy.retry_floor, self._policy.retry_share * len(self._calls)):
            return False
        self._retries.append(loop_time())
        return True

    def _forget_old(self) -> None:
        oldest = loop_time() - self._policy.retry_window_s
        for times in (self._calls, self._retries):
            while times and times[0] < oldest:
                times.popleft()
