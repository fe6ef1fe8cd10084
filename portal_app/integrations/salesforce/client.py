"""Salesforce's REST API as typed methods over one function every request goes through. Nothing else.

simple-salesforce speaks the wire, in direct mode: it never signs in by itself. Source: Salesforce, "REST API".
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from requests.exceptions import RequestException
from simple_salesforce import Salesforce, format_external_id
from simple_salesforce.exceptions import SalesforceError

from portal_app.errors import UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.salesforce.ids import PREFIXES, as_18, checked_id
from portal_app.integrations.salesforce.refusals import DailyLimit, SessionEnded, changed, meaning
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.soql import Soql, soql
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Token, Tokens
from portal_app.integrations.salesforce.usage import SYSTEM, ApiUsage
from portal_app.integrations.salesforce.wire import (
    Row,
    Unreadable,
    WireField,
    WireObject,
    WirePage,
    WireSaved,
    number,
    read,
    whole_texts,
)
from portal_app.integrations.upstream import CredentialRefused, TryAgain, Upstream

T = TypeVar("T")
API_VERSION: Final = "59.0"
READ_S: Final[Mapping[bool, float]] = {False: 15.0, True: 60.0}
# The library sends a query in the address, and address and headers together may be 16 KB.
LONGEST_QUERY: Final = 12_000
MOST_PAGES: Final = 20
LONGEST_KEY: Final = 255
_NEXT: Final = re.compile(r"/services/data/v\d{2,3}\.0/query/[A-Za-z0-9-]{1,200}", re.ASCII)
_FIELD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}", re.ASCII)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf: `user` for the cap per user, `background` to go after everybody who waits at a screen.

    `checkout` still calls when the day's allowance is nearly used up.
    """

    user: str = ""
    background: bool = False
    checkout: bool = False


NOBODY = Caller()
BACKGROUND = Caller(background=True)
FULFILMENT = Caller(background=True, checkout=True)
"""After everybody at a screen, but an order that was begun is not left standing when the day's allowance runs low."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A record that exists now. `created` False: it existed before."""

    record_id: str
    created: bool


@dataclass(slots=True)
class _Call:
    """One call, through all its attempts: it may ask for a new token once."""

    operation: str
    kind: str
    write: bool
    long: bool
    may_log_in_again: bool = True


@dataclass(frozen=True, slots=True)
class _Failed:
    failure: Exception


class SalesforceClient:
    """`kind` is an API object name of `ids.PREFIXES`, field names are API names. What may be raised: see `_call`."""

    def __init__(
        self,
        tokens: Tokens,
        threads: Threads,
        upstream: Upstream,
        long_upstream: Upstream,
        usage: ApiUsage,
        *,
        version: str = API_VERSION,
    ) -> None:
        self._tokens, self._threads, self._usage, self._version = tokens, threads, usage, version
        self._upstreams = {False: upstream, True: long_upstream}

    async def query(
        self, statement: Soql, *, operation: str = "Query", caller: Caller = NOBODY, long: bool = False
    ) -> tuple[Row, ...]:
        """All rows, numbers with a fraction as Decimal. `long` for what may take 20 s and more."""
        if not isinstance(statement, Soql):
            raise TypeError("a query is made by soql()")
        if len(quote(statement)) > LONGEST_QUERY:
            raise ValueError("the query is too long: ask in parts")
        page = await self._call(operation, "", lambda sf: read(WirePage, sf.query(statement)), caller=caller, long=long)
        rows = page.records
        for _ in range(MOST_PAGES):
            if page.done:
                return rows
            next_url = page.next_url
            if not _NEXT.fullmatch(next_url):
                raise changed(operation, "nextRecordsUrl")
            page = await self._call(operation, "", partial(_more, next_url), caller=caller, long=long)
            rows += page.records
        raise changed(operation, "pages")

    async def find_by_key(self, kind: str, key_field: str, key: str, *, caller: Caller = NOBODY) -> str | None:
        """The id of the record with that external id. Raises: UpstreamRejected("more_than_one")."""
        _checked_kind(kind)
        statement = soql(
            "SELECT {f[id]:literal} FROM {f[kind]:literal} WHERE {f[key]:literal} = {} LIMIT 2",
            key,
            f={"id": "Id", "kind": kind, "key": key_field},
        )
        operation = f"Find{kind}"
        rows = await self.query(statement, operation=operation, caller=caller)
        if len(rows) > 1:
            raise UpstreamRejected(SYSTEM, operation, "more_than_one")
        return _own_id(kind, operation, rows[0].get("Id"), write=False) if rows else None

    async def create(self, kind: str, values: Mapping[str, Any], *, caller: Caller = NOBODY) -> str:
        """The id of the new record. Sent once: a lost answer is UpstreamOutcomeUnknown. Prefer `upsert`."""
        sent = _spelled(values)
        operation = f"Create{_checked_kind(kind)}"
        saved = await self._call(
            operation, kind, lambda sf: read(WireSaved, getattr(sf, kind).create(sent)), caller=caller, write=True
        )
        return _saved(kind, operation, saved).record_id

    async def update(self, kind: str, record_id: str, values: Mapping[str, Any], *, caller: Caller = NOBODY) -> None:
        """Set these fields; None empties one. Sent once: after a lost answer read the record before trying again.

        Raises: NotFound for an id that is none of that object, before anything is sent, and for an unknown one.
        """
        wanted, sent = checked_id(kind, record_id), _spelled(values)
        await self._call(
            f"Update{kind}", kind, lambda sf: getattr(sf, kind).update(wanted, sent), caller=caller, write=True
        )

    async def upsert(
        self, kind: str, key_field: str, key: str, values: Mapping[str, Any], *, caller: Caller = NOBODY
    ) -> Saved:
        """Create the record with that external id, or bring it up to these values (F8).

        Who loses a race of two gets the winner's record.
        Raises: UpstreamRejected: "more_than_one" when two records share the key (for a human), "duplicate_value" when
        another unique field stands in the way.
        """
        operation, sent = f"Upsert{_checked_kind(kind)}", _spelled(values)
        path = format_external_id(_checked_field(key_field), _checked_key(key))
        try:
            saved = await self._call(
                operation, kind, lambda sf: _upsert(sf, kind, path, sent), caller=caller, write=True, repeatable=True
            )
        except UpstreamRejected as refused:
            if refused.code != "duplicate_value":
                raise
            there = await self._read_back(operation, kind, key_field, key, caller)
            if there is None:
                raise
            return Saved(there, created=False)
        if saved is not None:
            return _saved(kind, operation, saved)
        there = await self._read_back(operation, kind, key_field, key, caller)
        if there is None:
            raise UpstreamOutcomeUnknown(SYSTEM, operation, "read_back")
        return Saved(there, created=False)

    async def delete(self, kind: str, record_id: str, *, caller: Caller = NOBODY) -> None:
        """Have no such record. May be repeated. Raises: NotFound when there is none, or no such id of that object."""
        operation, wanted = f"Delete{_checked_kind(kind)}", checked_id(kind, record_id)
        await self._call(
            operation, kind, lambda sf: getattr(sf, kind).delete(wanted), caller=caller, write=True, repeatable=True
        )

    async def describe(self, kind: str) -> dict[str, WireField]:
        """The fields of an object this integration user may see, by API name. Raises: NotFound for a hidden object."""
        _checked_kind(kind)
        found = await self._call(
            f"Describe{kind}", kind, lambda sf: read(WireObject, getattr(sf, kind).describe()), caller=NOBODY
        )
        return {field.name: field for field in found.fields}

    async def sign_in(self) -> None:
        """Have a session, asking for one when there is none. Raises: UpstreamUnavailable, UpstreamReplyChanged."""
        await self._tokens.get()

    def end_within(self, seconds: float) -> None:
        """The process ends (G1): no call goes on for longer than that."""
        self._threads.end_within(seconds)

    @property
    def allowance_used(self) -> float:
        """Share of the day's allowance, 0.0 while nothing is known."""
        return self._usage.share

    def state(self) -> dict[str, object]:
        """For health: the day's allowance."""
        return self._usage.state()

    async def _read_back(self, operation: str, kind: str, key_field: str, key: str, caller: Caller) -> str | None:
        try:
            return await self.find_by_key(kind, key_field, key, caller=caller)
        except UpstreamUnavailable as lost:
            raise UpstreamOutcomeUnknown(SYSTEM, operation, lost.code) from None

    async def _call(
        self,
        operation: str,
        kind: str,
        work: Callable[[Salesforce], T],
        *,
        caller: Caller,
        write: bool = False,
        repeatable: bool = False,
        long: bool = False,
    ) -> T:
        """What `work` makes of the answer.

        Raises: UpstreamUnavailable (a read failed, or a write surely was not done), UpstreamOutcomeUnknown (writes
        only), UpstreamRejected (its code says what kind of no), UpstreamReplyChanged, NotFound, Busy.
        """
        self._usage.check(operation, background=caller.background, checkout=caller.checkout)
        call = _Call(operation, kind, write, long)
        return await self._upstreams[long].call(
            operation,
            lambda seconds: self._send(call, work, seconds),
            write=write,
            repeatable=repeatable,
            background=caller.background,
            user=caller.user,
        )

    async def _send(self, call: _Call, work: Callable[[Salesforce], T], seconds: float) -> T:
        ends_at = asyncio.get_running_loop().time() + seconds
        while True:
            token = await self._token(call, seconds)
            left = ends_at - asyncio.get_running_loop().time()
            found = await self._threads.run(partial(self._exchange, token, call, work, left))
            if not isinstance(found, _Failed):
                return found
            if isinstance(found.failure, DailyLimit):
                self._usage.spent()
            if not isinstance(found.failure, SessionEnded):
                raise found.failure
            self._tokens.forget(token)
            if not call.may_log_in_again:
                raise CredentialRefused(SYSTEM, call.operation, "session")
            call.may_log_in_again = False

    async def _token(self, call: _Call, seconds: float) -> Token:
        """Waits a little shorter than the call may take: a write that never got a token was surely not sent."""
        try:
            async with asyncio.timeout(seconds * 0.9):
                return await self._tokens.get()
        except TimeoutError:
            raise TryAgain(SYSTEM, call.operation, "login_timeout") from None

    def _exchange(
        self, token: Token, call: _Call, work: Callable[[Salesforce], T], seconds: float, session: SfSession
    ) -> T | _Failed:
        """In a thread. A failure is given back, not raised: the original holds the request, and that the token."""
        session.aim(token.origin, f"/services/data/v{self._version}/", seconds, READ_S[call.long])
        try:
            return work(
                Salesforce(
                    session_id=token.value,
                    instance=urlsplit(token.origin).netloc,
                    version=self._version,
                    session=session,
                    parse_float=Decimal,
                    object_pairs_hook=whole_texts,
                )
            )
        except Unreadable as bad:
            return _Failed(changed(call.operation, bad.where, write=call.write))
        except (SalesforceError, RequestException, ValueError, RecursionError) as bad:
            return _Failed(meaning(bad, call.operation, call.kind, write=call.write))


def _more(next_url: str, sf: Salesforce) -> WirePage:
    return read(WirePage, sf.query_more(next_url, identifier_is_url=True))


def _upsert(sf: Salesforce, kind: str, path: str, sent: dict[str, Any]) -> WireSaved | None:
    response = getattr(sf, kind).upsert(path, sent, raw_response=True)
    return read(WireSaved, response.json()) if response.content else None


def _saved(kind: str, operation: str, saved: WireSaved) -> Saved:
    if not saved.success:
        raise changed(operation, "success", write=True)
    return Saved(_own_id(kind, operation, saved.id, write=True), saved.created)


def _own_id(kind: str, operation: str, record_id: object, *, write: bool) -> str:
    text = as_18(record_id)
    if text is None or not text.startswith(PREFIXES[kind]):
        raise changed(operation, "id", write=write)
    return text


def _checked_kind(kind: str) -> str:
    if kind not in PREFIXES:
        raise ValueError("no object the portal may touch")
    return kind


def _checked_field(name: str) -> str:
    if not _FIELD.fullmatch(name):
        raise ValueError("not the name of a field")
    return name


def _checked_key(key: str) -> str:
    """Dots alone would climb up the path, whatever quotes the rest."""
    if not key.strip(".") or len(key) > LONGEST_KEY or not key.isprintable():
        raise ValueError("no external id")
    return key


def _spelled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {_checked_field(name): _spelled_value(value) for name, value in values.items()}


def _spelled_value(value: Any) -> str | int | float | bool | None:
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return number(value)
        case datetime() if value.tzinfo is not None:
            return value.isoformat(timespec="seconds")
        case date() if not isinstance(value, datetime):
            return value.isoformat()
    raise TypeError(f"no spelling for {type(value).__name__}")
