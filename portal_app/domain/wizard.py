"""The steps in which a plan is configured, and how far a cart has come. What is wrong is what `checkout` finds wrong.

Nothing is remembered but the cart: a new plan makes a new cart, so that none of its questions is ever skipped.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from portal_app.domain.cart import Cart, gone
from portal_app.domain.catalog import Catalog, Item, ProductLine
from portal_app.domain.checkout import Missing, Standing, missing

StepName = Literal["plan", "installation", "sim", "start", "number", "region", "add_ons", "review"]
_STEPS: Final[dict[ProductLine, tuple[StepName, ...]]] = {
    ProductLine.INTERNET: ("plan", "installation", "add_ons", "review"),
    ProductLine.SIM: ("sim", "start", "number", "add_ons", "review"),
    ProductLine.VPN: ("region", "review"),
}
_STEP_OF: Final[dict[str, StepName]] = {
    "access_mode": "plan",
    "installation": "installation",
    "wishes": "installation",
    "form": "sim",
    "eid": "sim",
    "phone_ready": "sim",
    "start": "start",
}
"""Field of an answer -> the step that asks for it; every other field is about the number."""


@dataclass(frozen=True, slots=True)
class Open:
    """Something a step still wants. `words` is a key of `text`; `field` "" where it is about a choice that is gone."""

    step: StepName
    words: str
    field: str = ""


def offered(cart: Cart, catalog: Catalog) -> tuple[tuple[Item, Item | None], ...]:
    """The add-ons that go with the plan: (item, the one-time item that comes with it)."""
    plan = catalog.find(cart.plan)
    voice = plan is not None and plan.has_voice
    return tuple((item, work) for item, work in catalog.add_ons(cart.line) if voice or not item.needs_voice)


def steps(cart: Cart, catalog: Catalog) -> tuple[StepName, ...]:
    """The steps of this cart, in order: a plan without voice has no number to take along."""
    plan = catalog.find(cart.plan)
    left_out: set[StepName] = set()
    if not offered(cart, catalog) and not cart.add_ons:
        left_out.add("add_ons")
    if cart.sim.port_in is None and (plan is None or not plan.has_voice):
        left_out.add("number")
    return tuple(step for step in _STEPS[cart.line] if step not in left_out)


def still_open(cart: Cart, catalog: Catalog, today: date) -> tuple[Open, ...]:
    """What the steps want before the cart can go to the checkout. `today` in Japan."""
    first = _STEPS[cart.line][0]
    # Only what was chosen is judged here; the customer's side is the checkout's.
    everything = missing(cart, catalog, Standing(linked=True, terms_version="", today=today, sim_active=True))
    answers = [Open(_STEP_OF.get(one.field, "number"), one.words, one.field) for one in everything if _asked(one)]
    plan = [Open(first, one.words) for one in everything if one.words in ("checkout.plan", "checkout.region")]
    return (*plan, *(Open(_where(cart, sku), "checkout.item_gone") for sku in gone(cart, catalog)), *answers)


def reached(cart: Cart, catalog: Catalog, today: date) -> tuple[StepName, ...]:
    """The steps that may be shown: all up to the first that still wants something, and that one."""
    waiting = {one.step for one in still_open(cart, catalog, today)}
    found: list[StepName] = []
    for step in steps(cart, catalog):
        found.append(step)
        if step in waiting:
            break
    return tuple(found)


def step_to_show(asked: str, cart: Cart, catalog: Catalog, today: date) -> StepName:
    """The step that is asked for, if it may be shown; else the first with something to do, else the first of all."""
    may = reached(cart, catalog, today)
    for step in may:
        if step == asked:
            return step
    complete = len(may) == len(steps(cart, catalog))
    return may[0] if complete else may[-1]


def _asked(one: Missing) -> bool:
    return one.fix == "configure"


def _where(cart: Cart, sku: str) -> StepName:
    """The step in which something else is chosen in place of what is gone."""
    first = _STEPS[cart.line][0]
    if sku == cart.internet.installation:
        return "installation"
    return "add_ons" if sku != cart.plan and "add_ons" in _STEPS[cart.line] else first
