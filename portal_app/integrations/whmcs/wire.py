"""WHMCS's replies, typed: only the keys the portal uses. Passwords, tokens and notes are dropped by not being named.

Source: WHMCS API reference, the page of each action.
"""

from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from portal_app.integrations.whmcs.values import Day, Flag, Id, Int, Money, Reference, ShownMoney, Text, as_list

ZERO = Decimal(0)
M = TypeVar("M", bound="Wire")


class Wire(BaseModel):
    """Unknown keys appear with every release of WHMCS and are ignored. Values are never repeated in an error."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Unreadable(ValueError):
    """The reply has another shape. `where` is a path of key names and positions, never a value."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def read(model: type[M], reply: Any) -> M:
    """Raises: Unreadable."""
    where = ""
    try:
        return model.model_validate(reply)
    except ValidationError as bad:
        where = ".".join(str(step) for step in bad.errors(include_input=False, include_url=False)[0]["loc"])
    raise Unreadable(where)  # outside of the except block: the original holds the reply


def _none_is_zero(value: Any) -> Any:
    return "0" if value is None or value == "" else value


OptionalMoney = Annotated[Money, BeforeValidator(_none_is_zero)]


class WireTransaction(Wire):
    """Money in or out. `gateway` is a module name."""

    id: Reference = None
    userid: Reference = None
    gateway: Text = ""
    date: Day = None
    description: Text = ""
    amountin: OptionalMoney = ZERO
    amountout: OptionalMoney = ZERO
    transid: Text = ""
    invoiceid: Reference = None


class WireInvoice(Wire):
    """A row of GetInvoices: no lines and no balance. `total` is net of applied credit."""

    id: Id
    userid: Reference = None
    invoicenum: Text = ""
    date: Day = None
    duedate: Day = None
    datepaid: Day = None
    total: Money
    status: Text


class WireInvoiceLine(Wire):
    """One line; `relid` is the service for type Hosting."""

    type: Text = ""
    relid: Reference = None
    description: Text = ""
    amount: Money
    taxed: Flag = False


class WireInvoiceDetail(Wire):
    """GetInvoice. No ownership is checked by WHMCS: compare `userid`."""

    id: Id = Field(validation_alias=AliasChoices("invoiceid", "id"))
    userid: Reference = None
    invoicenum: Text = ""
    date: Day = None
    duedate: Day = None
    datepaid: Day = None
    subtotal: Money
    credit: OptionalMoney
    tax: OptionalMoney
    tax2: OptionalMoney = ZERO
    total: Money
    balance: Money
    taxrate: OptionalMoney
    taxrate2: OptionalMoney = ZERO
    status: Text
    paymentmethod: Text = ""
    items: Annotated[tuple[WireInvoiceLine, ...], BeforeValidator(lambda v: as_list(v, "item"))] = ()
    transactions: Annotated[tuple[WireTransaction, ...], BeforeValidator(lambda v: as_list(v, "transaction"))] = ()


class WireCustomField(Wire):
    """A custom field of a service or a client; clients' have no name, and older versions say `fieldname`."""

    id: Reference = None
    name: Text = Field(default="", validation_alias=AliasChoices("name", "fieldname", "translated_name"))
    value: Text = ""


class WireService(Wire):
    """A row of GetClientsProducts. The plaintext password beside these keys is dropped here."""

    id: Id
    clientid: Reference = None
    orderid: Reference = None
    pid: Reference = None
    name: Text = ""
    groupname: Text = ""
    domain: Text = ""
    regdate: Day = None
    nextduedate: Day = None
    recurringamount: OptionalMoney
    firstpaymentamount: OptionalMoney = ZERO
    paymentmethod: Text = ""
    billingcycle: Text = ""
    status: Text
    customfields: Annotated[tuple[WireCustomField, ...], BeforeValidator(lambda v: as_list(v, "customfield"))] = ()


def _prices(value: Any) -> Any:
    """A product without prices has an empty list where others have an object."""
    return {} if value in (None, "", []) else value


class WirePricing(Wire):
    """A product's net prices in one currency. "-1.00" where a cycle is not sold; a one-time price is in `monthly`."""

    monthly: OptionalMoney = ZERO


class WireProduct(Wire):
    """A row of GetProducts. `pricing` by currency code."""

    pid: Id
    paytype: Text
    pricing: Annotated[dict[str, WirePricing], BeforeValidator(_prices)] = Field(default_factory=dict)


class WireStats(Wire):
    """The figures WHMCS itself shows for a client. Amounts come as display strings; not for billing."""

    numdueinvoices: Int = 0
    dueinvoicesbalance: ShownMoney = ZERO
    numoverdueinvoices: Int = 0
    overdueinvoicesbalance: ShownMoney = ZERO
    numunpaidinvoices: Int = 0
    unpaidinvoicesamount: ShownMoney = ZERO
    numpaidinvoices: Int = 0
    numcancelledinvoices: Int = 0
    numrefundedinvoices: Int = 0
    numDraftInvoices: Int = 0
    productsnumactive: Int = 0
    productsnumtotal: Int = 0


class WireClient(Wire):
    """A client of GetClientsDetails, from `client`, or from the top level where old versions put it."""

    id: Id = Field(validation_alias=AliasChoices("id", "client_id", "userid"))
    firstname: Text = ""
    lastname: Text = ""
    companyname: Text = ""
    email: Text = ""
    status: Text = ""
    address1: Text = Field(default="", repr=False)
    address2: Text = Field(default="", repr=False)
    city: Text = Field(default="", repr=False)
    state: Text = Field(default="", validation_alias=AliasChoices("state", "fullstate"), repr=False)
    postcode: Text = Field(default="", repr=False)
    country: Text = Field(default="", validation_alias=AliasChoices("countrycode", "country"), repr=False)
    phonenumber: Text = Field(default="", repr=False)
    language: Text = ""
    marketing: Flag = Field(
        default=False, validation_alias=AliasChoices("isOptedInToMarketingEmails", "marketing_emails_opt_in")
    )
    customfields: Annotated[tuple[WireCustomField, ...], BeforeValidator(lambda v: as_list(v, "customfield"))] = ()

    def field(self, field_id: int) -> str:
        """Value of a custom field, stripped; "" when it is empty or there is no such field."""
        return next((field.value.strip() for field in self.customfields if field.id == field_id), "")


class WireClientDetails(Wire):
    """GetClientsDetails. `stats` only when asked for."""

    client: WireClient
    stats: WireStats | None = None

    @model_validator(mode="before")
    @classmethod
    def _client_may_be_at_top_level(cls, reply: Any) -> Any:
        if isinstance(reply, dict) and not isinstance(reply.get("client"), dict):
            return {**reply, "client": reply}
        return reply


class WireUserClient(Wire):
    """One client a user may act for."""

    id: Id
    is_owner: Flag = Field(default=False, validation_alias=AliasChoices("isOwner", "is_owner"))


class WireUser(Wire):
    """A login identity of GetUsers. Its id is no client id."""

    id: Id
    email: Text
    clients: Annotated[tuple[WireUserClient, ...], BeforeValidator(lambda v: as_list(v, "client"))] = ()


class WireNewClient(Wire):
    """AddClient. `owner_id`, the new user, is undocumented and may be missing."""

    clientid: Id
    owner_id: Reference = None


class WireLogin(Wire):
    """ValidateLogin. `userid` is a USER id. `passwordhash`, a session token, is dropped here.

    The flag is documented as a bool and shown as the string "false"; a second factor also shows by a missing hash.
    """

    userid: Id
    second_factor: Flag = Field(default=False, validation_alias=AliasChoices("twoFactorEnabled", "second_factor"))

    @model_validator(mode="before")
    @classmethod
    def _without_the_session_token(cls, reply: Any) -> Any:
        if not isinstance(reply, dict):
            return reply
        kept = {key: value for key, value in reply.items() if key in ("userid", "twoFactorEnabled")}
        return kept if reply.get("passwordhash") else kept | {"twoFactorEnabled": True}


class WireGateway(Wire):
    """A payment gateway: `module` is what replies name, `displayname` what people read."""

    module: Text
    displayname: Text = ""


class WirePayMethod(Wire):
    """A stored card or bank account; `gateway_name` is "" for one that WHMCS keeps itself.

    Dropped here: `remote_token`, which can charge it, and `description`: people write anything into it, a whole number
    too.
    """

    id: Id
    type: Text
    gateway_name: Text = ""
    contact_type: Text = ""
    contact_id: Reference = None
    card_last_four: Text = Field(default="", repr=False)
    expiry_date: Text = Field(default="", repr=False)
    card_type: Text = ""
    bank_name: Text = ""


class WirePayMethods(Wire):
    """GetPayMethods: a flat list, which some versions wrap. `clientid` is the one that was asked for."""

    clientid: Reference = None
    paymethods: Annotated[tuple[WirePayMethod, ...], BeforeValidator(lambda v: as_list(v, "paymethod"))] = ()


class WireSsoToken(Wire):
    """CreateSsoToken. A full login for a minute: never logged, stored or shown. The token itself is inside the URL."""

    redirect_url: str = Field(repr=False)
