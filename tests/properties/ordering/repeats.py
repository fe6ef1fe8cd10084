"""Keeps watch over orders that are sent again.

One whose answer was lost may be sent again only after a look at what is there, and that look only after Salesforce must
have been done with it (F4, F8a).
"""

import asyncio
import json
from collections import defaultdict
from typing import Final
from urllib.parse import unquote_plus, urlsplit

import requests

from tests.properties.ordering.scenes import PLACING

SETTLE_S: Final = 60.0


class Repeats:
    """`wrongs`: what was done too early, or blindly."""

    def __init__(self) -> None:
        self.wrongs: list[str] = []
        self._looks: dict[str, list[float]] = defaultdict(list)
        self._lost: dict[str, list[float]] = defaultdict(list)

    def note(self, operation: str, request: requests.PreparedRequest, *, lost: bool) -> None:
        """One request, before it is answered; `lost`: it will not be answered."""
        now = asyncio.get_running_loop().time()
        if operation == "query":
            asked = unquote_plus(urlsplit(str(request.url)).query)
            for key in [key for key in self._lost if key in asked]:
                self._looks[key].append(now)
        elif operation == PLACING:
            for part in json.loads(request.body or "{}")["compositeRequest"]:
                if key := part["body"].get("Idempotency_Key__c"):
                    self._sent(key, now, lost=lost)

    def _sent(self, key: str, now: float, *, lost: bool) -> None:
        for sent_at in self._lost[key]:
            if not any(look >= sent_at + SETTLE_S for look in self._looks[key]):
                self.wrongs.append("an order was sent again without a look after the settle time")
        if lost:
            self._lost[key].append(now)
