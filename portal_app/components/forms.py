"""Forms that are posted to our HTTP doors: fields with label, hint and reason, and what was refused on top."""

from collections.abc import Mapping, Sequence
from typing import Any

import reflex as rx

from portal_app.components.form_effects import FormEffects, show_strength, show_typed, to_field
from portal_app.components.icons import icon
from portal_app.components.kit import CARD, FIELD, INLINE, PRIMARY
from portal_app.components.links import link, post_form
from portal_app.components.shell import public_shell
from portal_app.components.text import by_key, t
from portal_app.priming.choices import cond

INPUT = f"{FIELD} aria-invalid:border-bad"
NEW_PASSWORD = (
    "password.too_short",
    "password.too_short_for_two",
    "password.too_long",
    "password.unusable_character",
    "password.too_common",
    "password.is_email",
    "password.is_own_data",
)
OLD_PASSWORD = ("sign_in.password_missing", "verify.password_wrong")
EMAIL = ("sign_in.email_missing", "sign_in.email_invalid")
WHOLE = (
    "problem.validation",
    "problem.idempotency_key_missing",
    "problem.idempotency_key_malformed",
    "problem.idempotency_key_reused",
    "problem.request_in_progress",
    "problem.too_many_tries",
    "problem.busy",
    "problem.unavailable",
    "problem.being_confirmed",
    "problem.session_over",
)
"""What may be said about any form as a whole."""
TOKEN = ("token.unknown", "token.expired", "token.used", "token.void")
STRENGTHS = {
    "form.strength.short": "group-data-[strength=short]/password:block",
    "form.strength.weak": "group-data-[strength=weak]/password:block",
    "form.strength.good": "group-data-[strength=good]/password:block",
    "form.strength.strong": "group-data-[strength=strong]/password:block",
}
"""Key into `text` -> the class that shows it; Tailwind must find each spelled out."""
_BARS = (
    "group-data-[strength=short]/password:bg-bad group-data-[strength=weak]/password:bg-warn "
    "group-data-[strength=good]/password:bg-good group-data-[strength=strong]/password:bg-good",
    "group-data-[strength=weak]/password:bg-warn group-data-[strength=good]/password:bg-good "
    "group-data-[strength=strong]/password:bg-good",
    "group-data-[strength=good]/password:bg-good group-data-[strength=strong]/password:bg-good",
    "group-data-[strength=strong]/password:bg-good",
)


def form_card(*children: Any, title: Any, lead: Any, wide: bool = False, **shell: Any) -> rx.Component:
    """One card in the middle of a public page."""
    return public_shell(
        rx.el.div(
            rx.el.h1(title, tab_index=-1, class_name="text-2xl font-bold tracking-tight text-balance"),
            rx.el.p(lead, class_name="mt-1 mb-6 text-sm text-muted"),
            *children,
            class_name=f"{CARD} mx-auto w-full p-6 sm:mt-6 sm:p-8 {'max-w-2xl' if wide else 'max-w-md'}",
        ),
        **shell,
    )


def form(
    state: Any, *children: Any, action: str, submit: Any, once: bool = False, class_name: str = ""
) -> rx.Component:
    """The form of a page, with its button. `once`: the door wants a key, so that a repeat is not done twice (K1)."""
    key = rx.el.input(type="hidden", name="idempotency_key") if once else rx.fragment()
    return post_form(
        *children,
        key,
        rx.el.button(submit, type="submit", class_name=f"{PRIMARY} mt-6 w-full text-base"),
        FormEffects.create(form="form", values=state.values, refused=state.error != ""),
        id="form",
        action=action,
        class_name=class_name,
        # The door judges every field, in the language of the page and all at once.
        custom_attrs={"noValidate": True},
    )


def field(
    state: Any,
    name: str,
    label: Any,
    reasons: Sequence[str] | None,
    *,
    hint: Any = None,
    required: bool = True,
    **props: Any,
) -> rx.Component:
    """One line of text with its label above, a hint, and the reason when it was refused.

    `reasons`: the keys it may be, or None where the state's errors are sentences.
    """
    return _labelled(
        state, name, label, reasons, rx.el.input(**_common(state, name, hint, required), **props), hint, required
    )


def long_text(
    state: Any, name: str, label: Any, reasons: Sequence[str] | None, *, hint: Any = None, **props: Any
) -> rx.Component:
    """Several lines of text. `reasons` as for a field."""
    common = _common(state, name, hint, True)
    common["class_name"] = f"{common['class_name']} py-2.5 leading-relaxed"
    return _labelled(state, name, label, reasons, rx.el.textarea(**common, **props), hint, True)


def choice(
    state: Any,
    name: str,
    label: Any,
    reasons: Sequence[str] | None,
    *options: rx.Component,
    required: bool = True,
    **props: Any,
) -> Any:
    """One of a list. `reasons` as for a field."""
    box = rx.el.select(*options, **_common(state, name, None, required), **props)
    return _labelled(state, name, label, reasons, box, None, required)


def tick(
    state: Any, name: str, label: Any, reasons: Sequence[str] | None = (), *, required: bool = False, **props: Any
) -> rx.Component:
    """A box to tick, its label at its right. `reasons` as for a field; () for one that is never refused."""
    refusable = reasons is None or len(reasons) > 0
    described = {"aria_describedby": f"{name}-error", "aria_invalid": _invalid(state, name)} if refusable else {}
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                id=name,
                name=name,
                type="checkbox",
                value="on",
                required=required,
                class_name="mt-0.5 size-5 shrink-0 accent-accent",
                **described,
                **props,
            ),
            rx.el.span(label),
            class_name="flex min-h-6 cursor-pointer items-start gap-3 text-sm",
        ),
        _reason(state, name, reasons) if refusable else rx.fragment(),
    )


def new_password(state: Any, label: Any) -> rx.Component:
    """A password to be chosen: shown on demand, with a hint how strong it is that never leaves the browser."""
    return rx.el.div(
        _labelled(
            state,
            "password",
            label,
            NEW_PASSWORD,
            _password(
                state, auto_complete="new-password", described="password-hint password-error", on_change=show_strength
            ),
            t("form.password_hint"),
            True,
        ),
        rx.el.div(
            *(rx.el.span(class_name=f"h-1.5 grow rounded-full bg-line {look}") for look in _BARS),
            class_name="mt-2 flex gap-1.5",
            aria_hidden="true",
        ),
        rx.el.div(
            *(rx.el.p(t(key), class_name=f"hidden {shown}") for key, shown in STRENGTHS.items()),
            class_name="mt-1 min-h-5 text-sm text-muted",
            role="status",
        ),
        custom_attrs={"data-strength": "none"},
        class_name="group/password",
    )


def old_password(state: Any, label: Any, hint: Any = None) -> rx.Component:
    """A password somebody has already."""
    described = "password-hint password-error" if hint is not None else "password-error"
    box = _password(state, auto_complete="current-password", described=described)
    return _labelled(state, "password", label, OLD_PASSWORD, box, hint, True)


def refusal(
    state: Any, fields: Mapping[str, Any], reasons: Sequence[str] = (), *, way_out: rx.Component | None = None
) -> rx.Component:
    """Above a refused form: what is the matter, how long to wait, and a link to each bad field (name -> label)."""
    return rx.el.div(
        cond(
            state.error != "",
            rx.el.div(
                icon("alert", "mt-0.5 size-5"),
                rx.el.div(
                    rx.el.p(by_key(state.error, (*WHOLE, *reasons)), class_name="font-semibold"),
                    _wait(state),
                    rx.el.ul(
                        *(_to(state, name, label) for name, label in fields.items()),
                        class_name="mt-1 flex flex-col",
                    )
                    if fields
                    else rx.fragment(),
                    way_out or rx.fragment(),
                    class_name="min-w-0",
                ),
                class_name="mb-6 flex gap-3 rounded-lg bg-bad-soft p-4 text-sm text-bad",
            ),
        ),
        id="refusal",
        role="alert",
        tab_index=-1,
        class_name="focus:outline-none",
    )


def told(sentence: Any) -> rx.Component:
    """Good news from the page before."""
    return rx.el.div(
        icon("check", "mt-0.5 size-5"),
        rx.el.p(sentence),
        class_name="mb-6 flex gap-3 rounded-lg bg-good-soft p-4 text-sm text-good",
        role="status",
    )


def ways(*entries: tuple[Any, Any, str]) -> rx.Component:
    """Below a form: (question, label, address) of where else one may want to go."""
    return rx.el.ul(
        *(
            rx.el.li(
                question, " ", link(label, to=to, class_name=f"{INLINE} inline-block"), class_name="text-sm text-muted"
            )
            for question, label, to in entries
        ),
        class_name="mt-6 flex flex-col gap-2 border-t border-line pt-4",
    )


def way(label: Any, to: str) -> rx.Component:
    """The one way on, inside a refusal."""
    return rx.el.p(link(label, to=to, class_name="font-semibold underline underline-offset-4"), class_name="mt-2")


def _labelled(
    state: Any, name: str, label: Any, reasons: Sequence[str] | None, box: rx.Component, hint: Any, required: bool
) -> rx.Component:
    optional = rx.fragment() if required else rx.el.span(t("form.optional"), class_name="font-normal text-muted")
    return rx.el.div(
        rx.el.label(label, " ", optional, html_for=name, class_name="mb-1.5 block text-sm font-semibold"),
        rx.el.p(hint, id=f"{name}-hint", class_name="-mt-0.5 mb-1.5 text-sm text-muted")
        if hint is not None
        else rx.fragment(),
        box,
        _reason(state, name, reasons),
        class_name="min-w-0",
    )


def _common(state: Any, name: str, hint: Any, required: bool) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "required": required,
        "aria_describedby": f"{name}-hint {name}-error" if hint is not None else f"{name}-error",
        "aria_invalid": _invalid(state, name),
        "class_name": INPUT,
    }


def _password(state: Any, *, auto_complete: str, described: str, **props: Any) -> rx.Component:
    return rx.el.div(
        rx.el.input(
            id="password",
            name="password",
            type="password",
            auto_complete=auto_complete,
            required=True,
            max_length=1024,
            aria_describedby=described,
            aria_invalid=_invalid(state, "password"),
            class_name=f"{INPUT} pr-12",
            **props,
        ),
        rx.el.button(
            icon("eye", "size-5"),
            rx.el.span(t("sign_in.show"), class_name="sr-only"),
            type="button",
            title=t("sign_in.show"),
            aria_pressed="false",
            on_click=show_typed,
            class_name="absolute inset-y-0 right-0 flex w-11 cursor-pointer items-center justify-center rounded-lg "
            "text-muted hover:text-ink aria-pressed:text-accent",
        ),
        class_name="relative",
    )


def _reason(state: Any, name: str, reasons: Sequence[str] | None) -> rx.Component:
    said = state.errors[name] if reasons is None else by_key(state.errors[name], reasons)
    return rx.el.p(
        cond(state.errors[name], said, ""),
        id=f"{name}-error",
        class_name="mt-1.5 text-sm font-medium text-bad empty:hidden",
    )


def _invalid(state: Any, name: str) -> Any:
    return cond(state.errors[name], "true", "false")


def _to(state: Any, name: str, label: Any) -> Any:
    to = rx.el.a(
        label, href=f"#{name}", on_click=to_field, class_name="inline-block min-h-6 underline underline-offset-4"
    )
    return cond(state.errors[name], rx.el.li(to))


def _wait(state: Any) -> rx.Component:
    return rx.fragment(
        cond(state.minutes != "", rx.el.p(t("sign_in.wait_minutes", minutes=state.minutes), class_name="num mt-1")),
        cond(state.seconds != "", rx.el.p(t("sign_in.wait_seconds", seconds=state.seconds), class_name="num mt-1")),
    )
