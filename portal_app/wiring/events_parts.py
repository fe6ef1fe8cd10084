"""Hands out what listening to Salesforce's events needs; `portal_app.wiring` passes these functions on."""

from portal_app.storage.quarantine import Quarantine
from portal_app.storage.replay_cursors import ReplayCursors
from portal_app.wiring.parts import part
from portal_app.worker.listening import EventListening
from portal_app.workflows.event_standing import EventStanding
from portal_app.workflows.salesforce_events import SalesforceEvents


def replay_cursors() -> ReplayCursors:
    """How far each topic was heard."""
    return part("replay_cursors")


def quarantine() -> Quarantine:
    """Events nobody could read."""
    return part("quarantine")


def event_listening() -> EventListening:
    """Listening, a duty of the worker that leads."""
    return part("event_listening")


def event_standing() -> EventStanding:
    """How listening stands."""
    return part("event_standing")


def salesforce_events() -> SalesforceEvents:
    """What an event leads to."""
    return part("salesforce_events")
