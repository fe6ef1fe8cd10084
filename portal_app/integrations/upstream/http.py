"""One HTTP request to an outside system: what may come back, and what silence means."""

from typing import Any

import httpx

from portal_app.errors import UpstreamError, UpstreamOutcomeUnknown, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.upstream.failures import TryAgain


class _TooLarge(Exception):
    """The reply is larger than any honest one."""


def open_http(concurrency: int = 8, **options: Any) -> httpx.AsyncClient:
    """An HTTP client fit for an upstream: no proxy of the environment, no redirects, idle ones closed early."""
    limits = httpx.Limits(max_connections=concurrency + 2, max_keepalive_connections=concurrency, keepalive_expiry=4)
    return httpx.AsyncClient(limits=limits, trust_env=False, follow_redirects=False, **options)


async def exchange(
    http: httpx.AsyncClient, request: httpx.Request, *, system: str, operation: str, write: bool, largest: int
) -> tuple[httpx.Response, bytes]:
    """What came back, whatever its status, with at most `largest` bytes.

    Raises: UpstreamUnavailable (TryAgain where a repeat may help), UpstreamOutcomeUnknown for a write that may have
    arrived, UpstreamReplyChanged for a reply too large or garbled.
    """
    failure: UpstreamError
    try:
        return await _sent(http, request, largest)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as unsent:
        failure = _not_sent(system, operation, unsent)
    except (_TooLarge, httpx.DecodingError):
        failure = (UpstreamOutcomeUnknown if write else UpstreamReplyChanged)(system, operation, "unreadable")
    except httpx.TimeoutException:
        failure = (UpstreamOutcomeUnknown if write else TryAgain)(system, operation, "timeout")
    except (httpx.HTTPError, httpx.StreamError):
        failure = (UpstreamOutcomeUnknown if write else TryAgain)(system, operation, "dropped")
    raise failure  # outside of the except block: the original holds the request, and that the credential


async def _sent(http: httpx.AsyncClient, request: httpx.Request, largest: int) -> tuple[httpx.Response, bytes]:
    response = await http.send(request, stream=True, follow_redirects=False)
    try:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > largest:
                raise _TooLarge
    finally:
        await response.aclose()
    return response, bytes(body)


def _not_sent(system: str, operation: str, failure: httpx.TransportError) -> UpstreamError:
    if "certificate" in str(failure).lower():
        return UpstreamUnavailable(system, operation, "certificate")
    return TryAgain(system, operation, "connect")
