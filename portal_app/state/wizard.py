"""What all wizards share: the cart of a line as its plan, steps, prices and answers, and how an answer gets into it."""

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

import reflex as rx
from reflex.event import EventSpec

from portal_app import wiring
from portal_app.domain.cart import Cart, CartRefused, charges, gone, lines, remove
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.domain.pricing import totals
from portal_app.domain.wizard import StepName, step_to_show, still_open
from portal_app.errors import Busy, Conflict, InvalidFields, NotFound, PortalError, UpstreamError
from portal_app.integrations.salesforce.catalog import CatalogCopy
from portal_app.integrations.salesforce.checks import AccountChecks
from portal_app.state.asking import Asking, asking
from portal_app.state.plan_rows import PlanRow, Standing
from portal_app.state.price_rows import ItemRow, PriceBox, cart_box, cart_rows
from portal_app.state.wizard_rows import NO_PLAN, OptionRow, StepRow, option_rows, step_href, step_rows
from portal_app.text import say

Change = Callable[[Cart, Catalog], Cart]
UNAVAILABLE = (UpstreamError, Busy, TimeoutError)


class WizardState(rx.State, mixin=True):
    """One tab's look at a cart. Names, birth dates and whole EIDs never come in here.

    `values`: the answers as a form shows them. `refused` counts the forms that were refused, `undone` the choices.
    """

    found: Literal["loading", "none", "submitted", "failed", "open"] = "loading"
    plan: PlanRow = NO_PLAN
    steps: list[StepRow] = []
    step: str = ""
    position: str = ""
    back: str = ""  # "" at the first step
    onward: str = ""  # "" at the last one
    parts: list[ItemRow] = []
    box: PriceBox = PriceBox()
    options: list[OptionRow] = []
    something_gone: bool = False  # the step wants another choice for what is sold no more
    plan_gone: bool = False
    document: bool = False  # the order needs an identity document, and none was handed over
    stale: bool = False
    as_of: str = ""
    values: dict[str, str] = {}
    errors: dict[str, str] = {}  # sentences: the page of a wizard would be heavy with all it could have to say
    error: str = ""
    refused: int = 0
    undone: int = 0

    _asked: bool = False  # whether `_checks` was asked for; None after that: it could not be read
    _checks: AccountChecks | None = None
    _reasons: dict[str, str] = {}  # the same as keys of `text`; "" is the form as a whole

    async def _load(self, line: ProductLine) -> None:
        """Show the cart at the step the address asks for."""
        me = await asking(self)
        self._say(me.locale, self._reasons)
        try:
            record = await wiring.shopping().find(me.customer, line)
        except PortalError:  # it cannot be read any more; choosing makes a new one
            record = None
        if record is None or record.state != "OPEN":
            self.found = "none" if record is None else "submitted"
            return
        try:
            copy = await wiring.catalog().get_catalog()
        except UNAVAILABLE:
            self.found = "open" if self.plan.sku == record.cart.plan else "failed"
            self._say(me.locale, {"": "wizard.unavailable"})
            return
        if self._reasons.get("") == "wizard.unavailable":
            self._say(me.locale, {})
        if record.cart.plan != self.plan.sku:
            self._begin_anew()
        self._show(me, record.cart, copy, self.router.url.query_parameters.get("step", "") or self.step)

    async def _load_checks(self, line: ProductLine) -> None:
        """What staff decided about address and document. The checkout judges it, here it is only told."""
        customer = (await asking(self)).customer
        try:
            self._checks = await wiring.checks().get(customer)
        except (NotFound, *UNAVAILABLE):
            self._checks = None
        self._asked = True
        await self._load(line)

    def _begin_anew(self) -> None:
        self.step, self.values = "", {}
        self._say("", {})

    def _say(self, locale: str, reasons: dict[str, str]) -> None:
        """What is wrong, in the language of the tab."""
        self._reasons = reasons
        self.errors = {field: say(locale, key) for field, key in reasons.items() if field}
        self.error = say(locale, reasons[""]) if "" in reasons else ""

    def _show(self, me: Asking, cart: Cart, copy: CatalogCopy, asked: str) -> None:
        catalog, today = copy.catalog, wiring.clock().today_in_japan()
        shown = step_to_show(asked, cart, catalog, today)
        if shown != self.step:
            self._say(me.locale, {})
        self._show_steps(cart, catalog, shown, today)
        plan = catalog.find(cart.plan)
        self.plan = PlanRow.of(plan, catalog, self._standing()) if plan else NO_PLAN
        self.plan_gone = cart.plan in gone(cart, catalog)
        held = lines(cart, catalog)
        self.parts = cart_rows(held, me.locale)
        self.box = cart_box(held, totals(charges(held)), catalog, me.locale)
        self.options = option_rows(cart, catalog, me.locale)
        self.stale, self.as_of = copy.stale, me.clock(copy.as_of)
        self.document = self._wants_document() and cart.line in wiring.settings().documented_lines()
        self.values = {row.field: "on" if row.chosen else "" for row in self.options}
        self._show_answers(cart, catalog, me.locale, today)
        self.found = "open"

    def _show_steps(self, cart: Cart, catalog: Catalog, shown: StepName, today: date) -> None:
        self.steps = step_rows(cart, catalog, shown, today)
        here = next(place for place, row in enumerate(self.steps) if row.name == shown)
        self.step, self.position = shown, str(here + 1)
        self.back = step_href(cart.line, self.steps[here - 1].name) if here else ""
        self.onward = step_href(cart.line, self.steps[here + 1].name) if here + 1 < len(self.steps) else ""
        waiting = still_open(cart, catalog, today)
        self.something_gone = any(one.step == shown and one.words == "checkout.item_gone" for one in waiting)

    def _standing(self) -> Standing:
        """What is known of the customer's address; only internet asks for it."""
        if not self._asked:
            return Standing(reading=True)
        return Standing(self._checks.eligibility) if self._checks else Standing(None, known=False)

    def _wants_document(self) -> bool:
        document = self._checks.document if self._checks else None
        return self._asked and (document is None or document.may_upload)

    def _show_answers(self, cart: Cart, catalog: Catalog, locale: str, today: date) -> None:
        """Add a line's own answers to `values`, and show its choices."""

    async def _save(self, line: ProductLine, step: StepName, change: Change) -> EventSpec | None:
        """A step's form: on to the next step, or the reasons beside its fields."""
        if not await self._change(line, change):
            self.refused += 1
            return None
        names = [row.name for row in self.steps]
        place = names.index(step) + 1 if step in names else 0
        return rx.redirect(step_href(line, names[min(place, len(names) - 1)]))

    async def _choose(self, line: ProductLine, change: Change) -> None:
        """One choice, kept and priced at once; put back where it is refused."""
        if not await self._change(line, change):
            self.undone += 1

    async def _change(self, line: ProductLine, change: Change) -> bool:
        me = await asking(self)
        self._say(me.locale, {})
        try:
            record = await wiring.shopping().change(me.customer, line, change)
            copy = await wiring.catalog().get_catalog()
        except InvalidFields as wrong:
            self._say(me.locale, wrong.reasons)
        except CartRefused as refused:
            self._say(me.locale, {"": refused.reason})
        except Conflict as conflict:
            await self._load(line)
            self._say(me.locale, {"": conflict.reason})
        except NotFound:
            self.found = "none"
        except UNAVAILABLE:
            self._say(me.locale, {"": "wizard.unavailable"})
        else:
            self._show(me, record.cart, copy, self.step)
            return True
        return False

    async def _drop_gone(self, line: ProductLine) -> None:
        await self._choose(line, without_gone)


def without_gone(cart: Cart, catalog: Catalog) -> Cart:
    """The cart without the add-ons that are sold no more. Plan and installation are chosen again, not dropped."""
    for sku in gone(cart, catalog):
        if sku in cart.add_ons:
            cart = remove(cart, catalog, sku)
    return cart


def ticked(form: dict[str, Any], name: str) -> bool:
    """Whether a box of a form was ticked."""
    return form.get(name) == "on"
