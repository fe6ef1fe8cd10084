"""What stands round the questions of a wizard: the steps above, the price beside, the way back and on below."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.feedback import notice_box, skeleton, unavailable
from portal_app.components.icons import icon
from portal_app.components.kit import CARD, INLINE, PRIMARY, SECONDARY, card, card_heading, empty_state, page_heading
from portal_app.components.links import link
from portal_app.components.shell import shell
from portal_app.components.status import availability_badge
from portal_app.components.text import by_value, t
from portal_app.components.wizard_effects import WizardForm, WizardStep
from portal_app.priming.choices import cond, each, match
from portal_app.state.plan_rows import PlanRow
from portal_app.state.price_rows import ItemRow, PriceBox
from portal_app.state.wizard_rows import StepRow

STEP_WORDS = {
    "plan": "wizard.step.plan",
    "installation": "wizard.step.installation",
    "sim": "wizard.step.sim",
    "start": "wizard.step.start",
    "number": "wizard.step.number",
    "region": "wizard.step.region",
    "add_ons": "wizard.step.add_ons",
    "review": "wizard.step.review",
}
REASON_WORDS = {"dwelling": "catalog.why_dwelling", "speed": "catalog.why_speed", "no_service": "catalog.why_none"}
# Kept above what sticks to the lower edge of a small screen, wherever focus goes.
ABOVE_THE_BAR = "[&_:is(a,button,input,select,h2)]:scroll-mb-32"


def wizard(state: Any, line: str, title: Any, catalog: str, panels: dict[str, rx.Component]) -> rx.Component:
    """The page: `panels` by the name of their step, `catalog` where other plans of the line are."""
    other = link(t("wizard.see_plans"), to=catalog, class_name=SECONDARY)
    order = link(t("wizard.see_order"), to=routes.checkout(line), class_name=PRIMARY)
    return shell(
        page_heading(title, cond((state.found == "none") | (state.found == "submitted"), "", t("wizard.lead"))),
        WizardStep.create(step=state.step),
        match(
            state.found,
            ("open", _open(state, line, catalog, panels)),
            ("none", card(empty_state(line, t("wizard.none"), t("wizard.none_body"), other), id="no-cart")),
            ("submitted", card(empty_state("clock", t("wizard.submitted"), t("wizard.submitted_body"), order))),
            ("failed", card(unavailable(state.load, False))),
            card(skeleton("h-6 w-2/3", "h-24 w-full", "h-24 w-full", "h-11 w-40")),
        ),
        current="catalog",
    )


def panel(state: Any, step: str, lead: Any, *children: Any, handler: str = "", to: str = "") -> rx.Component:
    """One step. `handler`: the name of the handler its form goes to; `to`: where it leads when it asks nothing."""
    body = (
        rx.el.div(
            rx.el.h2(
                t(STEP_WORDS[step]),
                id="step-heading",
                tab_index=-1,
                class_name="text-xl font-bold tracking-tight focus:outline-none",
            ),
            rx.el.p(lead, class_name="mt-1 text-sm text-muted"),
        ),
        *children,
        _ways(state, submits=bool(handler), to=to),
    )
    look = f"{CARD} flex flex-col gap-6 p-5 sm:p-6"
    return WizardForm.create(
        *body,
        handler=f"{state.get_full_name()}.{handler}",
        values=state.values,
        refused=state.refused,
        undone=state.undone,
        custom_attrs={"data-step": step, "aria-labelledby": "step-heading"},
        class_name=look,
    )


@rx.memo
def plan_summary(plan: rx.Var[PlanRow], catalog: rx.Var[str], children: rx.Var[rx.Component]) -> rx.Component:
    """The plan this is about, with its price, what else is to say of it, and the way to another one."""
    facts = [
        cond(
            fact != "",
            rx.el.li(icon("check", "mt-0.5 size-4 text-good"), rx.el.span(fact), class_name="flex gap-2"),
        )
        for fact in (plan.fact_1, plan.fact_2, plan.fact_3)
    ]
    return rx.el.div(
        rx.el.div(
            rx.el.p(plan.name, class_name="font-semibold break-words"),
            rx.el.p(
                t("catalog.yen", amount=plan.price),
                rx.el.span(" ", t("catalog.a_month"), class_name="text-sm font-normal text-muted"),
                class_name="num font-bold",
            ),
            class_name="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1",
        ),
        cond(plan.fact_1 != "", rx.el.ul(*facts, class_name="mt-3 flex flex-col gap-1.5 text-sm")),
        children,
        rx.el.p(link(t("wizard.another_plan"), to=catalog, class_name=INLINE), class_name="mt-3 text-sm"),
        custom_attrs={"data-plan": plan.sku},
        class_name="rounded-xl border border-line bg-page p-4",
    )


@rx.memo
def at_the_address(plan: rx.Var[PlanRow]) -> rx.Component:
    """Whether the plan can be had at the customer's address, and where to find out."""
    return rx.el.div(
        cond(
            plan.availability == "",
            rx.el.span(t("common.loading"), class_name="text-sm text-muted"),
            rx.fragment(
                availability_badge(plan.availability),
                cond(plan.reason != "", rx.el.p(by_value(plan.reason, REASON_WORDS), class_name="mt-1 text-sm")),
            ),
        ),
        cond(
            (plan.availability == "check") | (plan.availability == "checking") | (plan.availability == "unavailable"),
            rx.el.p(
                link(
                    cond(plan.availability == "check", t("wizard.availability_ask"), t("wizard.availability")),
                    to=f"{routes.AVAILABILITY}?returnTo={routes.ORDER_INTERNET}",
                    class_name=INLINE,
                ),
                class_name="mt-1 text-sm",
            ),
        ),
        class_name="mt-3",
    )


def answers(*rows: rx.Component) -> rx.Component:
    """What was answered, at the end."""
    return rx.el.dl(*rows, class_name="flex flex-col divide-y divide-line border-y border-line")


def answer(line: str, step: str, label: Any, *value: Any) -> rx.Component:
    """One of them, with the way back to its step."""
    return rx.el.div(
        rx.el.dt(label, class_name="text-sm text-muted"),
        rx.el.dd(*value, class_name="num min-w-0 font-medium break-words"),
        rx.el.dd(
            link(
                t("wizard.change"),
                rx.el.span(" ", label, class_name="sr-only"),
                to=f"{routes.order_wizard(line)}?step={step}",
                class_name=f"{INLINE} inline-flex min-h-6 items-center text-sm",
            ),
            class_name="col-start-2 row-span-2 row-start-1 self-center",
        ),
        class_name="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 py-3",
    )


def happens_next(*sentences: Any) -> rx.Component:
    """What follows an order, in order."""
    return rx.el.div(
        rx.el.h3(t("wizard.next.title"), class_name="mb-2 font-semibold"),
        rx.el.ol(*(rx.el.li(one) for one in sentences), class_name="flex list-decimal flex-col gap-1.5 pl-5 text-sm"),
    )


def document_hint(state: Any, line: str) -> rx.Component:
    """That the order needs an identity document, where it does."""
    to = f"{routes.VERIFICATION}?returnTo={routes.order_wizard(line)}"
    return cond(
        state.document,
        rx.el.p(
            t("wizard.document"),
            " ",
            link(t("wizard.document_link"), to=to, class_name=INLINE),
            class_name="rounded-xl bg-accent-soft p-4 text-sm",
        ),
    )


def _open(state: Any, line: str, catalog: str, panels: dict[str, rx.Component]) -> rx.Component:
    return rx.fragment(
        rx.el.div(cond(state.stale, notice_box(t("catalog.stale", time=state.as_of))), role="status"),
        rx.el.div(
            rx.el.div(
                step_list(steps=state.steps, position=state.position),
                refusal(error=state.error),
                cond(state.something_gone, _gone(state, catalog)),
                match(state.step, *panels.items(), rx.fragment()),
                class_name=f"flex min-w-0 flex-col gap-6 {ABOVE_THE_BAR}",
            ),
            rx.el.aside(
                price_summary(parts=state.parts, box=state.box),
                id="summary",
                class_name="scroll-mt-6 lg:sticky lg:top-6 lg:self-start",
            ),
            class_name="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem] lg:gap-8",
        ),
        price_bar(box=state.box),
    )


@rx.memo
def step_list(steps: rx.Var[list[StepRow]], position: rx.Var[str]) -> rx.Component:
    """All steps by name; on a small screen by number. In a script of its own, as all pages of wizards have it."""
    return rx.el.nav(
        rx.el.ol(each(steps, _step), class_name="flex items-center gap-x-3 gap-y-2 sm:flex-wrap sm:gap-x-5"),
        rx.el.p(
            t("wizard.position", number=position, count=steps.length()),
            class_name="num mt-2 text-sm text-muted sm:hidden",
        ),
        aria_label=t("wizard.steps"),
    )


def _step(row: Any) -> rx.Component:
    circle = "flex size-8 shrink-0 items-center justify-center rounded-full text-sm font-semibold"
    look = match(
        row.state,
        ("now", f"{circle} bg-accent text-on-accent"),
        ("done", f"{circle} bg-good-soft text-good"),
        ("open", f"{circle} border border-accent text-accent"),
        f"{circle} border border-edge text-muted",
    )
    inside = (
        rx.el.span(
            cond(row.state == "done", icon("check", "size-4"), rx.el.span(row.number, class_name="num")),
            class_name=look,
            aria_hidden="true",
        ),
        rx.el.span(by_value(row.name, STEP_WORDS), class_name="max-sm:sr-only"),
        cond(row.state == "done", rx.el.span(" ", t("wizard.done"), class_name="sr-only")),
    )
    place = "flex min-h-11 items-center gap-2 text-sm"
    return rx.el.li(
        cond(
            row.href != "",
            link(*inside, to=row.href, class_name=f"{place} font-medium hover:underline"),
            rx.el.span(
                *inside,
                aria_current=cond(row.state == "now", "step", "false"),
                class_name=cond(row.state == "now", f"{place} font-semibold", f"{place} text-muted"),
            ),
        ),
        key=row.name,
        custom_attrs={"data-name": row.name, "data-state": row.state},
    )


@rx.memo
def refusal(error: rx.Var[str]) -> rx.Component:
    """What was refused as a whole."""
    return rx.el.div(
        cond(
            error != "",
            rx.el.div(
                icon("alert", "mt-0.5 size-5"),
                rx.el.p(error),
                class_name="flex gap-3 rounded-lg bg-bad-soft p-4 text-sm text-bad",
            ),
        ),
        id="refusal",
        role="alert",
        tab_index=-1,
        class_name="empty:hidden focus:outline-none",
    )


def _gone(state: Any, catalog: str) -> rx.Component:
    """Where something in the cart is sold no more: what to do about it."""
    look = "font-semibold underline underline-offset-4 min-h-6 cursor-pointer"
    other = link(t("wizard.another_plan"), to=catalog, class_name=look)
    drop = rx.el.button(t("wizard.drop_gone"), type="button", on_click=state.drop_gone, class_name=look)
    return rx.el.div(
        notice_box(rx.fragment(t("checkout.item_gone"), " ", _mend(state, other, drop))),
        role="status",
        class_name="[&>div]:mb-0",
    )


def _mend(state: Any, other: rx.Component, drop: rx.Component) -> rx.Component:
    """Another installation is chosen in the step itself."""
    return cond(state.plan_gone, other, cond(state.step == "installation", rx.fragment(), drop))


def _ways(state: Any, *, submits: bool, to: str) -> rx.Component:
    if submits:
        on = rx.el.button(t("wizard.continue"), icon("right", "size-4"), type="submit", class_name=PRIMARY)
    elif to:
        on = link(t("wizard.to_checkout"), icon("right", "size-4"), to=to, class_name=PRIMARY)
    else:
        on = link(t("wizard.continue"), icon("right", "size-4"), to=state.onward, class_name=PRIMARY)
    return rx.el.div(
        cond(
            state.back != "",
            link(icon("left", "size-4"), t("wizard.back"), to=state.back, class_name=SECONDARY),
            rx.el.span(),
        ),
        on,
        class_name="flex items-center justify-between gap-3 border-t border-line pt-5",
    )


@rx.memo
def price_summary(parts: rx.Var[list[ItemRow]], box: rx.Var[PriceBox]) -> rx.Component:
    """What the order is made of and comes to."""
    return card(
        card_heading(t("wizard.summary")),
        rx.el.ul(each(parts, _part), class_name="flex flex-col gap-2.5 text-sm"),
        rx.el.dl(
            _sum(t("wizard.today"), box.nothing, t("wizard.today_note")),
            cond(box.once != "", _sum(t("wizard.once"), box.once)),
            _sum(t("wizard.each_month"), box.monthly, t("wizard.tax_in", amount=box.monthly_tax), strong=True),
            cond(box.later != "", _sum(t("wizard.later"), box.later)),
            _sum(t("wizard.first_bill"), box.first_bill, t("wizard.tax_in", amount=box.first_bill_tax)),
            cond(
                box.last_instalment != "",
                _sum(
                    t("wizard.instalments"),
                    None,
                    t("price.schedule", count=box.others, amount=box.instalment, last=box.last_instalment),
                ),
            ),
            class_name="mt-4 flex flex-col gap-3 border-t border-line pt-4",
        ),
    )


def _part(row: Any) -> rx.Component:
    how = match(
        row.paid,
        ("once", t("wizard.paid_once", amount=row.amount)),
        ("instalments", t("wizard.for_months", amount=row.amount, months=row.months)),
        t("wizard.monthly", amount=row.amount),
    )
    return rx.el.li(
        rx.el.span(row.name, class_name="min-w-0 break-words"),
        rx.el.span(how, class_name="num text-muted"),
        key=row.sku,
        custom_attrs={"data-part": row.sku},
        class_name="flex flex-col",
    )


def _sum(label: Any, amount: Any, note: Any = None, *, strong: bool = False) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-sm text-muted"),
        rx.el.dd(amount, class_name=f"num text-right {'text-lg font-bold' if strong else 'font-semibold'}")
        if amount is not None
        else rx.fragment(),
        rx.el.dd(note, class_name="num col-span-2 text-sm text-muted") if note is not None else rx.fragment(),
        class_name="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-3",
    )


@rx.memo
def price_bar(box: rx.Var[PriceBox]) -> rx.Component:
    """What it comes to, in sight on a small screen too, with the way to what it is made of."""
    return rx.el.div(
        rx.el.div(
            rx.el.p(
                rx.el.span(t("wizard.each_month"), " ", class_name="text-sm text-muted"),
                rx.el.span(box.monthly, id="bar-monthly", class_name="num text-lg font-bold"),
            ),
            cond(
                box.once != "",
                rx.el.p(t("wizard.bar_once", amount=box.once), class_name="num text-sm text-muted"),
            ),
        ),
        rx.el.a(t("wizard.details"), href="#summary", class_name=f"{INLINE} inline-flex min-h-11 items-center text-sm"),
        class_name="sticky bottom-0 z-10 -mx-4 mt-6 flex items-center justify-between gap-4 border-t border-line "
        "bg-card px-4 py-2 sm:-mx-6 sm:px-6 lg:hidden",
    )
