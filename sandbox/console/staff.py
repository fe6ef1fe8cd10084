"""How staff's hands reach a record: found by its id, changed under the rules of the API."""

from __future__ import annotations

from sandbox.console.reading import refused
from sandbox.salesforce import dml, ids
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import Record
from sandbox.world import World


def found(world: World, name: str, text: str) -> Record:
    """Raises: 404."""
    record_id = ids.normal(text)
    record = None if record_id is None else world.salesforce.records.live(OBJECTS[name], record_id)
    if record is None:
        raise refused(f"no such {name.lower()}", 404)
    return record


def changed(world: World, name: str, record_id: str, changes: Record) -> Record:
    """Through the same checks as the API. Raises: 400, 404."""
    try:
        with world.store.transaction():
            dml.update(world.salesforce.records, OBJECTS[name], record_id, changes)
    except Refusal as refusal:
        raise refused(str(refusal)) from refusal
    return found(world, name, record_id)
