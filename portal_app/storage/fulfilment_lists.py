"""Rows of the fulfilment as the reconciler goes through them: a page at a time, in order of id, for looking at only."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select

from portal_app.domain.catalog import ProductLine
from portal_app.domain.fulfilment import TERMINAL, Hold, State
from portal_app.storage.encryption import FieldCipher
from portal_app.storage.engine import MOST_ROWS, Database
from portal_app.storage.fulfilment_records import FulfilmentRecord, seen
from portal_app.storage.tables.fulfilments import FulfilmentRow

_ROW: Any = FulfilmentRow
_ENDED: Final = [state.value for state in TERMINAL]


class FulfilmentLists:
    """Every list ends, however many rows there are; a row that is added meanwhile may be missed."""

    def __init__(self, db: Database, cipher: FieldCipher) -> None:
        self._db, self._cipher = db, cipher

    def waiting(self) -> AsyncIterator[list[FulfilmentRecord]]:
        """Orders that stand still: held for somebody, or without a time at which they go on."""
        held = _ROW.hold.in_([Hold.PAUSED.value, Hold.REVIEW.value])
        return self._pages(_ROW.state.not_in(_ENDED), or_(held, _ROW.next_attempt_at.is_(None)))

    def ended(self, since: datetime) -> AsyncIterator[list[FulfilmentRecord]]:
        """Orders that ended at that moment or later."""
        return self._pages(_ROW.state.in_(_ENDED), _ROW.updated_at >= since)

    def sims(self, states: Collection[State], since: datetime | None = None) -> AsyncIterator[list[FulfilmentRecord]]:
        """Orders of SIM lines in these states, that last moved at that moment or later."""
        changed = () if since is None else (_ROW.updated_at >= since,)
        in_state = _ROW.state.in_([state.value for state in states])
        return self._pages(_ROW.line == ProductLine.SIM.value, in_state, *changed)

    async def _pages(self, *conditions: Any) -> AsyncIterator[list[FulfilmentRecord]]:
        after = ""
        while True:
            rows = select(FulfilmentRow).where(*conditions, _ROW.salesforce_order_id > after)
            async with self._db.read() as session:
                found = await session.scalars(rows.order_by(_ROW.salesforce_order_id).limit(MOST_ROWS))
                page = [seen(self._cipher, row) for row in found]
            if page:
                yield page
            if len(page) < MOST_ROWS:
                return
            after = page[-1].salesforce_order_id
