"""Avro schemas by id: fetched once by whoever needs one first, kept for ever, since an id never changes its meaning."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from fastavro import parse_schema

from portal_app.integrations.salesforce.pubsub.bitmaps import Shape, shape_of
from portal_app.storage.flights import Flights

LONGEST: Final = 2 * 1024 * 1024
MOST_KEPT: Final = 2000
LOOK_AGAIN_S: Final = 60.0
HEADER: Final = "ChangeEventHeader"


class BadSchema(ValueError):
    """A schema that cannot be had or understood: its events cannot be decoded. `reason` is a word of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Schema:
    """`changes`: events of this schema report changes of records, their first field says which."""

    name: str
    parsed: Any = field(repr=False)
    shape: Shape = field(repr=False)
    changes: bool


class Schemas:
    """`fetch` gives the JSON text of an id, or raises BadSchema (never to be had), UpstreamError (not just now)."""

    def __init__(self, fetch: Callable[[str], Awaitable[str]]) -> None:
        self._fetch = fetch
        self._kept: dict[str, Schema] = {}
        self._refused: dict[str, tuple[float, BadSchema]] = {}
        self._flights: Flights[Schema] = Flights()

    async def get(self, schema_id: str) -> Schema:
        """Raises: BadSchema (for a minute without asking again), UpstreamError."""
        if found := self._kept.get(schema_id):
            return found
        until, refusal = self._refused.get(schema_id, (0.0, None))
        if refusal is not None and asyncio.get_running_loop().time() < until:
            raise refusal
        return await self._flights.wait(schema_id, lambda: self._learn(schema_id))

    async def stop(self) -> None:
        """Cancel what is being fetched."""
        await self._flights.stop()

    async def _learn(self, schema_id: str) -> Schema:
        try:
            schema = read_schema(await self._fetch(schema_id))
        except BadSchema as bad:
            self._refused[schema_id] = (asyncio.get_running_loop().time() + LOOK_AGAIN_S, bad)
            raise
        for kept in (self._kept, self._refused):
            while len(kept) >= MOST_KEPT:
                kept.pop(next(iter(kept)))
        self._kept[schema_id] = schema
        return schema


def read_schema(text: str) -> Schema:
    """Raises: BadSchema."""
    if len(text) > LONGEST:
        raise BadSchema("schema_too_long")
    try:
        raw = json.loads(text)
        shape, parsed = shape_of(raw), parse_schema(json.loads(text))
        name = str(raw["name"]).rpartition(".")[2]
    except Exception as bad:  # the parser raises whatever it stumbled over, deep nesting included
        raise BadSchema("schema_not_avro") from bad
    return Schema(name, parsed, shape, shape.names[:1] == (HEADER,))
