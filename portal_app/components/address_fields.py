"""The parts of the address form, and an address that is only shown.

What a known postal code stands for is shown and not asked: the door reads it from the same table.
"""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from portal_app.components.feedback import notice_box
from portal_app.components.forms import choice, field, told
from portal_app.components.icons import icon
from portal_app.components.links import browser
from portal_app.components.text import by_key, t
from portal_app.priming.choices import cond, each, match

TEXT = ("address.too_long", "address.unusable")
POSTAL_CODE = ("address.postal_code_missing", "address.postal_code_invalid", *TEXT)
PREFECTURE = ("address.prefecture_missing", "address.prefecture_mismatch", *TEXT)
CITY = ("address.city_missing", "address.city_mismatch", "address.not_japanese", *TEXT)
TOWN = ("address.town_missing", "address.town_mismatch", "address.town_choose", "address.not_japanese", *TEXT)
CITY_ROMAN = ("address.city_roman_missing", "address.not_roman", *TEXT)
TOWN_ROMAN = ("address.town_roman_missing", "address.not_roman", *TEXT)
BLOCK = ("address.block_missing", "address.block_invalid", *TEXT)
DWELLING = ("address.dwelling_missing",)
BUILDING = ("address.building_missing", *TEXT)
BUILDING_ROMAN = ("address.building_roman_missing", "address.not_roman", *TEXT)
ROOM = ("address.room_missing", "address.room_invalid", "address.room_of_house", *TEXT)

ROMAN = {"lang": "en", "auto_capitalize": "words", "spell_check": False}
JAPANESE = {"lang": "ja", "spell_check": False}
# A room that is out of sight must not be sent: a house has none.
LIVES = """(event) => {
  if (event.target.value !== "house") return;
  for (const name of ["building", "building_roman", "room"]) event.target.form.elements[name].value = "";
}"""


def address_lines(view: Any) -> rx.Component:
    """The address on file, as on a letter. `view`: an AddressView."""
    return rx.el.address(
        rx.el.p(view.street, lang="en"),
        cond(view.building == "", rx.fragment(), rx.el.p(view.building, lang="en")),
        rx.el.p(view.city, lang="en"),
        rx.el.p(view.postal_code, " ", t("settings.japan"), class_name="num"),
        class_name="wrap-anywhere not-italic",
    )


def moved(notice: Any) -> rx.Component:
    """On the page an address form came back to: what became of it; nothing for any other notice."""
    return match(
        notice,
        ("address.saved", told(t("address.saved"))),
        ("address.being_confirmed", notice_box(t("address.being_confirmed"))),
        rx.fragment(),
    )


def postal_code(state: Any) -> rx.Component:
    """The one field that comes first; what it stands for is looked up while it is typed."""
    return rx.el.div(
        field(
            state,
            "postal_code",
            t("signup.postal_code"),
            POSTAL_CODE,
            hint=t("address.postal_hint"),
            auto_complete="postal-code",
            input_mode="numeric",
            placeholder=t("form.example", example="150-0001"),
            max_length=20,
            default_value=state.typed,
            on_change=lambda value: state.look_up(value).debounce(200),
            on_blur=lambda value: state.check("postal_code", value),
        ),
        class_name="max-w-xs",
    )


def area(state: Any) -> rx.Component:
    """What the code stands for, or the fields to type it."""
    typed = state.code == "unknown"
    return rx.el.div(
        rx.el.div(
            match(
                state.code,
                ("known", _known(state)),
                ("city", rx.fragment(_known(state), rx.el.p(t("address.city_only"), class_name="mt-3 text-sm"))),
                ("several", rx.fragment()),
                ("unknown", _unknown()),
                rx.el.p(t("address.code_first"), class_name="rounded-lg bg-sunken p-4 text-sm text-muted"),
            ),
            role="status",
        ),
        cond(state.code == "several", _several(state), rx.fragment()),
        cond(typed | (state.code == "city"), _by_hand(state, typed), rx.fragment()),
        class_name="flex flex-col gap-5",
        custom_attrs={"data-code": state.code},
    )


def home(state: Any) -> rx.Component:
    """House number, and for an apartment which one."""
    return rx.el.div(
        rx.el.div(
            _text(
                state,
                "block",
                t("address.block"),
                BLOCK,
                hint=t("address.block_hint"),
                placeholder=t("form.example", example="1-2-3"),
                input_mode="text",
                auto_complete="off",
                max_length=60,
            ),
            class_name="max-w-xs",
        ),
        _dwelling(state),
        rx.el.div(
            _text(
                state,
                "building",
                t("address.building"),
                BUILDING,
                placeholder=t("form.example", example=t("address.building_example")),
                auto_complete="off",
                max_length=120,
            ),
            _text(
                state,
                "room",
                t("address.room"),
                ROOM,
                placeholder=t("form.example", example="203"),
                auto_complete="off",
                max_length=30,
            ),
            rx.el.div(
                _text(
                    state,
                    "building_roman",
                    t("address.building_roman"),
                    BUILDING_ROMAN,
                    hint=t("address.building_roman_hint"),
                    required=False,
                    placeholder=t("form.example", example="Harbour Heights"),
                    auto_complete="off",
                    max_length=120,
                    **ROMAN,
                ),
                class_name="sm:col-span-2",
            ),
            class_name="hidden items-start gap-x-4 gap-y-5 group-has-[#dwelling-apartment:checked]/home:grid "
            "sm:grid-cols-[2fr_1fr]",
        ),
        class_name="group/home flex flex-col gap-5",
    )


def labels() -> dict[str, Any]:
    """Name -> label of every field, in the order of the form."""
    return {
        "postal_code": t("signup.postal_code"),
        "prefecture": t("signup.prefecture"),
        "city": t("signup.city"),
        "town": t("address.town"),
        "city_roman": t("address.city_roman"),
        "town_roman": t("address.town_roman"),
        "block": t("address.block"),
        "dwelling": t("address.dwelling"),
        "building": t("address.building"),
        "building_roman": t("address.building_roman"),
        "room": t("address.room"),
    }


def _known(state: Any) -> rx.Component:
    found = state.areas[0]
    return rx.el.div(
        icon("check", "mt-0.5 size-5 text-good"),
        rx.el.div(
            rx.el.p(found.japanese, lang="ja", class_name="font-semibold"),
            rx.el.p(found.roman, lang="en", class_name="text-sm text-muted"),
            class_name="min-w-0 wrap-anywhere",
        ),
        class_name="flex gap-3 rounded-lg bg-good-soft p-4",
    )


def _unknown() -> rx.Component:
    return rx.el.div(
        icon("search", "mt-0.5 size-5"),
        rx.el.p(t("address.code_unknown")),
        class_name="flex gap-3 rounded-lg bg-accent-soft p-4 text-sm",
    )


def _several(state: Any) -> rx.Component:
    """One code, several towns: the one that is picked is sent as the town."""
    return _radios(
        state,
        "town",
        t("address.town_which"),
        TOWN,
        each(
            state.areas,
            lambda row, place: _radio(
                "town",
                f"town-{place}",
                row.town,
                rx.el.span(row.japanese, lang="ja", class_name="block font-medium"),
                rx.el.span(row.roman, lang="en", class_name="block text-sm text-muted"),
            ),
        ),
    )


def _by_hand(state: Any, typed: Any) -> rx.Component:
    return rx.el.div(
        cond(
            typed,
            rx.fragment(
                rx.el.div(
                    choice(
                        state,
                        "prefecture",
                        t("signup.prefecture"),
                        PREFECTURE,
                        rx.el.option(t("signup.choose"), value=""),
                        each(
                            state.prefectures,
                            lambda row: rx.el.option(row.roman, " ", row.japanese, value=row.roman),
                        ),
                        auto_complete="address-level1",
                        on_change=lambda value: state.check("prefecture", value),
                    ),
                    class_name="sm:col-span-2",
                ),
                _text(state, "city", t("signup.city"), CITY, **_example("address.city_example"), **JAPANESE),
            ),
            rx.fragment(),
        ),
        _text(state, "town", t("address.town"), TOWN, **_example("address.town_example"), **JAPANESE),
        cond(
            typed,
            _text(
                state,
                "city_roman",
                t("address.city_roman"),
                CITY_ROMAN,
                placeholder=t("form.example", example="Shibuya-ku"),
                **ROMAN,
            ),
            rx.fragment(),
        ),
        _text(
            state,
            "town_roman",
            t("address.town_roman"),
            TOWN_ROMAN,
            placeholder=t("form.example", example="Jingumae"),
            **ROMAN,
        ),
        class_name="grid items-start gap-x-4 gap-y-5 sm:grid-cols-2",
    )


def _dwelling(state: Any) -> rx.Component:
    return _radios(
        state,
        "dwelling",
        t("address.dwelling"),
        DWELLING,
        _radio("dwelling", "dwelling-house", "house", t("address.house"), on_change=browser(LIVES)),
        _radio("dwelling", "dwelling-apartment", "apartment", t("address.apartment")),
    )


def _radios(state: Any, name: str, label: Any, reasons: Sequence[str], *radios: Any) -> rx.Component:
    """A group that is called by its label and goes red as one."""
    wrong = state.errors[name]
    return rx.el.div(
        rx.el.p(label, id=f"{name}-label", class_name="mb-1.5 text-sm font-semibold"),
        rx.el.div(*radios, class_name="grid gap-2 sm:grid-cols-2"),
        rx.el.p(
            cond(wrong, by_key(wrong, reasons), ""),
            id=f"{name}-error",
            class_name="mt-1.5 text-sm font-medium text-bad empty:hidden",
        ),
        id=name,
        role="radiogroup",
        tab_index=-1,
        aria_labelledby=f"{name}-label",
        aria_describedby=f"{name}-error",
        aria_invalid=cond(wrong, "true", "false"),
        class_name="group/radios",
    )


def _radio(name: str, id: Any, value: Any, *label: Any, **props: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(id=id, name=name, type="radio", value=value, class_name="size-5 shrink-0 accent-accent", **props),
        rx.el.span(*label, class_name="min-w-0 wrap-anywhere"),
        class_name="flex min-h-11 cursor-pointer items-center gap-3 rounded-lg border border-edge bg-card px-3 py-2 "
        "hover:bg-sunken has-checked:border-accent has-checked:bg-accent-soft "
        "group-aria-invalid/radios:border-bad",
    )


def _text(state: Any, name: str, label: Any, reasons: Sequence[str], **props: Any) -> rx.Component:
    return field(state, name, label, reasons, on_blur=lambda value: state.check(name, value), **props)


def _example(key: str) -> dict[str, Any]:
    return {"placeholder": t("form.example", example=t(key)), "auto_complete": "off", "max_length": 120}
