"""The one place where Salesforce's names of objects and fields are spelled; an installation may rename each of them.

Keys are ours (`account.customer_number`), values API names.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from typing import Any, Final

from portal_app.errors import ConfigError, NotFound
from portal_app.integrations.salesforce.wire import Row, WireField

Describe = Callable[[str], Awaitable[Mapping[str, WireField]]]
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}", re.ASCII)
_NOT_A_FIELD: Final = ("kind",)


def _key(name: str) -> Any:
    """A unique external id of ours: what makes a create repeatable."""
    return field(default=name, metadata={"key": True})


def _written(name: str) -> Any:
    """A field the portal writes, not only reads."""
    return field(default=name, metadata={"written": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFields:
    """A customer. Eligibility and identity check belong to the account."""

    kind: str = "Account"
    id: str = "Id"
    name: str = "Name"
    changed_at: str = "SystemModstamp"
    customer_number: str = "SF_Account_No__c"
    whmcs_account: str = _written("WH_Account__c")
    portal_status: str = _written("Portal_Status__c")
    registration_source: str = _written("Portal_Registration_Source__c")
    last_sign_in: str = _written("Portal_Last_SignIn__c")
    eligibility: str = "Internet_Eligibility__c"
    eligibility_status: str = _written("Internet_Eligibility_Status__c")
    eligibility_requested_at: str = _written("Internet_Eligibility_Request_Date_Time__c")
    eligibility_checked_at: str = "Internet_Eligibility_Checked_Date_Time__c"
    eligibility_notes: str = "Internet_Eligibility_Notes__c"
    eligibility_case_id: str = _written("Internet_Eligibility_Case_Id__c")
    verification_status: str = _written("Id_Verification_Status__c")
    verification_submitted_at: str = _written("Id_Verification_Submitted_Date_Time__c")
    verification_verified_at: str = "Id_Verification_Verified_Date_Time__c"
    verification_note: str = "Id_Verification_Note__c"
    verification_rejection: str = "Id_Verification_Rejection_Message__c"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFields:
    """A person of an account."""

    kind: str = "Contact"
    id: str = "Id"
    account_id: str = "AccountId"
    first_name: str = "FirstName"
    last_name: str = "LastName"
    email: str = "Email"
    phone: str = _written("Phone")
    mobile_phone: str = _written("MobilePhone")
    birth_date: str = _written("Birthdate")
    street: str = _written("MailingStreet")
    city: str = _written("MailingCity")
    state: str = _written("MailingState")
    postal_code: str = _written("MailingPostalCode")
    country: str = _written("MailingCountry")
    building: str = _written("BuildingName__c")
    room: str = _written("RoomNumber__c")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFields:
    """A product of the catalogue."""

    kind: str = "Product2"
    id: str = "Id"
    name: str = "Name"
    description: str = "Description"
    is_active: str = "IsActive"
    sku: str = "StockKeepingUnit"
    category: str = "Product2Categories1__c"
    in_catalog: str = "Portal_Catalog__c"
    may_be_ordered: str = "Portal_Accessible__c"
    item_class: str = "Item_Class__c"
    billing_cycle: str = "Billing_Cycle__c"
    catalog_order: str = "Catalog_Order__c"
    is_default: str = "Is_Default__c"
    auto_add: str = "Auto_Add__c"
    bundled_addon: str = "Bundled_Addon__c"
    is_bundled_addon: str = "Is_Bundled_Addon__c"
    internet_tier: str = "Internet_Plan_Tier__c"
    internet_offering: str = "Internet_Offering_Type__c"
    sim_data_size: str = "SIM_Data_Size__c"
    sim_plan_type: str = "SIM_Plan_Type__c"
    sim_family_discount: str = "SIM_Has_Family_Discount__c"
    vpn_region: str = "VPN_Region__c"
    whmcs_product_id: str = "WH_Product_ID__c"
    whmcs_product_name: str = "WH_Product_Name__c"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFields:
    """A price in a book."""

    kind: str = "PricebookEntry"
    id: str = "Id"
    pricebook_id: str = "Pricebook2Id"
    product_id: str = "Product2Id"
    unit_price: str = "UnitPrice"
    is_active: str = "IsActive"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFields:
    """An order."""

    kind: str = "Order"
    id: str = "Id"
    number: str = "OrderNumber"
    account_id: str = _written("AccountId")
    status: str = _written("Status")
    description: str = _written("Description")
    placed_at: str = "CreatedDate"
    changed_at: str = "SystemModstamp"
    total: str = "TotalAmount"
    street: str = _written("BillingStreet")
    city: str = _written("BillingCity")
    state: str = _written("BillingState")
    postal_code: str = _written("BillingPostalCode")
    country: str = _written("BillingCountry")
    effective_on: str = _written("EffectiveDate")
    pricebook_id: str = _written("Pricebook2Id")
    opportunity_id: str = _written("OpportunityId")
    order_type: str = _written("Type")
    idempotency_key: str = _key("Idempotency_Key__c")
    activation_type: str = _written("Activation_Type__c")
    activation_scheduled_at: str = _written("Activation_Scheduled_At__c")
    activation_status: str = _written("Activation_Status__c")
    activation_error_code: str = _written("Activation_Error_Code__c")
    activation_error_message: str = _written("Activation_Error_Message__c")
    activation_last_attempt_at: str = _written("Activation_Last_Attempt_At__c")
    whmcs_order_id: str = _written("WHMCS_Order_ID__c")
    internet_tier: str = _written("Internet_Plan_Tier__c")
    installation_type: str = _written("Installation_Type__c")
    weekend_install: str = _written("Weekend_Install__c")
    access_mode: str = _written("Access_Mode__c")
    home_phone: str = _written("Hikari_Denwa__c")
    sim_type: str = _written("SIM_Type__c")
    eid: str = _written("EID__c")
    sim_voice_mail: str = _written("SIM_Voice_Mail__c")
    sim_call_waiting: str = _written("SIM_Call_Waiting__c")
    sim_product_number: str = "SIM_Product_Number__c"
    sim_phone_number: str = "SIM_Phone_Number__c"
    mnp_application: str = _written("MNP_Application__c")
    mnp_reservation_number: str = _written("MNP_Reservation_Number__c")
    mnp_expires_on: str = _written("MNP_Expiry_Date__c")
    mnp_phone_number: str = _written("MNP_Phone_Number__c")
    mvno_account_number: str = _written("MVNO_Account_Number__c")
    porting_first_name: str = _written("Porting_First_Name__c")
    porting_last_name: str = _written("Porting_Last_Name__c")
    porting_first_name_katakana: str = _written("Porting_First_Name_Katakana__c")
    porting_last_name_katakana: str = _written("Porting_Last_Name_Katakana__c")
    porting_gender: str = _written("Porting_Gender__c")
    porting_birth_date: str = _written("Porting_DateOfBirth__c")
    vpn_region: str = _written("VPN_Region__c")
    address_changed: str = _written("Address_Changed__c")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderItemFields:
    """A line of an order. Its order and its price are set when it is created, never later."""

    kind: str = "OrderItem"
    id: str = "Id"
    order_id: str = _written("OrderId")
    price_id: str = _written("PricebookEntryId")
    product_id: str = "Product2Id"
    quantity: str = _written("Quantity")
    unit_price: str = _written("UnitPrice")
    line_key: str = _key("Line_Key__c")
    billing_cycle: str = _written("Billing_Cycle__c")
    whmcs_service_id: str = _written("WHMCS_Service_ID__c")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityFields:
    """Follows a service from the first question to its cancellation."""

    kind: str = "Opportunity"
    id: str = "Id"
    account_id: str = _written("AccountId")
    name: str = _written("Name")
    stage: str = _written("StageName")
    source: str = _written("Portal_Source__c")
    closes_on: str = _written("CloseDate")
    created_at: str = "CreatedDate"
    application_stage: str = _written("Application_Stage__c")
    internet_ends_at: str = _written("ScheduledCancellationDateAndTime__c")
    internet_notice: str = _written("CancellationNotice__c")
    line_return: str = _written("LineReturn__c")
    sim_ends_at: str = _written("SIMScheduledCancellationDateAndTime__c")
    sim_notice: str = _written("SIMCancellationNotice__c")
    whmcs_service_id: str = _written("WHMCS_Service_ID__c")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFields:
    """A question to the staff."""

    kind: str = "Case"
    id: str = "Id"
    number: str = "CaseNumber"
    changed_at: str = "SystemModstamp"
    account_id: str = _written("AccountId")
    contact_id: str = _written("ContactId")
    opportunity_id: str = _written("Opportunity__c")
    subject: str = _written("Subject")
    description: str = _written("Description")
    status: str = _written("Status")
    created_at: str = "CreatedDate"
    is_closed: str = "IsClosed"
    priority: str = _written("Priority")
    origin: str = _written("Origin")
    portal_reference: str = _key("Portal_Reference__c")
    topic: str = _written("Portal_Topic__c")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentFields:
    """An entry of a case's conversation, or a note of the staff's own."""

    kind: str = "CaseComment"
    id: str = "Id"
    changed_at: str = "SystemModstamp"
    case_id: str = _written("ParentId")
    body: str = _written("CommentBody")
    is_published: str = _written("IsPublished")
    created_at: str = "CreatedDate"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailFields:
    """An e-mail of a case's conversation."""

    kind: str = "EmailMessage"
    id: str = "Id"
    changed_at: str = "SystemModstamp"
    case_id: str = "ParentId"
    incoming: str = "Incoming"
    status: str = "Status"
    text: str = "TextBody"
    sent_at: str = "MessageDate"
    is_visible: str = "IsExternallyVisible"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFields:
    """A file as it is handed over."""

    kind: str = "ContentVersion"
    id: str = "Id"
    title: str = _written("Title")
    path: str = _written("PathOnClient")
    content: str = _written("VersionData")
    published_to: str = _written("FirstPublishLocationId")
    document_id: str = "ContentDocumentId"
    size: str = "ContentSize"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLinkFields:
    """Which record a file lies with."""

    kind: str = "ContentDocumentLink"
    id: str = "Id"
    document_id: str = _written("ContentDocumentId")
    linked_to: str = _written("LinkedEntityId")
    share_type: str = _written("ShareType")
    visibility: str = _written("Visibility")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Objects:
    account: AccountFields = AccountFields()
    contact: ContactFields = ContactFields()
    product: ProductFields = ProductFields()
    price: PriceFields = PriceFields()
    order: OrderFields = OrderFields()
    order_item: OrderItemFields = OrderItemFields()
    opportunity: OpportunityFields = OpportunityFields()
    case: CaseFields = CaseFields()
    comment: CommentFields = CommentFields()
    email: EmailFields = EmailFields()
    file: FileFields = FileFields()
    file_link: FileLinkFields = FileLinkFields()


class FieldMap:
    """Every name, with this installation's own in place of ours: `{"account.customer_number": "Customer_No__c"}`.

    Raises: ConfigError naming every key that is unknown and every name that is none.
    """

    def __init__(self, renamed: Mapping[str, str] | None = None) -> None:
        objects = _Objects()
        problems = []
        for key, name in sorted((renamed or {}).items()):
            group, _, attribute = key.partition(".")
            ours = getattr(objects, group, None) if group in _Objects.__slots__ else None
            if ours is None or attribute in _NOT_A_FIELD or attribute not in {f.name for f in dataclass_fields(ours)}:
                problems.append(f"Salesforce field {key}: there is no such key")
            elif not isinstance(name, str) or not _NAME.fullmatch(name):
                problems.append(f"Salesforce field {key}: not an API name")
            else:
                objects = replace(objects, **{group: replace(ours, **{attribute: name})})
        if problems:
            raise ConfigError(problems)
        self.account, self.contact, self.product, self.price = (
            objects.account,
            objects.contact,
            objects.product,
            objects.price,
        )
        self.order, self.order_item = objects.order, objects.order_item
        self.opportunity, self.case = objects.opportunity, objects.case
        self.comment, self.email = objects.comment, objects.email
        self.file, self.file_link = objects.file, objects.file_link
        self._objects = objects

    async def check(self, describe: Describe) -> list[str]:
        """What this organisation lacks of it, as sentences for the operator; empty when all is well.

        `describe(object name)` gives the fields the integration user sees. Raises: UpstreamError, Busy.
        """
        problems: list[str] = []
        for group in dataclass_fields(self._objects):
            names = getattr(self._objects, group.name)
            try:
                seen = await describe(names.kind)
            except NotFound:
                problems.append(f"{names.kind}: the object is unknown or hidden from the integration user")
                continue
            for item in dataclass_fields(names):
                if item.name not in _NOT_A_FIELD:
                    problems += _problems(f"{names.kind}.{getattr(names, item.name)}", item, seen, names)
        return problems


def picked(row: Row, names: Any, *attributes: str) -> dict[str, Any]:
    """A row under our own keys, only these; one that is not there is left out."""
    return {ours: row[name] for ours in attributes if (name := getattr(names, ours)) in row}


def _problems(label: str, item: Any, seen: Mapping[str, WireField], names: Any) -> list[str]:
    found = seen.get(getattr(names, item.name))
    if found is None:
        return [f"{label}: the field is unknown or hidden from the integration user"]
    if item.metadata.get("key") and not (found.external_id and found.unique):
        return [f"{label}: must be a unique external id"]
    if item.metadata and not (found.createable or found.updateable):
        return [f"{label}: the integration user may not write it"]
    return []
