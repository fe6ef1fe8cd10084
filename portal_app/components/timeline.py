"""How far an order has come: its steps from top to bottom, each with its state in words."""

from typing import Any

import reflex as rx

from portal_app.components.icons import icon
from portal_app.components.text import by_value, t
from portal_app.priming.choices import cond, each, match
from portal_app.state.order_steps import StepRow

STATE_WORDS = {
    "done": "order.state.done",
    "now": "order.state.now",
    "later": "order.state.later",
    "waiting": "order.state.waiting",
    "delayed": "order.state.delayed",
    "ahead": "order.state.ahead",
    "stopped": "order.state.stopped",
}
_DOTS = {
    "done": "bg-good-soft text-good",
    "now": "bg-accent text-on-accent",
    "later": "bg-accent-soft text-accent",
    "waiting": "bg-warn-soft text-warn",
    "delayed": "bg-warn-soft text-warn",
}
_TONES = {"now": "text-accent", "later": "text-accent", "waiting": "text-warn", "delayed": "text-warn"}

_HERE = [*_TONES]  # the one step that is neither done nor still to come


def timeline(steps: Any) -> rx.Component:
    """The steps in order. The one that is under way is marked for those who do not see it."""
    return rx.el.ol(each(steps, _step), id="timeline", class_name="flex flex-col")


def _step(step: rx.Var[StepRow]) -> rx.Component:
    dot = match(step.state, *_DOTS.items(), "bg-sunken text-muted")
    tone = match(step.state, *_TONES.items(), "text-muted")
    way = cond(step.state == "done", "bg-good", "bg-line")
    here = rx.Var.create(_HERE).contains(step.state)
    return rx.el.li(
        rx.el.div(
            rx.el.span(
                match(
                    step.state,
                    ("done", icon("check", "size-5")),
                    ("now", icon("clock", "size-5")),
                    ("later", icon("clock", "size-5")),
                    ("waiting", icon("alert", "size-5")),
                    ("delayed", icon("clock", "size-5")),
                    rx.el.span(class_name="size-2.5 rounded-full bg-edge"),
                ),
                class_name=f"flex size-9 shrink-0 items-center justify-center rounded-full {dot}",
            ),
            rx.el.span(
                class_name=f"w-0.5 grow group-last/step:hidden {way}",
            ),
            aria_hidden="true",
            class_name="flex flex-col items-center",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.h3(
                    step.title,
                    class_name=cond(
                        (step.state == "ahead") | (step.state == "stopped"),
                        "font-medium text-muted",
                        "font-semibold",
                    ),
                ),
                rx.el.p(
                    cond(step.time == "", by_value(step.state, STATE_WORDS), step.time),
                    class_name=f"num text-sm {tone}",
                ),
                class_name="flex flex-wrap items-baseline justify-between gap-x-4",
            ),
            cond(step.time == "", rx.fragment(), rx.el.span(t("order.state.done"), class_name="sr-only")),
            rx.el.p(step.sentence, class_name="text-sm text-muted empty:hidden"),
            rx.el.p(step.note, class_name="num mt-1 text-sm font-medium empty:hidden"),
            rx.el.p(step.reference, class_name="num mt-1 text-sm break-words text-muted empty:hidden"),
            class_name="min-w-0 grow pt-1.5 pb-6 group-last/step:pb-0",
        ),
        key=step.name,
        aria_current=cond(here, "step", "false"),
        custom_attrs={"data-step": step.name, "data-state": step.state},
        class_name="group/step flex gap-4",
    )
