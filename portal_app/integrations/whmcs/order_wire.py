"""WHMCS's replies about orders, and which custom fields a product has.

Source: WHMCS API reference, AddOrder, GetOrders, GetProducts, GetClientsProducts.
"""

from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from portal_app.integrations.whmcs.values import Id, Reference, Text, as_list, parse_id
from portal_app.integrations.whmcs.wire import Wire


def _ids(value: Any) -> tuple[int, ...]:
    """Documented as "1,2"; a bare number or a list would mean the same."""
    parts = str(value).split(",") if isinstance(value, str | int) else as_list(value)
    return tuple(parse_id(part) for part in parts if part != "")


class WireNewOrder(Wire):
    """AddOrder. `serviceids` in the order of `pid[]`; before 7.8 they were called `productids`.

    `invoiceid` is 0, "", null or missing where nothing is billed.
    """

    orderid: Id
    serviceids: Annotated[tuple[int, ...], BeforeValidator(_ids)] = Field(
        default=(), validation_alias=AliasChoices("serviceids", "productids")
    )
    invoiceid: Reference = None


class WireOrder(Wire):
    """A row of GetOrders. Installations may have statuses of their own. `paymentstatus`: that of its invoice."""

    id: Id
    userid: Reference = None
    invoiceid: Reference = None
    status: Text = ""
    paymentstatus: Text = ""
    amount: Text = ""


class WireFieldName(Wire):
    """A custom field of a product, without anybody's value in it."""

    id: Reference = None
    name: Text = Field(default="", validation_alias=AliasChoices("name", "fieldname", "translated_name"))


class WireProductFields(Wire):
    """Of a row of GetProducts (fields of the order form) or of GetClientsProducts (all of them): only the fields."""

    pid: Reference = None
    customfields: Annotated[tuple[WireFieldName, ...], BeforeValidator(lambda v: as_list(v, "customfield"))] = ()
