"""Who asks Salesforce in these tests: by plain HTTP, as any client would."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import jwt
from multidict import CIMultiDictProxy

from sandbox.app import Running
from sandbox.config import DEMO_SF_CLIENT_ID, DEMO_SF_USERNAME

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ROOT = "/services/data/v60.0"


@dataclass
class Salesforce:
    """Keeps the last status and headers. Paths are below the version unless they begin with a slash."""

    session: aiohttp.ClientSession
    sandbox: Running
    token: str = ""
    status: int = 0
    headers: CIMultiDictProxy[str] | dict[str, str] = field(default_factory=dict)

    def claims(self, **changed: Any) -> dict[str, Any]:
        expires = int(self.sandbox.world.clock.unix()) + 170
        names = {"iss": DEMO_SF_CLIENT_ID, "sub": DEMO_SF_USERNAME, "aud": "https://login.salesforce.com"}
        return names | {"exp": expires} | changed

    async def grant(self, claims: dict[str, Any], pem: str | None = None) -> Any:
        assertion = jwt.PyJWS().encode(
            json.dumps(claims).encode(),
            pem or self.sandbox.world.salesforce.keys.private_pem(),
            algorithm="RS256",
        )
        return await self.post_form({"grant_type": GRANT, "assertion": assertion})

    async def post_form(self, form: dict[str, str]) -> Any:
        async with self.session.post(f"{self.sandbox.url}/services/oauth2/token", data=form) as answer:
            self.status = answer.status
            return await answer.json()

    async def sign_in(self) -> None:
        self.token = (await self.grant(self.claims()))["access_token"]

    async def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The parsed JSON, or None when there is none."""
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        url = self.sandbox.url + (path if path.startswith("/") else f"{ROOT}/{path}")
        async with self.session.request(method, url, json=body, headers=headers, **more) as answer:
            self.status, self.headers = answer.status, answer.headers
            return await answer.json() if answer.content_type == "application/json" and answer.content_length else None

    async def query(self, soql: str, **more: Any) -> Any:
        return await self("GET", "query", params={"q": soql}, **more)

    async def rows(self, soql: str) -> list[dict[str, Any]]:
        return (await self.query(soql))["records"]

    async def code(self, *request: Any, **more: Any) -> str:
        """The error code of a request that is refused."""
        return (await self(*request, **more))[0]["errorCode"]

    async def create(self, name: str, **fields: Any) -> str:
        made = await self("POST", f"sobjects/{name}", fields)
        assert self.status == 201, made
        return made["id"]
