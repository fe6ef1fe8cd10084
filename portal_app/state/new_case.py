"""A new question to support: what it can be about. What is written goes straight to its door."""

from dataclasses import dataclass
from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.cases import Topic
from portal_app.errors import NotFound
from portal_app.security.policy import signed_in
from portal_app.state.asking import asking
from portal_app.state.cases import UNREADABLE
from portal_app.state.sent_forms import SentFormState


@dataclass(frozen=True)
class ChoiceRow:
    """One thing a question can be about; `value` is what its form sends."""

    value: str
    label: str


class NewCaseState(SentFormState, rx.State):
    """`listing`: whether what the question can be about could be listed."""

    listing: Literal["loading", "listed", "failed"] = "loading"
    services: list[ChoiceRow] = []
    orders: list[ChoiceRow] = []
    invoices: list[ChoiceRow] = []

    @rx.event
    @signed_in
    async def load(self):
        """Everything the form needs, and once why it was refused."""
        await self._take_told()
        me = await asking(self)
        try:
            choices = await wiring.support().related_choices(me.customer, self._asked_about())
        except NotFound:
            choices = ()
        except UNREADABLE:
            self.listing = "failed" if self.listing == "loading" else self.listing
            self._ask_for(set())
            return
        rows = [(one.kind, ChoiceRow(f"{one.kind}:{one.id}", one.label)) for one in choices]
        self.services = [row for kind, row in rows if kind == "service"]
        self.orders = [row for kind, row in rows if kind == "order"]
        self.invoices = [row for kind, row in rows if kind == "invoice"]
        self.listing = "listed"
        self._ask_for({row.value for _, row in rows})

    def _asked_about(self) -> tuple[str, str]:
        kind, _, related_id = self.router.url.query_parameters.get("related", "").partition(":")
        return kind, related_id

    def _ask_for(self, values: set[str]) -> None:
        """A page that leads here may say what the question is about."""
        asked = self.router.url.query_parameters
        topic, related = asked.get("topic", ""), asked.get("related", "")
        wanted = {"topic": topic if topic in set(Topic) else "", "related": related if related in values else ""}
        typed = self.values if self.error else {}  # of a form that came back
        self.values = {name: value for name, value in wanted.items() if value} | typed
