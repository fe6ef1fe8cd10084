"""The HTTP doors over everything about becoming a customer, and browsers that keep their cookies."""

import itertools
from typing import Any

import httpx
from starlette.applications import Starlette

from portal_app import routes
from portal_app.storage.flash import MemoryFlash
from portal_app.web.app import routes as doors
from tests.fakes.becoming_world import NUMBER, BecomingWorld
from tests.fakes.front_door import FrontDoor
from tests.fakes.settings import a_settings
from tests.fakes.whmcs import a_wire_client, a_wire_user

HOME, BASE = "203.0.113.5", "http://localhost:3000"
LEGACY, LEGACY_PASSWORD = "legacy@example.com", "right-password"
SIGN_UP = {
    "customer_number": "C-1001",
    "email": "hanako@example.com",
    "password": "harbour lantern 58",
    "first_name": "Hanako",
    "last_name": "Yamada",
    "phone": "03-1234-5678",
    "postal_code": "150-0001",
    "prefecture": "Tokyo",
    "city": "Shibuya-ku",
    "address1": "1-2-3 Jingumae",
    "birth_date": "1990-04-02",
    "terms": "on",
}


class Entrance:
    """`parts` are for `wiring.use`; browsers have the manners of a browser on one of our own pages."""

    def __init__(self, world: BecomingWorld) -> None:
        self.world, self.flash = world, MemoryFlash(world.clock)
        self.app = FrontDoor(Starlette(routes=doors()))
        self._clients: list[httpx.AsyncClient] = []
        self._keys = itertools.count()

    @property
    def parts(self) -> dict[str, Any]:
        """What the doors ask for."""
        same = ("clock", "users", "sessions", "passwords", "limits", "lockout", "devices", "audit", "bus", "outbox")
        same += ("signing_in", "signing_up", "linking", "recovery", "second_factors", "email_change")
        given = {name: getattr(self.world, name) for name in same} | self.world.factor_parts
        own = {"settings": a_settings(), "database": self.world.db, "flash": self.flash}
        return given | own | {"idempotency_keys": self.world.idempotency}

    def browser(self, ip: str = HOME, **headers: str) -> httpx.AsyncClient:
        """A new one."""
        manners = {"origin": BASE, "accept": "text/html", "user-agent": "Firefox Linux"}
        transport = httpx.ASGITransport(self.app, client=(ip, 50000))
        client = httpx.AsyncClient(transport=transport, base_url=BASE, headers=manners | headers)
        self._clients.append(client)
        return client

    def program(self, ip: str = HOME) -> httpx.AsyncClient:
        """JSON in and out."""
        return self.browser(ip, accept="application/json")

    def key(self) -> str:
        """One that nobody used."""
        return f"key-of-the-tests-{next(self._keys):04}"

    async def sign_up(self, client: httpx.AsyncClient, *, key: str = "", **changed: str) -> httpx.Response:
        """Send the sign-up form."""
        form = SIGN_UP | {"idempotency_key": key or self.key()} | changed
        return await client.post(routes.API_SIGN_UP, data=form)

    async def ask(self, program: httpx.AsyncClient, *, key: str = "", **changed: str) -> httpx.Response:
        """The same as a program, with the key in the header."""
        headers = {"idempotency-key": key or self.key()}
        return await program.post(routes.API_SIGN_UP, json=SIGN_UP | changed, headers=headers)

    async def token(self, template: str = "verify_email") -> str:
        """Of the newest mail of that kind, once everything is delivered."""
        await self.world.deliver()
        return self.world.token(template)

    async def link(self, client: httpx.AsyncClient, *, key: str = "", **changed: str) -> httpx.Response:
        """Send the form that links an old account."""
        form = {"email": LEGACY, "password": LEGACY_PASSWORD, "idempotency_key": key or self.key()} | changed
        return await client.post(routes.API_LINK, data=form)

    def a_legacy_client(self, *, two_factor: bool = False, client_id: int = 7) -> None:
        """A WHMCS client with a login of its own, whose number is that of the one Salesforce account."""
        fields = [{"id": NUMBER, "value": "C-1001"}]
        self.world.whmcs.clients.append(a_wire_client(client_id, email=LEGACY, customfields=fields))
        self.world.whmcs.users.append(a_wire_user(900, LEGACY, (client_id, True), two_factor=two_factor))

    async def code(self) -> str:
        """The mailed one."""
        await self.world.deliver()
        return next(m for m in reversed(self.world.mails) if m["template"] == "link_code")["values"]["code"]

    async def kept(self, answer: httpx.Response) -> dict[str, str]:
        """What the next page is told, by way of the flash cookie."""
        return await self.flash.take(answer.cookies["portal_flash"])

    async def close(self) -> None:
        """Let every browser go."""
        for client in self._clients:
            await client.aclose()
