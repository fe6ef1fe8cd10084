"""The portal's cookies: their names, reading them from a request, writing them onto an answer.

Over https every name but the locale's gets the __Host- prefix and Secure. Only the locale may be read by scripts.
An answer that sets or clears session cookies itself calls `settled(request)`, so that Edge adds none of its own.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response

from portal_app.security.devices import LIFE
from portal_app.security.sessions import Tokens
from portal_app.security.tokens import ACCESS_LIFE
from portal_app.settings import Settings

LOCALE: Final = "portal_locale"
LOCALE_GIVEN: Final = "portal_locale_given"
"""What we set LOCALE to: while both agree, nobody has chosen in this browser since."""
LOCALES: Final = ("en", "ja")
FLASH_LIFE_S: Final = 300
LINK_LIFE_S: Final = 600
FACTOR_LIFE_S: Final = 300
CART_LIFE_S: Final = 30 * 86_400
LOCALE_LIFE_S: Final = 31_536_000
LONGEST: Final = 4096
_CART: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Names:
    """What the cookies are called."""

    access: str
    refresh: str
    device: str
    flash: str
    link: str
    browser: str
    cart: str
    factor: str


@lru_cache(maxsize=2)
def names(secure: bool) -> Names:
    """The names with or without prefix."""
    prefix = "__Host-" if secure else ""
    return Names(
        *(f"{prefix}portal_{short}" for short in ("at", "rt", "device", "flash", "link", "browser", "cart", "mfa"))
    )


def read(headers: Headers, name: str) -> str:
    """The value of one cookie; "" when it is missing, over 4 KB, or sent twice.

    Two cookies of one name mean that somebody else could set one of them, so neither is believed.
    """
    found = []
    for line in headers.getlist("cookie"):
        for item in line.split(";"):
            key, _, value = item.strip().partition("=")
            if key == name:
                found.append(value.strip('"'))
    return found[0] if len(found) == 1 and len(found[0]) <= LONGEST else ""


def session_tokens(headers: Headers, settings: Settings) -> tuple[str, str]:
    """The access and refresh token presented, "" each when missing."""
    called = names(settings.secure_cookies)
    return read(headers, called.access), read(headers, called.refresh)


def device_of(headers: Headers, settings: Settings) -> str:
    """The device cookie presented, or ""."""
    return read(headers, names(settings.secure_cookies).device)


def flash_of(headers: Headers) -> str:
    """The key of the words kept for the next page, or ""."""
    key = read(headers, names(True).flash) or read(headers, names(False).flash)
    return key if key.replace("-", "").replace("_", "").isalnum() and len(key) <= 100 else ""


def locale_of(headers: Headers) -> str:
    """`en` or `ja`: as chosen on any page, else as the browser prefers."""
    locale = read(headers, LOCALE)
    return locale if locale in LOCALES else _preferred(headers.get("accept-language", ""))


def chosen_locale(headers: Headers) -> str:
    """The language somebody chose by hand in this browser; "" when it is only what we gave it."""
    locale = read(headers, LOCALE)
    return locale if locale in LOCALES and locale != read(headers, LOCALE_GIVEN) else ""


def give_locale(answer: MutableHeaders, locale: str, settings: Settings) -> None:
    """Set the language of the pages to come: an account's own, or the browser's preference."""
    for name in (LOCALE, LOCALE_GIVEN):
        _set(answer, name, locale, LOCALE_LIFE_S, settings, script=True)


def offer_locale(headers: Headers, answer: MutableHeaders, settings: Settings) -> None:
    """A browser without a language gets the one it prefers, so that pages need not ask again."""
    if read(headers, LOCALE) not in LOCALES and (locale := locale_of(headers)) != LOCALES[0]:
        give_locale(answer, locale, settings)


def _preferred(accept_language: str) -> str:
    """The first of our languages in Accept-Language; browsers list theirs by preference."""
    wanted = (part.split(";")[0].strip().lower().split("-")[0] for part in accept_language[:200].split(","))
    return next((language for language in wanted if language in LOCALES), LOCALES[0])


def set_session(headers: MutableHeaders, tokens: Tokens, settings: Settings) -> None:
    """Hand out both tokens: access for its ten minutes, refresh for as long as the session can last."""
    called = names(settings.secure_cookies)
    session = tokens.session
    life = int((session.absolute_until - session.created_at).total_seconds())
    _set(headers, called.access, tokens.access, int(ACCESS_LIFE.total_seconds()), settings)
    _set(headers, called.refresh, tokens.refresh, life, settings)


def clear_session(headers: MutableHeaders, settings: Settings) -> None:
    """Expire both tokens by name; the device cookie stays."""
    called = names(settings.secure_cookies)
    for name in (called.access, called.refresh):
        _set(headers, name, "", 0, settings)


def set_device(headers: MutableHeaders, cookie: str, settings: Settings) -> None:
    """Remember this browser for 180 days."""
    _set(headers, names(settings.secure_cookies).device, cookie, int(LIFE.total_seconds()), settings)


def set_flash(headers: MutableHeaders, key: str, settings: Settings) -> None:
    """Point the next page at the words kept for it."""
    _set(headers, names(settings.secure_cookies).flash, key, FLASH_LIFE_S, settings)


def clear_flash(headers: MutableHeaders, settings: Settings) -> None:
    """Forget them."""
    _set(headers, names(settings.secure_cookies).flash, "", 0, settings)


def link_of(headers: Headers, settings: Settings) -> str:
    """The reference of the link that waits for a mailed code, or ""."""
    return read(headers, names(settings.secure_cookies).link)


def set_link(headers: MutableHeaders, reference: str, settings: Settings) -> None:
    """Name the pending link to this browser, for as long as its code works."""
    _set(headers, names(settings.secure_cookies).link, reference, LINK_LIFE_S, settings)


def clear_link(headers: MutableHeaders, settings: Settings) -> None:
    """Forget it."""
    _set(headers, names(settings.secure_cookies).link, "", 0, settings)


def factor_of(headers: Headers, settings: Settings) -> str:
    """The reference of the sign-in that waits for a code in this browser, or ""."""
    return read(headers, names(settings.secure_cookies).factor)


def set_factor(headers: MutableHeaders, reference: str, settings: Settings) -> None:
    """Name the waiting sign-in to this browser, for as long as it waits."""
    _set(headers, names(settings.secure_cookies).factor, reference, FACTOR_LIFE_S, settings)


def clear_factor(headers: MutableHeaders, settings: Settings) -> None:
    """Forget it."""
    _set(headers, names(settings.secure_cookies).factor, "", 0, settings)


def browser_of(headers: Headers, settings: Settings) -> str:
    """What tells this browser from others that never signed in, or ""."""
    return read(headers, names(settings.secure_cookies).browser)


def set_browser(headers: MutableHeaders, cookie: str, settings: Settings) -> None:
    """Know this browser again for 180 days."""
    _set(headers, names(settings.secure_cookies).browser, cookie, int(LIFE.total_seconds()), settings)


def cart_of(headers: Headers, settings: Settings) -> str:
    """Whose cart a visitor's browser has: 256 random bits as text, or ""."""
    presented = read(headers, names(settings.secure_cookies).cart)
    return presented if _CART.fullmatch(presented) else ""


def set_cart(headers: MutableHeaders, guest_id: str, settings: Settings) -> None:
    """Keep a visitor's cart for 30 days from now."""
    _set(headers, names(settings.secure_cookies).cart, guest_id, CART_LIFE_S, settings)


def clear_cart(headers: MutableHeaders, settings: Settings) -> None:
    """Forget it: the cart belongs to an account by now."""
    _set(headers, names(settings.secure_cookies).cart, "", 0, settings)


def settled(request: HTTPConnection) -> None:
    """Tell Edge that this answer has decided about the session cookies."""
    request.state.tokens = None
    request.state.clear_cookies = False


def _set(
    headers: MutableHeaders, name: str, value: str, max_age: int, settings: Settings, *, script: bool = False
) -> None:
    jar, secure = Response(), settings.secure_cookies
    jar.set_cookie(name, value, max_age=max_age, path="/", secure=secure, httponly=not script, samesite="lax")
    headers.append("set-cookie", jar.headers["set-cookie"])
