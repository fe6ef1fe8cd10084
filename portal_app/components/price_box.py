"""What an order costs: its lines, and its sums with what is paid when."""

from typing import Any

import reflex as rx

from portal_app.components.text import t
from portal_app.priming.choices import cond, each, match
from portal_app.state.price_rows import ItemRow

ROW = "flex items-baseline justify-between gap-4"


def item_list(items: Any) -> rx.Component:
    """Each line with its price and when it is paid."""
    return rx.el.ul(each(items, _item), class_name="flex flex-col")


def _item(item: rx.Var[ItemRow]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(item.name, class_name="font-medium break-words"),
            cond(
                item.automatic,
                rx.el.p(t("checkout.included"), class_name="text-sm text-muted"),
                rx.fragment(),
            ),
            class_name="min-w-0",
        ),
        rx.el.p(
            rx.el.span(cond(item.amount == "", "–", item.amount), class_name="block font-semibold"),
            rx.el.span(_paid(item), class_name="block text-sm text-muted"),
            class_name="num shrink-0 text-right",
        ),
        key=item.sku,
        custom_attrs={"data-sku": item.sku},
        class_name="flex items-start justify-between gap-4 border-b border-line py-3 first:pt-0 last:border-b-0 "
        "last:pb-0",
    )


def _paid(item: Any) -> Any:
    return match(
        item.paid,
        ("once", t("price.once")),
        ("monthly", t("price.a_month")),
        ("instalments", t("price.for_months", months=item.months)),
        "",
    )


def price_box(box: Any, *, placed: bool = False) -> rx.Component:
    """The sums. `placed`: of an order that was placed already, so nothing is said of today."""
    return rx.el.div(
        rx.el.dl(
            rx.fragment() if placed else _today(box),
            cond(box.first_bill == "", rx.fragment(), _first_bill(box, placed)),
            cond(
                box.monthly == "",
                rx.fragment(),
                _sum("monthly", t("price.monthly"), box.monthly, t("price.tax", amount=box.monthly_tax)),
            ),
            cond(
                box.later == "",
                rx.fragment(),
                _sum(
                    "later",
                    t("price.later", months=box.months),
                    box.later,
                    t("price.tax", amount=box.later_tax),
                ),
            ),
            cond(box.months == "", rx.fragment(), _instalments(box)),
            class_name="flex flex-col gap-4",
        ),
        rx.el.p(t("price.rounding"), class_name="mt-4 border-t border-line pt-3 text-sm text-muted"),
    )


def _today(box: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(t("price.today"), class_name="font-semibold"),
        rx.el.dd(box.nothing, id="due-today", class_name="num text-2xl font-bold tracking-tight"),
        class_name=f"{ROW} border-b border-line pb-4",
    )


def _first_bill(box: Any, placed: bool) -> rx.Component:
    if placed:
        note = cond(box.once == "", "", t("price.first_bill_placed", amount=box.once))
    else:
        note = cond(box.once == "", t("price.first_bill_note"), t("price.first_bill_once", amount=box.once))
    return _sum("first-bill", t("price.first_bill"), box.first_bill, t("price.tax", amount=box.first_bill_tax), note)


def _sum(name: str, label: Any, amount: Any, tax: Any, note: Any = None) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="font-semibold"),
        rx.el.dd(amount, id=name, class_name="num text-lg font-bold tracking-tight whitespace-nowrap"),
        rx.el.dd(tax, class_name="num col-span-2 text-right text-sm text-muted"),
        rx.el.dd(note, class_name="num col-span-2 mt-0.5 text-sm text-muted empty:hidden")
        if note is not None
        else rx.fragment(),
        class_name="grid grid-cols-[1fr_auto] items-baseline gap-x-4",
    )


def _instalments(box: Any) -> rx.Component:
    uneven = t("price.schedule", count=box.others, amount=box.instalment, last=box.last_instalment)
    even = t("price.schedule_even", months=box.months, amount=box.instalment)
    return rx.el.div(
        rx.el.dt(t("price.instalments", months=box.months), class_name="text-sm text-muted"),
        rx.el.dd(
            cond(box.last_instalment == "", even, uneven),
            id="instalments",
            class_name="num text-sm font-medium",
        ),
        class_name="rounded-lg bg-sunken p-3",
    )
