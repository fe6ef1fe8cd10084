"""Configuring a VPN plan."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.text import t
from portal_app.components.wizard import (
    answer,
    answers,
    document_hint,
    happens_next,
    panel,
    plan_summary,
    wizard,
)
from portal_app.components.wizard_fields import option_boxes, radio, radios
from portal_app.priming.choices import cond, each, match
from portal_app.state.order_vpn import OrderVpnState as Order

LINE = "vpn"
REGIONS = {"USA-SF": "wizard.region.usa", "UK-London": "wizard.region.uk"}


def order_vpn_page() -> rx.Component:
    """Region with options, review."""
    return wizard(Order, LINE, t("wizard.vpn.title"), routes.CATALOG_VPN, {"region": _region(), "review": _review()})


def region_name(region: Any) -> Any:
    """A place customers know; the catalogue's own word for one we have no name for."""
    return match(region, *((value, t(key)) for value, key in REGIONS.items()), region)


def _region() -> rx.Component:
    return panel(
        Order,
        "region",
        t("wizard.region.lead"),
        radios(Order, "region", t("wizard.region.legend"), each(Order.regions, _one)),
        cond(Order.options, option_boxes(Order)),
        handler="save_region",
    )


def _one(row: Any) -> rx.Component:
    return radio(
        "region",
        row.sku,
        region_name(row.region),
        row.name,
        price=rx.el.span(t("wizard.monthly", amount=row.amount), class_name="font-semibold"),
        on_change=Order.choose_region,
        key=row.sku,
        custom_attrs={"data-region": row.sku},
    )


def _review() -> rx.Component:
    return panel(
        Order,
        "review",
        t("wizard.review.lead"),
        plan_summary(plan=Order.plan, catalog=routes.CATALOG_VPN),
        answers(answer(LINE, "region", t("wizard.step.region"), region_name(Order.region))),
        document_hint(Order, LINE),
        happens_next(t("wizard.next.review"), t("wizard.next.router"), t("wizard.next.plug_in")),
        to=routes.checkout(LINE),
    )
