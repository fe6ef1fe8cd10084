"""What a customer should do next, one line for each thing, with one way to go."""

from typing import Any

import reflex as rx

from portal_app.components.icons import icon
from portal_app.components.links import link
from portal_app.components.text import t
from portal_app.priming.choices import each, match

# On a phone the action is a line of text under the sentence: three buttons would push the bill off the screen.
TASK_LINK = (
    "inline-flex min-h-9 items-center text-sm font-semibold text-accent underline underline-offset-4 sm:min-h-11 "
    "sm:justify-center sm:rounded-lg sm:border sm:border-line sm:bg-card sm:px-4 sm:py-2 sm:whitespace-nowrap "
    "sm:text-ink sm:no-underline sm:hover:bg-sunken"
)


def task_list(rows: Any) -> rx.Component:
    """Nothing at all while nothing is known."""
    return rx.el.ul(each(rows, _task), class_name="flex flex-col gap-3 empty:hidden")


def _task(task: Any) -> rx.Component:
    return match(
        task.kind,
        *((kind, _todo(task, *_as_said(kind, task))) for kind in _SIGNS),
        rx.el.li(
            rx.el.span(icon("check", "size-5"), class_name="text-good"),
            t("dashboard.task.clear"),
            class_name="flex items-center gap-3 text-sm font-medium",
        ),
    )


_URGENT, _SOON, _CALM = "bg-bad-soft text-bad", "bg-warn-soft text-warn", "bg-accent-soft text-accent"
_SIGNS = {
    "overdue": ("alert", _URGENT),
    "order": ("clock", _SOON),
    "order_document": ("identity", _SOON),
    "document_rejected": ("identity", _URGENT),
    "case": ("question", _SOON),
    "no_payment": ("card", _SOON),
    "payment_expired": ("card", _URGENT),
    "due_soon": ("clock", _SOON),
    "suspended": ("alert", _URGENT),
    "payment_expiring": ("card", _CALM),
    "profile": ("person", _CALM),
}


def _as_said(kind: str, task: Any) -> tuple[tuple[str, str], Any, Any]:
    words = {
        "overdue": lambda: t("dashboard.task.overdue", amount=task.amount),
        "order": lambda: t("dashboard.task.order", number=task.number),
        "order_document": lambda: t("dashboard.task.order_document", number=task.number),
        "document_rejected": lambda: t("dashboard.task.document_rejected"),
        "case": lambda: t("dashboard.task.case", name=task.name),
        "no_payment": lambda: t("dashboard.task.no_payment"),
        "payment_expired": lambda: t("dashboard.task.payment_expired"),
        "due_soon": lambda: t("dashboard.task.due_soon", number=task.number, amount=task.amount, day=task.day),
        "suspended": lambda: t("dashboard.task.suspended", name=task.name),
        "payment_expiring": lambda: t("dashboard.task.payment_expiring", day=task.day),
        "profile": lambda: t("dashboard.task.profile"),
    }
    return _SIGNS[kind], words[kind](), t(_ACTIONS[kind])


_ACTIONS = {
    "overdue": "dashboard.task.overdue_action",
    "order": "dashboard.task.order_action",
    "order_document": "dashboard.task.order_document_action",
    "document_rejected": "dashboard.task.document_rejected_action",
    "case": "dashboard.task.case_action",
    "no_payment": "dashboard.task.no_payment_action",
    "payment_expired": "dashboard.task.payment_expired_action",
    "due_soon": "dashboard.task.due_soon_action",
    "suspended": "dashboard.task.suspended_action",
    "payment_expiring": "dashboard.task.payment_expiring_action",
    "profile": "dashboard.task.profile_action",
}


def _todo(task: Any, sign: tuple[str, str], words: Any, action: Any) -> rx.Component:
    name, tone = sign
    return rx.el.li(
        rx.el.span(
            icon(name, "size-5"), class_name=f"flex size-10 shrink-0 items-center justify-center rounded-lg {tone}"
        ),
        rx.el.div(
            rx.el.p(words, class_name="num min-w-0 grow font-medium wrap-anywhere"),
            link(action, to=task.href, class_name=TASK_LINK),
            class_name="flex min-w-0 grow flex-col items-start sm:flex-row sm:items-center sm:gap-3",
        ),
        key=task.key,
        custom_attrs={"data-task": task.kind},
        class_name="flex items-start gap-3 rounded-xl border border-line bg-card p-3 sm:items-center sm:px-4",
    )
