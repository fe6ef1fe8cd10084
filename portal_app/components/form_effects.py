"""What the browser does for a form by itself: typed values come back, focus, a key, the token of a mailed link."""

from typing import Any

import reflex as rx

from portal_app.components.links import browser

FORM = """
function PortalForm({ form, values, refused }) {
  const brought = useRef({});
  const typed = JSON.stringify(values);
  useEffect(() => {
    const fields = document.getElementById(form)?.elements ?? {};
    for (const [name, value] of Object.entries(JSON.parse(typed))) {
      const field = fields[name];
      if (field?.type === "checkbox") field.checked = true;
      // What was typed since, or kept by the browser, is newer; what we brought before is not.
      else if (field && field.type !== "password" && (!field.value || field.value === brought.current[name]))
        field.value = brought.current[name] = value;
    }
  }, [typed]);
  useEffect(() => {
    if (!refused) return;
    const wrong = document.querySelector(`#${form} [aria-invalid="true"]`);
    (wrong ?? document.getElementById("refusal"))?.focus();
  }, [refused]);
  useEffect(() => {
    const sent = document.getElementById(form), key = sent?.elements.idempotency_key;
    const button = sent?.querySelector("button[type=submit]");
    const anew = () => {
      const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
      if (key) key.value = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    };
    // The same contents sent twice are one request; other contents are another one.
    const submit = () => setTimeout(() => { if (button) button.disabled = true; });
    const shown = (event) => { if (event.persisted && button) button.disabled = false; };
    // A field that is left says what is wrong with it, and all below it moves: the button away from under the hand.
    const press = (event) => { if (event.target.closest("[type=submit]")) event.preventDefault(); };
    anew();
    sent?.addEventListener("input", anew);
    sent?.addEventListener("submit", submit);
    sent?.addEventListener("mousedown", press);
    addEventListener("pageshow", shown);
    return () => {
      sent?.removeEventListener("input", anew);
      sent?.removeEventListener("submit", submit);
      sent?.removeEventListener("mousedown", press);
      removeEventListener("pageshow", shown);
    };
  }, []);
  return null;
}
"""
# Taken when the page's module loads, before the router or any event can read the address: an event carries it along.
FROM_LINK = """
const portalToken = (() => {
  if (typeof window === "undefined" || !location.hash) return "";
  const token = location.hash.slice(1);
  history.replaceState(history.state, "", location.pathname + location.search);
  return token;
})();
function PortalToken({ form }) {
  useEffect(() => {
    const sent = document.getElementById(form);
    if (sent) sent.elements.token.value = portalToken;
    const page = sent?.closest("[data-token]");
    if (page) page.dataset.token = portalToken ? "held" : "none";
  }, []);
  return null;
}
"""
SHOW_TYPED = """(event) => {
  const button = event.currentTarget, field = button.parentElement.querySelector("input");
  const show = field.type === "password";
  field.type = show ? "text" : "password";
  button.setAttribute("aria-pressed", String(show));
}"""
# A hint and no more: length counts most, then how many different characters there are.
STRENGTH = """(event) => {
  const typed = [...event.target.value.normalize("NFC")], kinds = new Set(typed).size;
  const box = event.target.closest("[data-strength]");
  box.dataset.strength = typed.length === 0 ? "none" : typed.length < 12 ? "short"
    : kinds < 6 ? "weak" : typed.length < 16 || kinds < 9 ? "good" : "strong";
}"""
TO_FIELD = """(event) => {
  event.preventDefault();
  document.getElementById(event.currentTarget.hash.slice(1))?.focus();
}"""


class FormEffects(rx.Component):
    """Values of a refused form, focus on its first bad field, an idempotency key, no double click."""

    tag = "PortalForm"

    form: rx.Var[str]
    values: rx.Var[dict[str, str]]
    refused: rx.Var[bool]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect", "useRef"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [FORM]


class TokenFromLink(rx.Component):
    """Moves the token of a mailed link from the address into the form, where only the POST carries it."""

    tag = "PortalToken"

    form: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [FROM_LINK]


show_typed = browser(SHOW_TYPED)
show_strength = browser(STRENGTH)
to_field = browser(TO_FIELD)
