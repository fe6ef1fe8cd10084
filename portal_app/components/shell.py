"""What stands round every page: header, navigation, language, theme, sign-out, announcements."""

from typing import Any, Literal

import reflex as rx

from portal_app import routes
from portal_app.components.bell import bell
from portal_app.components.brand import NAME, mark
from portal_app.components.effects import page_effects
from portal_app.components.feedback import problem_banner
from portal_app.components.form_effects import to_field
from portal_app.components.icons import icon
from portal_app.components.kit import PRIMARY, QUIET
from portal_app.components.links import link, post_form
from portal_app.components.text import t
from portal_app.priming.choices import cond
from portal_app.state.session import SessionState
from portal_app.text import LANGUAGES

Place = Literal["dashboard", "invoices", "services", "orders", "catalog", "support", "account", ""]
WIDTH = "mx-auto w-full max-w-6xl px-4 sm:px-6"
PLACES = (
    ("dashboard", "nav.dashboard", routes.DASHBOARD),
    ("invoices", "nav.invoices", routes.INVOICES),
    ("services", "nav.services", routes.SERVICES),
    ("orders", "nav.orders", routes.ORDERS),
    ("catalog", "nav.catalog", routes.CATALOG),
    ("support", "nav.support", routes.CASES),
    ("account", "nav.account", routes.ACCOUNT),
)


def shell(*children: Any, current: Place = "") -> rx.Component:
    """A page of a signed-in customer."""
    bar = customers_bar(current=current)
    return _frame(bar, content=children, footer=footer_with_note(), home=routes.DASHBOARD)


def public_shell(*children: Any, sign_in: bool = True) -> rx.Component:
    """A page anybody may open."""
    return _frame(_visitors_bar(sign_in=sign_in), content=children, footer=_footer(), home=routes.LANDING)


def open_shell(*children: Any, current: Place = "") -> rx.Component:
    """A page anybody may open, and that has its place among a customer's own."""
    bar = cond(SessionState.signed_in, customers_bar(current=current), _visitors_bar(always=True))
    return _frame(bar, content=children, footer=footer_with_note(), home=routes.LANDING)


@rx.memo
def customers_bar(current: rx.Var[str]) -> rx.Component:
    """The bar of a customer's pages; in a script that all pages share."""
    return rx.fragment(
        _places(current, "hidden items-center gap-0.5 xl:flex xl:[&>a]:px-2"),
        rx.el.div(
            rx.el.div(language_switch(), theme_switch(), class_name="hidden items-center gap-1 xl:flex"),
            bell(),
            rx.el.div(_sign_out("-mr-4"), class_name="max-xl:hidden"),
            _menu(current),
            class_name="ml-auto flex items-center gap-1",
        ),
    )


def _visitors_bar(*, sign_in: bool = True, always: bool = False) -> rx.Component:
    """`always`: the door is there on a phone too, where no other one is on the page."""
    small = "max-sm:px-3" if always else "max-sm:hidden"
    door = link(t("common.sign_in"), to=routes.LOGIN, class_name=f"{PRIMARY} ml-1 {small}")
    return rx.el.div(
        link(t("nav.catalog"), to=routes.CATALOG, class_name=f"{QUIET} max-sm:hidden"),
        language_switch(),
        rx.el.div(theme_switch(), class_name="max-sm:hidden") if always else theme_switch(),
        cond(SessionState.signed_in, rx.fragment(), door) if sign_in else rx.fragment(),
        class_name="ml-auto flex items-center gap-1",
    )


@rx.memo
def footer_with_note() -> rx.Component:
    """The foot of most pages; in a script that all pages share."""
    return _footer(t("common.footnote"))


def _footer(*notes: Any) -> rx.Component:
    return rx.el.footer(
        rx.el.div(
            *(rx.el.p(note, class_name="grow") for note in notes),
            rx.el.ul(
                *(
                    rx.el.li(link(t(key), to=to, class_name="inline-block min-h-6 hover:text-ink hover:underline"))
                    for key, to in (("legal.terms", routes.TERMS), ("legal.privacy", routes.PRIVACY))
                ),
                class_name="flex flex-wrap gap-x-6 gap-y-2",
            ),
            class_name=f"{WIDTH} flex flex-wrap items-center justify-between gap-x-8 gap-y-3 py-5 text-sm text-muted",
        ),
        class_name="border-t border-line print:hidden",
    )


@rx.memo
def skip_link() -> rx.Component:
    """Past the bar. The router only scrolls to a #part of its page, so the focus is moved here."""
    return rx.el.a(
        t("common.skip"),
        href="#content",
        on_click=to_field,
        class_name=f"{PRIMARY} sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50",
    )


def _frame(*bar: rx.Component, content: tuple[Any, ...], footer: rx.Component, home: str) -> rx.Component:
    return rx.el.div(
        skip_link(),
        page_effects(),
        rx.el.header(
            rx.el.div(
                link(
                    mark(),
                    rx.el.span(NAME, class_name="line-clamp-2 leading-tight break-words"),
                    to=home,
                    class_name="mr-2 flex min-w-0 items-center gap-2 text-base font-bold tracking-tight "
                    "max-[23.5rem]:mr-0 max-[23.5rem]:text-sm sm:mr-4 sm:gap-2.5",
                ),
                *bar,
                class_name=f"{WIDTH} flex h-16 items-center gap-2",
            ),
            class_name="border-b border-line bg-card print:hidden",
        ),
        problem_banner(),
        rx.el.main(*content, id="content", tab_index=-1, class_name=f"{WIDTH} grow py-8 sm:py-10 print:py-0"),
        footer,
        class_name="flex min-h-dvh flex-col",
    )


def _places(current: rx.Var[str], class_name: str) -> rx.Component:
    return rx.el.nav(
        *(_place(t(key), to, name == current) for name, key, to in PLACES),
        aria_label=t("common.navigation"),
        class_name=class_name,
    )


def _place(label: Any, to: str, here: Any) -> rx.Component:
    look = "flex min-h-11 items-center rounded-lg px-3 text-sm font-semibold"
    return link(
        label,
        to=to,
        replace=False,  # a list changes its address without the router, which would take this for the same page
        class_name=cond(
            here, f"{look} bg-accent-soft text-accent", f"{look} text-muted hover:bg-sunken hover:text-ink"
        ),
        aria_current=cond(here, "page", "false"),
    )


def _menu(current: rx.Var[str]) -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            icon("menu", "size-5"),
            t("common.menu"),
            class_name=f"{QUIET} list-none border border-line max-sm:px-3 max-[23.5rem]:px-2",
        ),
        rx.el.div(
            _places(current, "flex flex-col gap-1"),
            rx.el.div(
                language_switch(),
                theme_switch(),
                class_name="flex items-center justify-between border-t border-line pt-3",
            ),
            _sign_out("w-full border border-line"),
            class_name="absolute top-full right-0 z-40 mt-2 flex w-64 flex-col gap-3 rounded-xl border border-line "
            "bg-card p-3 shadow-xl",
        ),
        custom_attrs={"data-menu": "true"},
        class_name="relative xl:hidden",
    )


def language_switch() -> rx.Component:
    """Both languages by their own names; the one in use is pressed."""
    return rx.el.div(
        *(_language(locale, *names) for locale, names in LANGUAGES.items()),
        role="group",
        aria_label=t("common.language"),
        class_name="flex items-center rounded-lg",
    )


def _language(locale: str, name: str, short: str) -> rx.Component:
    return rx.el.button(
        rx.el.span(short, class_name="sm:hidden", aria_hidden="true"),
        rx.el.span(name, class_name="sr-only sm:not-sr-only sm:whitespace-nowrap"),
        type="button",
        lang=locale,
        aria_pressed=cond(SessionState.locale == locale, "true", "false"),
        on_click=SessionState.set_locale(locale),
        class_name="min-h-11 cursor-pointer rounded-lg px-2 text-sm whitespace-nowrap text-muted "
        "hover:bg-sunken hover:text-ink aria-pressed:font-semibold aria-pressed:text-ink",
    )


def theme_switch() -> rx.Component:
    """Light or dark, kept by the browser."""
    return rx.el.button(
        icon("moon", "size-5 dark:hidden"),
        icon("sun", "hidden size-5 dark:block"),
        rx.el.span(t("common.theme"), class_name="sr-only"),
        type="button",
        on_click=rx.toggle_color_mode,
        title=t("common.theme"),
        class_name="inline-flex size-11 cursor-pointer items-center justify-center rounded-lg text-muted "
        "hover:bg-sunken hover:text-ink",
    )


def _sign_out(class_name: str = "") -> rx.Component:
    return post_form(
        rx.el.button(t("common.sign_out"), type="submit", class_name=f"{QUIET} {class_name}"),
        action=routes.API_LOGOUT,
    )
