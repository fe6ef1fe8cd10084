"""What the browser does for the checkout by itself: asks anew on coming back, sends once, ticks without waiting."""

from typing import Any

import reflex as rx

BACK = """
function PortalComingBack({ handler }) {
  useEffect(() => {
    const seen = () => { if (!document.hidden) addEvents([ReflexEvent(handler)]); };
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, [handler]);
  return null;
}
"""
PLACE = """
function PortalPlace({ form }) {
  useEffect(() => {
    const sent = document.getElementById(form), button = sent?.querySelector("button[type=submit]");
    // A disabled button is not part of what is sent, so not before it is on its way.
    const submit = () => setTimeout(() => { sent.dataset.sent = "true"; if (button) button.disabled = true; });
    const shown = (event) => {
      if (!event.persisted || sent?.dataset.sent !== "true") return;
      sent.dataset.sent = "false";
      if (button) button.disabled = false;
    };
    sent?.addEventListener("submit", submit);
    addEventListener("pageshow", shown);
    return () => {
      sent?.removeEventListener("submit", submit);
      removeEventListener("pageshow", shown);
    };
  }, [form]);
  return null;
}
"""
TICK = """
function PortalTick({ box, accepted, answers, handler }) {
  useEffect(() => {
    const tick = document.getElementById(box);
    if (!tick) return;
    tick.checked = accepted;
    // What was accepted stays so: taking the tick away would promise what nobody does.
    const changed = () => { if (tick.checked) addEvents([ReflexEvent(handler)]); else tick.checked = accepted; };
    tick.addEventListener("change", changed);
    return () => tick.removeEventListener("change", changed);
  }, [box, accepted, answers, handler]);
  return null;
}
"""


class ComingBack(rx.Component):
    """Runs a handler whenever the tab is seen again."""

    tag = "PortalComingBack"

    handler: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect"], "$/utils/context": ["addEvents"], "$/utils/state": ["ReflexEvent"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [BACK]


class SentOnce(rx.Component):
    """A form that is on its way says so (`data-sent`) and cannot be sent by a second click. Its fields stay as set."""

    tag = "PortalPlace"

    form: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [PLACE]


class Tick(rx.Component):
    """A box that is ticked at once, tells the server, and then shows what the server says."""

    tag = "PortalTick"

    box: rx.Var[str]
    accepted: rx.Var[bool]
    answers: rx.Var[int]
    handler: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect"], "$/utils/context": ["addEvents"], "$/utils/state": ["ReflexEvent"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [TICK]


def on_coming_back(handler: str) -> rx.Component:
    """`handler`: the full name of a handler without arguments."""
    return ComingBack.create(handler=handler)


def sent_once(form: str) -> rx.Component:
    """Put into the form with that id."""
    return SentOnce.create(form=form)


def tick_box(box: str, *, accepted: Any, answers: Any, handler: str) -> rx.Component:
    """Put beside the box with that id. `answers` is a var that grows with each answer, so that a refusal shows, too."""
    return Tick.create(box=box, accepted=accepted, answers=answers, handler=handler)
