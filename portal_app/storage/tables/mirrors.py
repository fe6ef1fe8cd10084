"""Copies of WHMCS records that list pages read. WHMCS owns the records."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, Text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime, Yen


class InvoiceMirror(Table, table=True):
    """A copy of one WHMCS invoice as last seen. `status` is as WHMCS stores it: overdue is decided when reading."""

    __tablename__ = "invoices_mirror"
    __table_args__ = (
        Index("ix_invoices_mirror_client_status_due", "whmcs_client_id", "status", "due_on"),
        Index("ix_invoices_mirror_client_issued", "whmcs_client_id", "issued_on"),
    )

    whmcs_invoice_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    whmcs_client_id: int
    number: str = Field(sa_type=Text)
    status: str = Field(max_length=20)
    issued_on: date | None = None
    due_on: date | None = None
    paid_on: date | None = None
    total: Decimal = Field(sa_type=Yen)
    balance: Decimal = Field(sa_type=Yen)
    copied_at: datetime = Field(sa_type=UtcDateTime)


class InvoiceServiceMirror(Table, table=True):
    """What one WHMCS invoice bills for one service, as last seen: the sum of its lines for it, tax included."""

    __tablename__ = "invoice_services_mirror"
    __table_args__ = (Index("ix_invoice_services_mirror_service", "whmcs_client_id", "whmcs_service_id"),)

    whmcs_invoice_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    whmcs_service_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    whmcs_client_id: int
    amount: Decimal = Field(sa_type=Yen)


class InvoiceLinesRead(Table, table=True):
    """That the lines of a WHMCS invoice were read, and how the invoice stood then: a change means reading again."""

    __tablename__ = "invoice_lines_read"

    whmcs_invoice_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    whmcs_client_id: int = Field(index=True)
    status: str = Field(max_length=20)
    total: Decimal = Field(sa_type=Yen)
    read_at: datetime = Field(sa_type=UtcDateTime)


class ServiceMirror(Table, table=True):
    """A copy of one WHMCS client product as last seen."""

    __tablename__ = "subscriptions_mirror"

    whmcs_service_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    whmcs_client_id: int = Field(index=True)
    whmcs_product_id: int
    name: str = Field(sa_type=Text)
    label: str = Field(default="", sa_type=Text)
    kind: str = Field(max_length=20)
    status: str = Field(max_length=20)
    cycle: str = Field(max_length=20)
    amount: Decimal = Field(sa_type=Yen)
    registered_on: date | None = None
    next_due_on: date | None = None
    gateway: str = Field(default="", max_length=60)
    whmcs_order_id: int = 0
    copied_at: datetime = Field(sa_type=UtcDateTime)
