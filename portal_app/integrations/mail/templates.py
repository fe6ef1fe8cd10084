"""Makes mails of sentences: words live in `text`, looks in templates/, the rooms beside say which make which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from portal_app import format as spelled
from portal_app.integrations.mail.account import ACCOUNT
from portal_app.integrations.mail.news import NEWS
from portal_app.integrations.mail.ordering import ORDERING
from portal_app.integrations.mail.security import SECURITY
from portal_app.integrations.mail.template import Template
from portal_app.text import say

LONGEST: Final = 200
"""Characters of one value; a device name or a subject never needs more."""
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,200}")
CODE: Final = re.compile(r"[0-9]{6}")
YEN: Final = re.compile(r"-?[0-9]{1,12}")
RECORDS: Final[Mapping[str, re.Pattern[str]]] = {
    "order_id": re.compile(r"801[A-Za-z0-9]{12}[A-Z0-5]{3}"),
    "case_id": re.compile(r"500[A-Za-z0-9]{12}[A-Z0-5]{3}"),
    "invoice_id": re.compile(r"[1-9][0-9]{0,9}"),
}

TEMPLATES: Final[dict[str, Template]] = {
    **ACCOUNT,
    **ORDERING,
    **NEWS,
    **SECURITY,
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail ready to be addressed: one line of subject, plain text, HTML."""

    subject: str
    text: str
    html: str


class MailTemplates:
    """Renders mails for one portal. `links` has the full address of every Page: none ever comes from a payload."""

    def __init__(self, portal_name: str, links: Mapping[str, str]) -> None:
        self._name, self._links = portal_name, links
        self._pages = Environment(
            loader=PackageLoader("portal_app.integrations.mail", "templates"),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, locale: str, values: Mapping[str, str]) -> Rendered:
        """The mail in that language.

        Raises: KeyError for an unknown template, a word that is none, or a value it needs and did not get; ValueError
        for a token, code, day or id that is none.
        """
        wanted = TEMPLATES[template]
        language = "ja" if locale == "ja" else "en"
        clean = said(wanted, language, values) | {"portal": self._name}
        link = self._link(wanted, values)
        page = {
            "lang": language,
            "portal": self._name,
            "host": urlsplit(self._links["login"]).netloc,
            "greeting": say(language, "mail.greeting"),
            "paragraphs": [say(language, key, **clean) for key in wanted.paragraphs if spoken(wanted, key, clean)],
            "button": say(language, wanted.button) if wanted.button else "",
            "link": link,
            "by_hand": say(language, "mail.by_hand") if wanted.token else "",
            "code": exactly(CODE, values["code"]) if wanted.code else "",
            "footer": say(language, "mail.footer", portal=self._name),
            "subject": one_line(say(language, wanted.subject, **clean)),
        }
        text = self._pages.get_template("mail.txt").render(page)
        html = self._pages.get_template("mail.html").render(page)
        return Rendered(str(page["subject"]), text, html)

    def _link(self, wanted: Template, values: Mapping[str, str]) -> str:
        link = self._links[wanted.page] if wanted.page else ""
        if wanted.token:
            return f"{link}#{exactly(TOKEN, values['token'])}"
        if wanted.record and (record_id := values.get(wanted.record, "")):
            return f"{link}/{exactly(RECORDS[wanted.record], record_id)}"
        if wanted.by_line:
            return f"{link}/{values['line']}"
        return link


def said(wanted: Template, language: str, values: Mapping[str, str]) -> dict[str, str]:
    """The values as the sentences say them, in that language."""
    plain = {name: one_line(values[name]) for name in wanted.values}
    words = {name: say(language, keys[values[name]]) for name, keys in wanted.words.items()}
    days = {name: _day(values[name], language) for name in wanted.days}
    amounts = {name: spelled.yen(Decimal(exactly(YEN, values[name])), language) for name in wanted.amounts}
    return plain | words | days | amounts


def _day(value: str, language: str) -> str:
    return spelled.day(date.fromisoformat(value), language) if value else ""


def spoken(wanted: Template, key: str, clean: Mapping[str, str]) -> bool:
    """Whether that paragraph has something to say."""
    about = wanted.only_with.get(key)
    return about is None or bool(clean[about])


def one_line(value: str) -> str:
    """The value without line breaks, control and direction characters, cut: it may stand in a header."""
    return "".join(c if c.isprintable() else " " for c in value)[:LONGEST].strip()


def exactly(form: re.Pattern[str], value: str) -> str:
    """The value, when it has that form as a whole. Raises ValueError, which does not tell the value."""
    if not form.fullmatch(value):
        raise ValueError("not of the expected form")
    return value
