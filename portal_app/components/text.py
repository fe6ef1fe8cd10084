"""Sentences in pages: both languages are compiled in, and the locale of the tab chooses one."""

from collections.abc import Iterable
from typing import Any

import reflex as rx

from portal_app.priming.choices import cond, match
from portal_app.state.session import SessionState
from portal_app.text import SENTENCES


def t(key: str, **values: Any) -> rx.Var[str]:
    """The sentence in the language of the tab. Values may be vars. Raises KeyError for an unknown key."""
    english, japanese = SENTENCES[key]
    return cond(
        SessionState.locale == "ja",
        rx.Var.create(japanese.format(**values)),
        rx.Var.create(english.format(**values)),
    )


def by_value(value: Any, keys: dict[str, str], default: str = "") -> Any:
    """The sentence that belongs to a var's value: `keys` maps values to keys of `text`."""
    return match(value, *((case, t(key)) for case, key in keys.items()), t(default) if default else "")


def by_key(value: Any, keys: Iterable[str]) -> Any:
    """The sentence of a var that holds one of these keys; "" for any other value."""
    return by_value(value, {key: key for key in keys})
