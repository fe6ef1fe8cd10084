"""Salesforce's events: who listens, where they are kept, what they lead to."""

from contextlib import AsyncExitStack

from portal_app.integrations.salesforce.pubsub.events import Role
from portal_app.integrations.salesforce.pubsub.listening import Listening
from portal_app.integrations.salesforce.pubsub.subscriber import Topic
from portal_app.settings import Settings
from portal_app.wiring.parts import Parts
from portal_app.worker.listening import EventListening
from portal_app.workflows.event_caches import EventCaches
from portal_app.workflows.event_intake import EventIntake
from portal_app.workflows.event_standing import EventStanding
from portal_app.workflows.salesforce_events import SalesforceEvents


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Nobody listens yet: the worker that leads does. Raises: ConfigError for an endpoint that is none."""
    db, clock, bus = parts["database"], parts["clock"], parts["bus"]
    cursors, quarantine = parts["replay_cursors"], parts["quarantine"]
    caches = EventCaches(cache=parts["cache"], catalog=parts["catalog"], checks=parts["checks"], bus=bus)
    intake = EventIntake(
        inbox=parts["inbox"],
        cursors=cursors,
        quarantine=quarantine,
        caches=caches,
        db=db,
        bus=bus,
        leads=parts["leader"].still_leader,
        everything=chosen.SF_EVENTS_REPLAY == "ALL",
    )
    listening = EventListening(_listening(chosen, parts, intake))
    return {
        "event_listening": listening,
        "event_standing": EventStanding(
            cursors=cursors,
            quarantine=quarantine,
            inbox=parts["inbox"],
            clock=clock,
            enabled=chosen.SF_EVENTS_ENABLED,
            channel=chosen.SF_PROVISION_EVENT_CHANNEL,
            topics=[topic.name for topic in topics(chosen)],
            live=lambda: listening.states,
        ),
        "salesforce_events": SalesforceEvents(
            news=parts["salesforce_changes"],
            records=parts["salesforce_record_changes"],
            fulfilment=parts["fulfilment"],
            users=parts["users"],
            support=parts["support_news"],
            caches=caches,
            cursors=cursors,
            bus=bus,
            fields=parts["salesforce_fields"],
        ),
    }


def topics(chosen: Settings) -> list[Topic]:
    """What to listen to, each once."""
    named = {
        chosen.SF_PROVISION_EVENT_CHANNEL: Role.FULFILMENT,
        chosen.SF_ACCOUNT_EVENT_CHANNEL: Role.ACCOUNT,
        chosen.SF_CASE_EVENT_CHANNEL: Role.CASE,
    } | dict.fromkeys(chosen.change_channels(), Role.CHANGES)
    return [Topic(name, role) for name, role in named.items() if name]


def _listening(chosen: Settings, parts: Parts, intake: EventIntake) -> Listening | None:
    if not chosen.SF_EVENTS_ENABLED:
        return None
    wanted = chosen.SF_PUBSUB_NUM_REQUESTED
    return Listening(chosen.SF_PUBSUB_ENDPOINT, parts["salesforce_tokens"], topics(chosen), intake, wanted=wanted)
