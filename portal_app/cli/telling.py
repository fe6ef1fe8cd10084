"""Hints for the portal that runs on this machine, where no Redis carries them."""

import contextlib
from collections.abc import Sequence
from typing import Any, Final

import httpx

from portal_app import routes
from portal_app.integrations.salesforce.catalog import EVERYBODY, TAG
from portal_app.security.operator import operator_token
from portal_app.settings import Settings

MOST_AT_ONCE: Final = 500


async def wake_portal(
    chosen: Settings, topics: Sequence[str], transport: httpx.AsyncBaseTransport | None = None
) -> str:
    """Have the portal that runs on this machine read again what changed; one line about it. Nothing runs: no harm."""
    for start in range(0, len(topics), MOST_AT_ONCE):
        part = topics[start : start + MOST_AT_ONCE]
        clear = [{"user_id": topic.split(":")[1], "tags": [topic.split(":")[2]]} for topic in part]
        try:
            status = await _tell(chosen, {"publish": [{"topic": topic} for topic in part], "clear": clear}, transport)
        except httpx.HTTPError:
            return "No portal runs on this machine, so no open page had to be told."
        if status != httpx.codes.OK:
            return f"The portal did not take the hint ({status}); pages read again by themselves."
    return f"Told {len(topics)} open lists to read again."


async def clear_portals_catalog(chosen: Settings, transport: httpx.AsyncBaseTransport | None = None) -> str:
    """Have the portal that runs on this machine forget its copy; one line about it. Nothing runs: no harm."""
    try:
        status = await _tell(chosen, {"clear": [{"user_id": EVERYBODY.user_id, "tags": [TAG]}]}, transport)
    except httpx.HTTPError:
        return "No portal runs on this machine, so there was no copy to forget."
    if status != httpx.codes.OK:
        return f"The portal did not take the hint ({status}); start it anew to have it forget its copy."
    return "Forgotten by the portal of this machine."


async def hint_worker(chosen: Settings, topic: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
    """Say that there is work now. Without it the worker finds it by itself, only later."""
    if not chosen.REDIS_URL:
        with contextlib.suppress(httpx.HTTPError):
            await _tell(chosen, {"publish": [{"topic": topic}]}, transport)


async def _tell(chosen: Settings, body: dict[str, Any], transport: httpx.AsyncBaseTransport | None) -> int:
    """The status of the operator door's answer. Raises: httpx.HTTPError when nothing listens."""
    address = f"http://127.0.0.1:{chosen.PORTAL_PORT}{routes.OPERATOR_WAKE}"
    headers = {"authorization": f"Bearer {operator_token(chosen)}"}
    async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=10) as http:
        return (await http.post(address, json=body, headers=headers)).status_code
