"""Which record the address names, so that a page never shows another one while its own is read."""

import reflex as rx
from reflex_base.vars import VarData

from portal_app.state.named_here import NAMED

_READ = f'const namedHere = /{NAMED.replace("/", chr(92) + "/")}/.exec(useLocation().pathname)?.[1] ?? "";'


def named_here(here: rx.Var[str]) -> rx.Var[bool]:
    """Whether what a state shows is of this address; `here` is what its load got from `state.named_here`."""
    data = VarData(hooks={_READ: None}, imports={"react-router": "useLocation"})
    return rx.Var(_js_expr="namedHere", _var_type=str, _var_data=data).guess_type() == here
