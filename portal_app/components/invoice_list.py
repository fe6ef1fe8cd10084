"""Invoices as rows: a table on wide screens, cards on narrow ones, from the same markup."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from portal_app.components.links import link
from portal_app.components.paying import row_payment
from portal_app.components.status import invoice_badge
from portal_app.components.text import t
from portal_app.priming.choices import cond, each

COLUMN_WORDS = {
    "number": "invoices.column.number",
    "status": "invoices.column.status",
    "issued": "invoices.column.issued",
    "due": "invoices.column.due",
    "total": "invoices.column.total",
}
CELL = (
    "md:table-cell md:border-b md:border-line md:group-last/row:border-b-0 md:py-3 md:pr-4 md:align-middle md:last:pr-0"
)
HEAD = "border-b border-line py-2.5 pr-4 last:pr-0 text-left text-sm font-semibold text-muted"

OPEN = "inline-flex min-h-6 items-center text-accent hover:underline"


def invoice_table(
    rows: Any, head: rx.Component, label: Any, *, pay: bool = True, row_link: Callable[..., rx.Component] = link
) -> rx.Component:
    """The rows under a head. ARIA roles are spelled out because the narrow layout takes the table's own away."""
    return rx.el.table(
        head,
        rx.el.tbody(
            each(rows, lambda row: _row(row, pay, row_link)),
            role="rowgroup",
            class_name="block md:table-row-group",
        ),
        role="table",
        aria_label=label,
        class_name="block w-full border-separate border-spacing-0 md:table",
    )


def plain_head() -> rx.Component:
    """Column names of the short list: no sorting, no day of issue, no payment."""
    names = ("number", "status", "due", "total")
    return table_head(*(head_cell(column_name(name), end=name == "total") for name in names))


def table_head(*cells: rx.Component) -> rx.Component:
    """The head; on narrow screens it is only heard."""
    return rx.el.thead(
        rx.el.tr(*cells, role="row"), role="rowgroup", class_name="sr-only md:not-sr-only md:table-header-group"
    )


def head_cell(*content: Any, end: bool = False, **props: Any) -> rx.Component:
    """One column name; amounts stand at the end."""
    looks = {"class_name": f"{HEAD} {'md:text-right' if end else ''}"} | props
    return rx.el.th(*content, scope="col", role="columnheader", **looks)


def column_name(column: str) -> Any:
    """What a column of invoices is called."""
    return t(COLUMN_WORDS[column])


def _row(row: Any, pay: bool, row_link: Callable[..., rx.Component]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            row_link(
                row.number, to=row.href, class_name="inline-flex min-h-6 items-center text-accent hover:underline"
            ),
            scope="row",
            role="rowheader",
            class_name=f"num order-1 w-3/5 text-left font-semibold break-words md:w-auto md:whitespace-nowrap {CELL}",
        ),
        rx.el.td(invoice_badge(row.status), role="cell", class_name=f"order-3 {CELL}"),
        _day(t("invoices.column.issued"), row.issued, "hidden") if pay else rx.fragment(),
        _day(t("invoices.column.due"), row.due, "order-4 ml-auto text-right"),
        rx.el.td(
            row.total,
            cond(
                row.left == "",
                "",
                rx.el.span(t("invoices.left", amount=row.left), class_name="block text-xs font-normal text-muted"),
            ),
            role="cell",
            class_name=f"num order-2 w-2/5 text-right font-semibold md:w-auto {CELL}",
        ),
        rx.el.td(
            row_payment(row),
            role="cell",
            class_name=f"order-5 w-full max-md:empty:hidden md:w-auto md:text-right print:hidden {CELL}",
        )
        if pay
        else rx.fragment(),
        # No key: the next page of rows then writes into the same elements, which is much quicker than new ones.
        role="row",
        custom_attrs={"data-invoice": row.key},
        class_name="group/row flex flex-wrap items-center gap-y-2 border-b border-line py-4 last:border-b-0 "
        "md:table-row md:hover:bg-sunken/50",
    )


def _day(label: Any, value: Any, narrow: str) -> rx.Component:
    return rx.el.td(
        rx.el.span(label, " ", class_name="text-muted md:hidden"),
        value,
        role="cell",
        class_name=f"num text-sm whitespace-nowrap md:text-left {narrow} {CELL}",
    )
