"""The conditions and orders of the invoice list, as SQL."""

import unicodedata
from datetime import date
from typing import Any, Final

from sqlalchemy import BindParameter, Date, and_, bindparam, case, func, literal, true
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.billing import InvoiceQuery, InvoiceStatus, InvoiceTab
from portal_app.domain.customer import Customer
from portal_app.storage.tables.mirrors import InvoiceMirror
from portal_app.storage.types import Yen

C: Any = InvoiceMirror.__table__.c  # type: ignore[attr-defined]
TABS: Final[tuple[InvoiceTab, ...]] = ("all", "unpaid", "overdue", "paid", "cancelled", "other")
PLAIN: Final = (InvoiceStatus.UNPAID, InvoiceStatus.PAID, InvoiceStatus.CANCELLED)
LONGEST_SEARCH: Final = 100

UNPAID: Final = C.status == InvoiceStatus.UNPAID.value
PAYABLE: Final = and_(UNPAID, C.balance > 0)
DUE_FIRST: Final = (C.due_on.asc().nulls_last(), C.whmcs_invoice_id.asc())
TODAY: Final = bindparam("today", type_=Date)
"""The day in Japan, to be given with a statement that is made once."""
NEWEST: Final = (C.issued_on.desc().nulls_last(), C.whmcs_invoice_id.desc())


def visible(customer: Customer) -> tuple[Any, ...]:
    """Rows this customer may read."""
    return _visible_to(customer.whmcs_client_id)


def _visible_to(whmcs_client_id: Any) -> tuple[Any, ...]:
    return (C.whmcs_client_id == whmcs_client_id, C.status != InvoiceStatus.DRAFT.value)


VISIBLE: Final = _visible_to(bindparam("client"))
"""The same, where the client is given with the statement."""


def overdue(today: date | BindParameter[date]) -> Any:
    """Unpaid and its day has passed."""
    return and_(UNPAID, C.due_on < today)


def in_tab(tab: InvoiceTab, today: date | BindParameter[date]) -> Any:
    """Rows a tab shows, among the visible ones."""
    if tab == "all":
        return true()
    if tab == "overdue":
        return overdue(today)
    if tab == "other":
        return C.status.not_in([status.value for status in PLAIN])
    return C.status == {"unpaid": "unpaid", "paid": "paid", "cancelled": "cancelled"}[tab]


def matches(query: InvoiceQuery, today: date | BindParameter[date]) -> Any:
    """Rows of the query's tab whose number contains the search text; % and _ are ordinary letters."""
    wanted = unicodedata.normalize("NFKC", query.search).strip().removeprefix("#")[:LONGEST_SEARCH]
    found = in_tab(query.tab, today)
    # NUL cannot be in a number, and PostgreSQL refuses it in a text.
    return and_(found, C.number.icontains(wanted.replace("\x00", "\ufffd"), autoescape=True)) if wanted else found


def balance_of(condition: Any) -> Any:
    """What is left to pay over the rows that meet it, 0 yen for none."""
    total = func.sum(case((condition, C.balance), else_=literal(0, Yen)), type_=Yen)
    return func.coalesce(total, literal(0, Yen), type_=Yen)


def order(query: InvoiceQuery) -> tuple[Any, ...]:
    """The query's order; the id decides between equals, so that pages never overlap."""
    if query.sort is None:
        first = case((PAYABLE, 0), else_=1)
        # Among what is to pay, the day it is due; among the rest, the newest.
        return (first, case((PAYABLE, C.due_on)).asc().nulls_last(), *NEWEST)
    columns = {
        "due": (C.due_on,),
        "issued": (C.issued_on,),
        "total": (C.total,),
        "number": (func.length(C.number), C.number),  # 9 before 10 where numbers are only digits
    }[query.sort]
    if query.descending:
        return (*(c.desc().nulls_last() for c in columns), C.whmcs_invoice_id.desc())
    return (*(c.asc().nulls_last() for c in columns), C.whmcs_invoice_id.asc())


async def one_snapshot(session: AsyncSession, dialect: str) -> None:
    """Let several statements see one state; an SQLite transaction does so by itself."""
    if dialect == "postgresql":
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
