"""What a failed call means: Salesforce's code in the trailing metadata first, the gRPC status where there is none.

Source: Salesforce, Pub/Sub API guide, "Error codes"; grpc.io, status codes.
"""

from enum import StrEnum
from typing import Any, Final

import grpc

from portal_app.errors import UpstreamUnavailable

SYSTEM: Final = "salesforce_events"
PREFIX: Final = "sfdc.platform.eventbus.grpc."


class Kind(StrEnum):
    """What to do about it."""

    RETRY = "retry"  # again after a moment
    AUTH = "auth"  # with a new token
    STALE_CURSOR = "stale_cursor"  # the replay id is of no use: all that is retained, then reconcile
    SLOW_DOWN = "slow_down"  # minutes
    SPENT = "spent"  # the day's deliveries are used up: an hour
    REFUSED = "refused"  # configuration, permission or licence: a person must act; looked at again now and then
    OUR_FAULT = "our_fault"  # a request that should not have been made: again, and tell a developer


CODES: Final = {
    "service.auth.error": Kind.AUTH,
    "service.auth.refresh.invalid": Kind.AUTH,
    "publish.auth.refresh.invalid": Kind.AUTH,
    "service.auth.headers.invalid": Kind.REFUSED,
    "service.tenant.license": Kind.REFUSED,
    "service.unavailable": Kind.RETRY,
    "service.protection.triggered": Kind.SLOW_DOWN,
    "service.protection.stream.limit.triggered": Kind.SLOW_DOWN,
    "concurrent.client.limit.exceeded": Kind.SLOW_DOWN,
    "topic.not.found": Kind.REFUSED,
    "topic.validation.empty": Kind.REFUSED,
    "topic.meta.permission": Kind.REFUSED,
    "topic.api.unavailable": Kind.RETRY,
    "schema.api.unavailable": Kind.RETRY,
    "schema.meta.permission": Kind.REFUSED,
    "schema.validation.failed": Kind.REFUSED,
    "subscription.topic.cannot.subscribe": Kind.REFUSED,
    "subscription.internal.error": Kind.RETRY,
    "subscription.limit.exceeded": Kind.SPENT,
    "subscription.fetch.replayid.corrupted": Kind.STALE_CURSOR,
    "subscription.fetch.replayid.validation.failed": Kind.OUR_FAULT,
    "subscription.fetch.replay.repeated": Kind.RETRY,
    "subscription.fetch.requested.events.invalid": Kind.OUR_FAULT,
    "subscription.fetch.topic.mismatch": Kind.OUR_FAULT,
    "subscription.fetch.overflow": Kind.OUR_FAULT,
    "subscription.fetch.request.invalid": Kind.OUR_FAULT,
}
STATUSES: Final = {
    grpc.StatusCode.UNAUTHENTICATED: Kind.AUTH,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Kind.SLOW_DOWN,
    grpc.StatusCode.PERMISSION_DENIED: Kind.REFUSED,
    grpc.StatusCode.NOT_FOUND: Kind.REFUSED,
    grpc.StatusCode.UNIMPLEMENTED: Kind.REFUSED,
    grpc.StatusCode.INVALID_ARGUMENT: Kind.OUR_FAULT,
}


class PubSubFailure(UpstreamUnavailable):
    """A call or a stream ended badly. `code` is one of CODES or a word of ours; `rpc_id` is for their support."""

    def __init__(self, operation: str, code: str, kind: Kind, *, rpc_id: str = "", unexplained: bool = False) -> None:
        super().__init__(SYSTEM, operation, code)
        self.kind, self.rpc_id, self.unexplained = kind, rpc_id, unexplained


def failure_of(operation: str, status: grpc.StatusCode, details: str | None, trailers: Any) -> PubSubFailure:
    """A code we do not know counts for nothing, the status decides; `unexplained` is set then."""
    code = _code(trailers)
    rpc_id = _rpc_id(details or "")
    if code in CODES:
        return PubSubFailure(operation, code, CODES[code], rpc_id=rpc_id)
    kind = STATUSES.get(status, Kind.RETRY)
    return PubSubFailure(operation, f"grpc_{status.name.lower()}", kind, rpc_id=rpc_id, unexplained=True)


def _code(trailers: Any) -> str:
    for key, value in trailers or ():
        if key == "error-code" and isinstance(value, str):
            return value.removeprefix(PREFIX)
    return ""


def _rpc_id(details: str) -> str:
    _, found, rest = details.rpartition("rpcId: ")
    word = rest.split()[0].strip(".,;") if found and rest.split() else ""
    return word if len(word) <= 64 and word.replace("-", "").isalnum() else ""
