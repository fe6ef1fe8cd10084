"""Files to and from Salesforce as they arrive, piece by piece: never one as a whole in memory.

Up goes by the multipart route, down by the bytes of a version. The library that speaks the rest of the wire would put
a whole file together before it sends one, so this is a client of its own, with the same token.
Source: Salesforce, "Insert or Update Blob Data" and "sObject Blob Retrieve".
"""

import json
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Final

import httpx
from simple_salesforce.exceptions import SalesforceError

from portal_app.errors import UpstreamError, UpstreamOutcomeUnknown, UpstreamUnavailable
from portal_app.integrations.salesforce.client import API_VERSION, Caller
from portal_app.integrations.salesforce.download import Download
from portal_app.integrations.salesforce.ids import PREFIXES, as_18, checked_id
from portal_app.integrations.salesforce.refusals import DailyLimit, SessionEnded, changed, meaning
from portal_app.integrations.salesforce.tokens import Token, Tokens
from portal_app.integrations.salesforce.usage import SYSTEM, ApiUsage
from portal_app.integrations.salesforce.wire import Unreadable, WireSaved, read
from portal_app.integrations.upstream import CredentialRefused, TryAgain, Upstream
from portal_app.integrations.upstream.http import exchange, open_http
from portal_app.observability import correlation

VERSION: Final = "ContentVersion"
UPLOAD, DOWNLOAD = "UploadFile", "DownloadFile"
LARGEST_REPLY: Final = 1024 * 1024
PIECE: Final = 64 * 1024
TIMES: Final = httpx.Timeout(30, connect=3)
"""For each wait for Salesforce, not for the whole: how long a slow browser may take is for its door to say."""


def open_transfers(concurrency: int) -> httpx.AsyncClient:
    """The HTTP client of a `FileTransfer`."""
    return open_http(concurrency, timeout=TIMES)


class FileTransfer:
    """One file at a time is in memory by a few pieces only; how many at once is the policy's to say."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        tokens: Tokens,
        upstream: Upstream,
        usage: ApiUsage,
        *,
        version: str = API_VERSION,
    ) -> None:
        self._http, self._tokens, self._upstream, self._usage = http, tokens, upstream, usage
        self._root = f"/services/data/v{version}/sobjects/{VERSION}"

    async def upload(
        self, values: Mapping[str, str], size: int, pieces: AsyncIterator[bytes], *, caller: Caller
    ) -> str:
        """A new version of those field values; its id. `pieces` must come to `size` bytes. Sent once.

        What `pieces` raises is raised, and then no file came to be.
        Raises: UpstreamUnavailable, Busy (no file came to be), UpstreamOutcomeUnknown, UpstreamRejected.
        """
        self._usage.check(UPLOAD, background=caller.background)
        body = _Multipart(values, size, pieces)
        return await self._upstream.call(
            UPLOAD, lambda seconds: self._send(body), write=True, background=caller.background, user=caller.user
        )

    async def download(self, version_id: str, *, size: int, caller: Caller) -> Download:
        """The bytes of a version, the first of them already here; so many, or an error.

        Raises: NotFound, UpstreamError, Busy; later pieces raise UpstreamError, or Busy for a reader who is too slow.
        """
        wanted = checked_id(VERSION, version_id)
        self._usage.check(DOWNLOAD, background=caller.background)
        download = Download(size)
        await download.begin(
            self._upstream.call(DOWNLOAD, lambda seconds: self._fetch(wanted, download), user=caller.user)
        )
        return download

    async def _send(self, body: "_Multipart") -> str:
        token = await self._tokens.get()
        request = self._request("POST", token, self._root, body.headers, body.stream())
        failure: Exception
        try:
            response, raw = await exchange(
                self._http, request, system=SYSTEM, operation=UPLOAD, write=True, largest=LARGEST_REPLY
            )
            self._usage.note(response.headers.get("Sforce-Limit-Info", ""))
            if response.status_code < 300:
                return _saved(raw)
            failure = self._refusal(token, response.status_code, raw, UPLOAD, write=True)
        except (UpstreamUnavailable, UpstreamOutcomeUnknown) as lost:
            failure = lost
        raise _once(failure, begun=body.begun, whole=body.whole)

    async def _fetch(self, version_id: str, download: Download) -> None:
        token = await self._tokens.get()
        request = self._request("GET", token, f"{self._root}/{version_id}/VersionData", {"Accept": "*/*"})
        failure: UpstreamError
        try:
            response = await self._http.send(request, stream=True, follow_redirects=False)
            try:
                await self._receive(token, response, download)
                return
            finally:
                await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            failure = TryAgain(SYSTEM, DOWNLOAD, "connect")
        except (httpx.HTTPError, httpx.StreamError) as broken:
            code = "timeout" if isinstance(broken, httpx.TimeoutException) else "dropped"
            failure = UpstreamUnavailable(SYSTEM, DOWNLOAD, code)
        raise failure  # outside of the except block: the original holds the request, and that the token

    async def _receive(self, token: Token, response: httpx.Response, download: Download) -> None:
        self._usage.note(response.headers.get("Sforce-Limit-Info", ""))
        if response.status_code != 200:
            raw = await _beginning(response)
            raise self._refusal(token, response.status_code, raw, DOWNLOAD, write=False)
        announced = response.headers.get("Content-Length", str(download.size))
        if response.headers.get("Content-Encoding", "identity") != "identity" or announced != str(download.size):
            raise changed(DOWNLOAD, "size")
        if response.headers.get("Content-Type", "").startswith(("text/html", "application/json")):
            raise changed(DOWNLOAD, "type")  # a page or a refusal that comes as a success
        async for piece in response.aiter_raw(PIECE):
            await download.put(piece)
        if not download.whole():
            raise UpstreamUnavailable(SYSTEM, DOWNLOAD, "dropped")

    def _request(
        self,
        method: str,
        token: Token,
        path: str,
        headers: Mapping[str, str],
        content: AsyncIterator[bytes] | None = None,
    ) -> httpx.Request:
        own = {
            "Authorization": f"Bearer {token.value}",
            "Accept-Encoding": "identity",
            "Sforce-Call-Options": "client=portal",
            "X-Correlation-Id": correlation.current(),
        }
        return self._http.build_request(method, token.origin + path, headers={**own, **headers}, content=content)

    def _refusal(self, token: Token, status: int, raw: bytes, operation: str, *, write: bool) -> Exception:
        failure = meaning(SalesforceError("", status, "", _json(raw)), operation, VERSION, write=write)  # type: ignore[arg-type]
        if isinstance(failure, DailyLimit):
            self._usage.spent()
        if isinstance(failure, SessionEnded):
            self._tokens.forget(token)
            return TryAgain(SYSTEM, operation, "session", attempts=2)
        return failure


class _Multipart:
    """The body: what the file is, then the file. `begun`: some of it was asked for. `whole`: all of it was given."""

    def __init__(self, values: Mapping[str, str], size: int, pieces: AsyncIterator[bytes]) -> None:
        edge, self._pieces, self._size = f"portal-{uuid.uuid4().hex}", pieces, size
        self.begun = self.whole = False
        # The name stands in the metadata: in a header of a part it would have to be quoted, each server in its way.
        self._before = (
            f'--{edge}\r\nContent-Disposition: form-data; name="entity_content"\r\n'
            f"Content-Type: application/json\r\n\r\n{json.dumps(dict(values))}\r\n"
            f'--{edge}\r\nContent-Disposition: form-data; name="VersionData"; filename="file"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        self._after = f"\r\n--{edge}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={edge}",
            "Content-Length": str(len(self._before) + size + len(self._after)),
            "Accept": "application/json",
        }

    async def stream(self) -> AsyncIterator[bytes]:
        self.begun, given = True, 0
        yield self._before
        async for piece in self._pieces:
            given += len(piece)
            if given > self._size:
                break
            yield piece
        if given != self._size:
            raise ValueError("the pieces do not come to the announced size")
        self.whole = True
        yield self._after


def _once(failure: Exception, *, begun: bool, whole: bool) -> Exception:
    """What a failure means for a body that cannot be sent again, and of which no file came while it was not whole."""
    if isinstance(failure, CredentialRefused) or not isinstance(failure, UpstreamUnavailable | UpstreamOutcomeUnknown):
        return failure
    if isinstance(failure, UpstreamOutcomeUnknown) and whole:
        return failure
    return UpstreamUnavailable(failure.system, failure.operation, failure.code) if begun else failure


def _saved(raw: bytes) -> str:
    try:
        saved = read(WireSaved, _json(raw))
    except Unreadable as bad:
        raise changed(UPLOAD, bad.where, write=True) from None
    version_id = as_18(saved.id)
    if not saved.success or version_id is None or not version_id.startswith(PREFIXES[VERSION]):
        raise changed(UPLOAD, "id", write=True)
    return version_id


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


async def _beginning(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for piece in response.aiter_raw(PIECE):
        raw += piece
        if len(raw) >= LARGEST_REPLY:
            break
    return bytes(raw)
