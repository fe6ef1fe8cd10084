"""What WHMCS tells us: verified over the bytes received, stored once, answered quickly, worked on later.

Source: the contract of the hook file. The body is a hint: the worker asks WHMCS before it believes it.
"""

import hashlib
import hmac
import logging
import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import wiring
from portal_app.errors import TooManyTries
from portal_app.observability import metrics
from portal_app.security.lockout import network
from portal_app.web import bodies, requests
from portal_app.web.problems import door
from portal_app.web.refusal import HttpProblem

log = logging.getLogger(__name__)

SOURCE: Final = "whmcs"
MOST_BYTES: Final = 64 * 1024
TOLERANCE_S: Final = 300
MOST_SIGNATURES: Final = 5
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_SIGNATURE = re.compile(r"v1=([0-9a-fA-F]{64})")

# The events the hook file forwards; another one is kept all the same, but somebody should look at it.
KNOWN: Final = frozenset(
    re.findall(
        r"\w+",
        """
        InvoiceCreated InvoicePaid InvoicePaidPreEmail InvoiceUnpaid InvoiceCancelled InvoiceRefunded
        InvoiceChangeGateway AddInvoicePayment AddTransaction ManualRefund UpdateInvoiceTotal InvoiceSplit
        InvoicePaymentReminder AddInvoiceLateFee ClientAdd ClientEdit ClientClose PreDeleteClient AfterClientMerge
        ClientChangePassword UserChangePassword UserAdd UserEdit UserEmailVerificationComplete UserLogin UserLogout
        ContactAdd ContactEdit ContactDelete AfterModuleCreate AfterModuleSuspend AfterModuleUnsuspend
        AfterModuleTerminate AfterModuleChangePackage AfterModuleCustom AfterModuleCreateFailed
        AfterModuleSuspendFailed AfterModuleUnsuspendFailed AfterModuleTerminateFailed AfterModuleChangePackageFailed
        AfterModuleCustomFailed AfterModuleChangePassword ServiceEdit AdminServiceEdit ServiceDelete
        CancellationRequest ServiceRecurringCompleted AfterProductUpgrade AddonActivation AddonAdd AddonSuspended
        AddonUnsuspended AddonTerminated AddonCancelled AddonEdit OrderPaid AcceptOrder CancelOrder PendingOrder
        FraudOrder DeleteOrder CancelAndRefundOrder AfterShoppingCartCheckout ProductEdit ProductDelete CCUpdate
        PayMethodMigration QuoteCreated QuoteStatusChange AcceptQuote EmailPreSend DailyCronJob AfterCronJob
        """,
    )
)

Scalar = str | int | float | bool | None


class Delivery(BaseModel):
    """The signed body. Unknown fields are let be; nothing but these is read."""

    model_config = ConfigDict(strict=True)

    event: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]{0,99}$")]
    event_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,100}$")]
    occurred_at: int
    params: dict[str, Scalar]


@door("POST")
async def whmcs(request: Request) -> Response:
    """POST from the hook file."""
    if bodies.content_type(request) != bodies.JSON:
        raise HttpProblem(415, "unsupported-type")
    # Before any byte is hashed, and per address: a flood without signatures must not use up the sender's share.
    await wiring.limits().hit("webhook_address", network(requests.client_ip(request)))
    body = await bodies.read_bytes(request, MOST_BYTES)
    reason = unverified(
        request, body, wiring.settings().WHMCS_WEBHOOK_SECRET.split(","), wiring.clock().now().timestamp()
    )
    if reason:
        await _record_refusal(request, reason)
        raise HttpProblem(401, "not-allowed")
    await wiring.limits().hit("webhook", SOURCE)
    return await _accept(agreed(request, body), body)


def unverified(request: Request, body: bytes, secrets: list[str], now: float) -> str:
    """Why this delivery cannot be believed, "" when it can."""
    stamps = request.headers.getlist("x-whmcs-timestamp")
    if len(stamps) != 1 or not _TIMESTAMP.fullmatch(stamps[0]):
        return "no_timestamp"
    if abs(int(now) - int(stamps[0])) > TOLERANCE_S:
        return "stale"
    given = ",".join(request.headers.getlist("x-whmcs-signature")).split(",")
    signatures = [found[1].lower() for part in given[:MOST_SIGNATURES] if (found := _SIGNATURE.fullmatch(part.strip()))]
    if not signatures:
        return "no_signature"
    # Every pair is compared, whether or not one has matched: the time says nothing about which.
    matches = [hmac.compare_digest(sign(s, stamps[0], body), given_s) for s in secrets for given_s in signatures]
    return "" if any(matches) else "bad_signature"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Hex HMAC-SHA-256 over `v1.<timestamp>.<body>`."""
    return hmac.digest(secret.encode(), b"v1." + timestamp.encode() + b"." + body, hashlib.sha256).hex()


def agreed(request: Request, body: bytes) -> Delivery:
    """The parsed body, whose event and id are those of the headers. Raises HttpProblem 400."""
    parsed: Any = bodies.strict_json(body)
    try:
        delivery = Delivery.model_validate(parsed)
    except ValidationError:
        raise HttpProblem(400, "malformed") from None
    named = request.headers.getlist("x-whmcs-event"), request.headers.getlist("x-whmcs-event-id")
    if named != ([delivery.event], [delivery.event_id]):
        raise HttpProblem(400, "malformed")
    return delivery


async def _accept(delivery: Delivery, body: bytes) -> Response:
    """Store it, wake the worker, answer. Anything that keeps it from being stored asks the sender to try again."""
    try:
        accepted = await wiring.inbox().accept(SOURCE, delivery.event_id, delivery.event, body)
    except Exception as failure:
        log.error("webhook_not_stored", exc_info=failure)
        raise HttpProblem(503, "unavailable", retry_after=30) from None
    if accepted.differs:
        log.error("webhook_id_reused", extra={"event": delivery.event, "event_id": delivery.event_id})
        await _audit("webhook.id_reused", "ignored", delivery.event)
    known = delivery.event in KNOWN
    metrics.work_done("webhook", "repeated" if not accepted.new else "accepted" if known else "unknown")
    if accepted.new:
        await _wake()
    return JSONResponse({"accepted": accepted.new}, 200 if known else 202)


async def _wake() -> None:
    try:
        await wiring.bus().publish("work:inbox")
    except Exception as failure:  # stored is what counts; the worker looks by itself every few seconds
        log.warning("wake_failed", exc_info=failure)


async def _record_refusal(request: Request, reason: str) -> None:
    metrics.work_done("webhook", reason)
    log.warning("webhook_refused", extra={"reason": reason})
    try:
        await wiring.limits().hit("audit_refusal", SOURCE)
    except TooManyTries:
        return  # counted and logged; an audit trail is not a place for a flood
    await _audit("webhook.refused", reason, "", requests.client_ip(request))


async def _audit(event: str, outcome: str, name: str, ip: str = "") -> None:
    try:
        await wiring.audit().record(event, outcome=outcome, detail={"event": name}, client_ip=ip)
    except Exception as failure:  # the answer to the sender does not depend on it
        log.error("audit_failed", exc_info=failure)
