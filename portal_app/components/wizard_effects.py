"""What the browser does for a wizard by itself: answers come into the form, a form becomes an event, focus moves."""

from typing import Any

import reflex as rx

FORM = """
function PortalWizardForm({ handler, values, refused, undone, children, ...rest }) {
  const frame = useRef(null), brought = useRef({}), seen = useRef({ refused, undone });
  const kept = JSON.stringify(values);
  useEffect(() => {
    const again = seen.current.undone !== undone;
    seen.current.undone = undone;
    // What was typed or chosen since stays, unless the server holds something new or refused the choice.
    for (const [name, value] of Object.entries(JSON.parse(kept))) {
      const fresh = brought.current[name] !== value;
      brought.current[name] = value;
      for (const field of frame.current.querySelectorAll(`[name="${name}"]`)) {
        // A choice that came into the form after its value did.
        const none = field.type === "radio" && !frame.current.querySelector(`[name="${name}"]:checked`);
        if (field.type === "radio" && (fresh || again || none)) field.checked = field.value === value;
        else if (field.type === "checkbox" && (fresh || again)) field.checked = value === "on";
        else if (field.type !== "radio" && field.type !== "checkbox" && fresh) field.value = value;
      }
    }
  }, [kept, undone]);
  useEffect(() => {
    if (seen.current.refused === refused) return;
    seen.current.refused = refused;
    const wrong = frame.current.querySelector('[aria-invalid="true"]');
    const first = wrong?.matches("fieldset") ? wrong.querySelector("input:checked, input") : wrong;
    (first ?? document.getElementById("refusal"))?.focus();
  }, [refused]);
  const submit = (event) => {
    event.preventDefault();
    addEvents([ReflexEvent(handler, { form: Object.fromEntries(new FormData(frame.current)) })]);
  };
  return jsx("form", { ...rest, ref: frame, onSubmit: submit, noValidate: true }, children);
}
"""
STEP = """
function PortalWizardStep({ step }) {
  const before = useRef("");
  useEffect(() => {
    const moved = before.current && step && before.current !== step;
    before.current = step;
    if (moved) document.getElementById("step-heading")?.focus();
  }, [step]);
  return null;
}
"""


class WizardForm(rx.Component):
    """A form whose fields become the one argument `form` of a handler: texts by name.

    Reflex's own form sends a list of entries, which the guard takes for no form at all.
    """

    tag = "PortalWizardForm"

    handler: rx.Var[str]
    values: rx.Var[dict[str, str]]
    refused: rx.Var[int]
    undone: rx.Var[int]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {
            "react": ["useEffect", "useRef"],
            "$/utils/context": ["addEvents"],
            "$/utils/state": ["ReflexEvent"],
        }

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [FORM]


class WizardStep(rx.Component):
    """Moves focus to the heading of a step that was gone to."""

    tag = "PortalWizardStep"

    step: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect", "useRef"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [STEP]
