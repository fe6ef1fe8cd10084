"""Several records of one object changed in one request, all of them or none.

Beside the client, and over the same one function every request goes through.
Source: Salesforce, REST API, "sObject Collections".
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from portal_app.integrations.salesforce.client import NOBODY, Caller, SalesforceClient, _checked_kind, _spelled
from portal_app.integrations.salesforce.ids import checked_id
from portal_app.integrations.salesforce.wire import Unreadable, Wire

AT_ONCE: Final = 200
_INNOCENT: Final = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


class WireTrouble(Wire):
    """What is wrong with one record; named otherwise than in every other answer."""

    statusCode: str
    message: str = ""


class WireOutcome(Wire):
    """What became of one record, in the order they were sent."""

    success: bool
    errors: tuple[WireTrouble, ...] = ()


_OUTCOMES: Final = TypeAdapter(tuple[WireOutcome, ...])


async def update_many(
    client: SalesforceClient, kind: str, changes: Mapping[str, Mapping[str, Any]], *, caller: Caller = NOBODY
) -> None:
    """Set these fields of the records with these ids, `AT_ONCE` of them at most; None empties a field.

    Sent once: after UpstreamOutcomeUnknown read the records before trying again.
    Raises: NotFound for an id that is none of that object, before anything is sent, and as every call of the client.
    """
    if not 0 < len(changes) <= AT_ONCE:
        raise ValueError(f"between one record and {AT_ONCE}")
    sent = [
        {"attributes": {"type": _checked_kind(kind)}, "id": checked_id(kind, record_id)} | _spelled(values)
        for record_id, values in changes.items()
    ]
    await client._call(f"Update{kind}s", kind, lambda sf: _send(sf, kind, sent), caller=caller, write=True)


def _send(sf: Salesforce, kind: str, records: list[dict[str, Any]]) -> None:
    payload = {"allOrNone": True, "records": records}
    outcomes = _read(sf.restful("composite/sobjects", method="PATCH", json=payload))
    if len(outcomes) != len(records):
        raise Unreadable("length")
    troubles = [trouble for one in outcomes if not one.success for trouble in one.errors]
    guilty = [one for one in troubles if one.statusCode != _INNOCENT]
    if guilty:
        content = [{"errorCode": one.statusCode, "message": one.message} for one in guilty]
        # As `restful` raises it; the library's type hint knows bytes only.
        raise SalesforceMalformedRequest("composite/sobjects", 400, kind, content)  # type: ignore[arg-type]
    if not all(one.success for one in outcomes):
        raise Unreadable("success")


def _read(reply: Any) -> tuple[WireOutcome, ...]:
    try:
        return _OUTCOMES.validate_python(reply)
    except ValidationError:
        pass
    raise Unreadable("outcomes")  # outside of the except block: the original holds the reply
