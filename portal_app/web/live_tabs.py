"""Which connected tabs of this process show what, so that a hint on the bus re-runs only their load handlers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Tab:
    """One browser tab: whose session it is and which load handlers its present page ran, by topic.

    `router` is what its last event said about page and handshake.
    """

    session_id: str
    user_id: str
    path: str = ""
    handlers: dict[str, set[str]] = field(default_factory=dict)
    router: dict[str, Any] = field(default_factory=dict)


class LiveTabs:
    """In-process registry keyed by Reflex's client token. Holds no data of a customer."""

    def __init__(self) -> None:
        self._tabs: dict[str, Tab] = {}

    def bind(self, token: str, session_id: str, user_id: str) -> None:
        """The tab now belongs to this session; what it showed under another one is forgotten."""
        tab = self._tabs.get(token)
        if tab is None or tab.session_id != session_id:
            self._tabs[token] = Tab(session_id, user_id)

    def shows(self, token: str, path: str, topic: str, handler: str) -> None:
        """The tab ran a live handler on this path; a new path replaces what the old one showed."""
        tab = self._tabs.get(token)
        if tab is None:
            return
        if tab.path != path:
            tab.path, tab.handlers = path, {}
        tab.handlers.setdefault(topic, set()).add(handler)

    def routed(self, token: str, router: dict[str, Any]) -> None:
        """An event of the tab's own came with this."""
        if tab := self._tabs.get(token):
            tab.router = router

    def router_of(self, token: str) -> dict[str, Any]:
        """What the tab's last own event came with, {} when unknown."""
        tab = self._tabs.get(token)
        return tab.router if tab else {}

    def forget(self, token: str) -> None:
        """The tab is gone."""
        self._tabs.pop(token, None)

    def keep_only(self, connected: Iterable[str]) -> None:
        """Drop every tab whose socket is not among the connected ones."""
        alive = set(connected)
        for token in [t for t in self._tabs if t not in alive]:
            del self._tabs[token]

    def session_of(self, token: str) -> str:
        """The session a tab is bound to in this process, "" when unknown."""
        tab = self._tabs.get(token)
        return tab.session_id if tab else ""

    def of_session(self, session_id: str) -> list[str]:
        """Tokens of every tab of a session."""
        return [token for token, tab in self._tabs.items() if tab.session_id == session_id]

    def showing(self, user_id: str, topic: str) -> list[tuple[str, str]]:
        """(token, handler name) of every tab of a user that shows a topic."""
        return [
            (token, handler)
            for token, tab in self._tabs.items()
            if tab.user_id == user_id
            for handler in sorted(tab.handlers.get(topic, ()))
        ]

    def showing_to_anybody(self, topic: str) -> list[tuple[str, str]]:
        """(token, handler name) of every tab that shows a topic, whoever's."""
        return [
            (token, handler) for token, tab in self._tabs.items() for handler in sorted(tab.handlers.get(topic, ()))
        ]

    def everything(self) -> list[tuple[str, str]]:
        """(token, handler name) of all that is shown anywhere in this process."""
        return [(token, handler) for token in self._tabs for handler in self.handlers_of(token)]

    def handlers_of(self, token: str) -> list[str]:
        """Every load handler the tab's present page ran."""
        tab = self._tabs.get(token)
        return sorted({h for names in tab.handlers.values() for h in names}) if tab else []

    def __len__(self) -> int:
        return len(self._tabs)
