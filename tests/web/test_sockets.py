"""The socket's door: whose handshake passes, what the app behind sees of it, and how many frames get through."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal_app import wiring
from portal_app.domain.customer import Customer
from portal_app.security.sessions import Resolved, Session
from portal_app.web.sockets import EVENT_BURST, SOCKETS_PER_USER, SocketDoor
from tests.web.test_edge import BASE, settings

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SESSION = Session("sid-1", "user-1", Customer("user-1", 1), "en", NOW, ("pwd",), NOW, NOW + timedelta(hours=12), NOW)


class FakeSessions:
    """The access token `good` is alive; nothing may rotate on a handshake."""

    down = False

    async def resolve(self, access: str | None, refresh: str | None, *, rotate: bool) -> Resolved:
        assert not rotate
        if self.down:
            raise ConnectionError("database")
        return Resolved(SESSION if access == "good" else None)


class AppBehind:
    """Reads every frame and remembers the handshake's headers."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        self.frames = 0
        self.nested: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.headers.append({k.decode(): v.decode() for k, v in scope["headers"]})
        if self.nested:
            await self.nested()
        while (message := await receive())["type"] != "websocket.disconnect":
            self.frames += message["type"] == "websocket.receive"


@pytest.fixture
def behind() -> AppBehind:
    return AppBehind()


@pytest.fixture
def sessions() -> FakeSessions:
    return FakeSessions()


@pytest.fixture
def knock(behind: AppBehind, sessions: FakeSessions):
    door = SocketDoor(behind)

    async def open_socket(headers: dict[str, str] | None = None, path: str = "/_event/", frames: int = 0) -> bool:
        """Whether the handshake was let through."""
        given = {"host": "localhost:3000", "origin": BASE, **(headers or {})}
        raw = [(k.encode(), v.encode()) for k, v in given.items() if v]
        incoming = [{"type": "websocket.connect"}, *[{"type": "websocket.receive", "text": "x"}] * frames]
        incoming += [{"type": "websocket.disconnect"}]
        sent: list[Any] = []

        async def receive() -> Any:
            return incoming.pop(0)

        async def send(message: Any) -> None:
            sent.append(message["type"])

        with wiring.use(settings=settings(), sessions=sessions):
            await door({"type": "websocket", "path": path, "headers": raw}, receive, send)
        return "websocket.close" not in sent

    return open_socket


async def test_s10_the_app_behind_sees_a_reference_instead_of_cookies_and_credentials(knock, behind) -> None:
    secrets = {"cookie": "portal_at=good; portal_rt=x; ref=forged", "authorization": "Bearer y", "x-real-ip": "1.1.1.1"}
    assert await knock(secrets)
    seen = behind.headers[0]
    assert seen["cookie"] == "ref=sid-1"
    assert not {"authorization", "x-real-ip"} & set(seen)


async def test_a_visitor_cannot_bring_a_reference_of_their_own(knock, behind) -> None:
    assert await knock({"cookie": "ref=sid-1"})
    assert "cookie" not in behind.headers[0]


async def test_the_key_of_a_flash_passes_and_nothing_else_of_its_cookie(knock, behind) -> None:
    assert await knock({"cookie": "portal_flash=abc-123"})
    assert behind.headers[0]["cookie"] == "flash=abc-123"
    assert await knock({"cookie": 'portal_flash="a ref=sid-1"'})
    assert "cookie" not in behind.headers[1]


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"origin": ""}, {"host": "evil.example"}],
)
async def test_s8_a_foreign_null_or_missing_origin_and_another_host_are_refused(knock, behind, headers) -> None:
    assert not await knock(headers)
    assert behind.headers == []


async def test_no_other_socket_path_exists(knock) -> None:
    assert not await knock(path="/elsewhere")


async def test_s3_when_the_session_cannot_be_checked_the_socket_is_refused(knock, sessions) -> None:
    sessions.down = True
    assert not await knock({"cookie": "portal_at=good"})


async def test_s8_frames_above_the_rate_are_dropped(knock, behind) -> None:
    assert await knock(frames=EVENT_BURST * 3)
    assert EVENT_BURST <= behind.frames < EVENT_BURST * 2


async def test_s8_one_user_opens_at_most_twenty_sockets_and_gets_them_back(knock, behind) -> None:
    cookie = {"cookie": "portal_at=good"}
    refused_at: list[int] = []

    async def one_more() -> None:
        if not await knock(cookie):
            refused_at.append(len(behind.headers))

    behind.nested = one_more
    assert await knock(cookie)
    assert refused_at == [SOCKETS_PER_USER]
    behind.nested = None
    assert await knock(cookie)
