"""Puts what an answer came with into the page's state before React looks, and the marks into the prerender."""

import json
from typing import Any

import reflex as rx

from portal_app.priming.declared import samples
from portal_app.priming.template import ELEMENT_ID

CODE = """
(() => {
  const put = (values) => {
    for (const state in values) if (initialState[state]) Object.assign(initialState[state], values[state]);
  };
  if (import.meta.env.SSR) { put(%s); return; }
  const kept = document.getElementById("%s");
  if (kept) put(JSON.parse(kept.textContent));
})();
"""


class Primer(rx.Fragment):
    """Put once into what every page shares: its code runs when the scripts of a page are read, before React does."""

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"$/utils/context": [rx.ImportVar("initialState")]}

    def add_custom_code(self) -> list[str]:
        """The code, in the module of whoever holds this."""
        return [CODE % (json.dumps(samples()), ELEMENT_ID)]
