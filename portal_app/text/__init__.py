"""Every sentence a customer reads, as key -> (English, Japanese). Placeholders are `{name}` and equal in both.

Pages use `components.text.t(key)`, which compiles both languages into the page; the server uses `say(locale, key)`.
Each room holds the sentences of one part of the portal.
"""

from typing import Final

from portal_app.text import (
    account,
    billing,
    cases,
    catalog,
    dashboard,
    entrance,
    legal,
    mails,
    mails_news,
    mails_orders,
    mails_security,
    notices,
    ordering,
    orders,
    payments,
    problems,
    profile,
    reasons,
    security,
    services,
    shared,
    support,
    wizard,
)

ROOMS: Final = (
    shared.SENTENCES,
    catalog.SENTENCES,
    entrance.SENTENCES,
    reasons.SENTENCES,
    billing.SENTENCES,
    dashboard.SENTENCES,
    ordering.SENTENCES,
    wizard.SENTENCES,
    orders.SENTENCES,
    services.SENTENCES,
    payments.SENTENCES,
    support.SENTENCES,
    cases.SENTENCES,
    account.SENTENCES,
    profile.SENTENCES,
    security.SENTENCES,
    notices.SENTENCES,
    legal.SENTENCES,
    problems.SENTENCES,
    mails.SENTENCES,
    mails_orders.SENTENCES,
    mails_news.SENTENCES,
    mails_security.SENTENCES,
)
SENTENCES: Final[dict[str, tuple[str, str]]] = {key: both for room in ROOMS for key, both in room.items()}

LANGUAGES: Final[dict[str, tuple[str, str]]] = {"en": ("English", "EN"), "ja": ("日本語", "日本語")}
"""Each language by its own name, in full and short."""


def say(locale: str, key: str, **values: object) -> str:
    """The sentence in that language with its placeholders filled. Raises KeyError for an unknown key."""
    return SENTENCES[key][1 if locale == "ja" else 0].format(**values)
