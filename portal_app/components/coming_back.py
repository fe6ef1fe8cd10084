"""Asks anew when the customer comes back to a tab: what was mended elsewhere shows without a reload."""

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


def on_coming_back(handler: str) -> rx.Component:
    """`handler`: the full name of a handler without arguments."""
    return ComingBack.create(handler=handler)


def sent_once(form: str) -> rx.Component:
    """Put into the form with that id."""
    return SentOnce.create(form=form)
