"""The arrows of the code: who may import whom. Reads the source, imports nothing.

A module is under the longest entry of MAY that is a prefix of its name; it may import its own entry, SHARED and what is
listed. Outside libraries are free except where OUTSIDE keeps them to the packages that are made for them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("portal_app", "sandbox", "tools", "tests", "bench")

SHARED = ("portal_app.domain", "portal_app.errors", "portal_app.settings", "portal_app.observability")
DOORS = (
    "portal_app.wiring",
    "portal_app.workflows",
    "portal_app.integrations",
    "portal_app.security",
    "portal_app.storage",
    "portal_app.routes",
    "portal_app.text",
    "portal_app.format",
)
SCREENS = (
    "portal_app.state",
    "portal_app.routes",
    "portal_app.text",
    "portal_app.components",
    "portal_app.priming",
)
WIRE = ("portal_app.integrations.upstream",)

MAY: dict[str, tuple[str, ...]] = {
    "portal_app.domain": ("portal_app.errors",),
    "portal_app.errors": (),
    "portal_app.settings": ("portal_app.errors",),
    "portal_app.routes": (),
    "portal_app.text": (),
    "portal_app.format": (*SHARED, "portal_app.text"),
    "portal_app.observability": ("portal_app.errors", "portal_app.settings"),
    "portal_app.storage": SHARED,
    # How a page becomes a template. Knows no page, no state and no system; what it hands over is void after a hint.
    "portal_app.priming": ("portal_app.storage.bus", "portal_app.storage.clock"),
    "portal_app.security": (*SHARED, "portal_app.storage", "portal_app.routes"),
    # Nothing but whether one may be called at all.
    "portal_app.integrations.upstream": (*SHARED, "portal_app.storage.kept"),
    # Each outside system: its own package, storage, and what is shared. Never a neighbour.
    "portal_app.integrations.whmcs": (*SHARED, *WIRE, "portal_app.storage"),
    "portal_app.integrations.salesforce": (*SHARED, *WIRE, "portal_app.storage"),
    "portal_app.integrations.freebit": (*SHARED, *WIRE, "portal_app.storage"),
    "portal_app.integrations.mail": (*SHARED, *WIRE, "portal_app.storage", "portal_app.text", "portal_app.format"),
    "portal_app.workflows": (
        *SHARED,
        "portal_app.integrations",
        "portal_app.storage",
        "portal_app.security",
        "portal_app.routes",
        "portal_app.text",
        "portal_app.format",
    ),
    "portal_app.wiring": (*SHARED, *DOORS, "portal_app.worker", "portal_app.web", "portal_app.priming.handover"),
    "portal_app.web": (*SHARED, *DOORS, "portal_app.priming"),
    "portal_app.worker": (*SHARED, *DOORS),
    "portal_app.cli": (*SHARED, *DOORS, "portal_app.worker"),
    # The guard is a door itself: it asks whose session stands behind an event.
    "portal_app.state.guard": (*SHARED, *SCREENS, "portal_app.wiring", "portal_app.security"),
    # Runs handlers for an answer over HTTP: for whose session, and with what is kept only.
    "portal_app.state.primed": (
        *SHARED,
        *SCREENS,
        "portal_app.wiring",
        "portal_app.security",
        "portal_app.storage.kept",
    ),
    # What an answer showed goes to whoever's tab opens.
    "portal_app.state.takeover": (*SHARED, *SCREENS, "portal_app.wiring", "portal_app.security.policy"),
    "portal_app.state": (
        *SHARED,
        "portal_app.wiring",
        "portal_app.integrations",
        "portal_app.workflows",
        "portal_app.security.policy",
        "portal_app.routes",
        "portal_app.text",
        "portal_app.format",
    ),
    "portal_app.components": (*SHARED, *SCREENS),
    "portal_app.pages": (*SHARED, *SCREENS),
    "portal_app.portal_app": ("portal_app",),
    "portal_app": (),
    "sandbox": (),
    "tools": ("portal_app.settings", "portal_app.errors", "portal_app.routes", "sandbox"),
}
# The wire of a system: these file names know nothing but it.
WIRE_FILES = ("client", "wire")
# Library -> the only packages that may import it.
SCREEN_CODE = (
    "portal_app.portal_app",
    "portal_app.pages",
    "portal_app.priming.choices",
    "portal_app.priming.declared",
    "portal_app.priming.expressions",
    "portal_app.priming.plugin",
    "portal_app.priming.primer",
    "portal_app.components",
    "portal_app.state",
    "portal_app.web",
)
SQL_CODE = ("portal_app.storage", "portal_app.security", "portal_app.workflows", "portal_app.worker")
OUTSIDE: dict[str, tuple[str, ...]] = {
    "reflex": (*SCREEN_CODE, "portal_app.security.policy"),
    "reflex_base": (*SCREEN_CODE, "portal_app.security.policy"),
    "sqlalchemy": SQL_CODE,
    "sqlmodel": ("portal_app.storage",),
    "httpx": ("portal_app.integrations", "portal_app.wiring", "portal_app.cli"),
    "requests": ("portal_app.integrations.salesforce",),
    "simple_salesforce": ("portal_app.integrations.salesforce",),
    "aiosmtplib": ("portal_app.integrations.mail",),
    "apscheduler": ("portal_app.worker",),
}


def imports_of(source: str, module: str, *, package: bool = False) -> set[str]:
    """Full names of everything a module imports, wherever in the file; `from a import b` gives `a.b`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, module, package)
            found |= {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            found |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found


def _base(node: ast.ImportFrom, module: str, package: bool) -> str:
    if not node.level:
        return node.module or ""
    steps = module.split(".")
    above = steps[: len(steps) - node.level + (1 if package else 0)]
    return ".".join([*above, *(node.module or "").split(".")]).rstrip(".")


def _within(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def forbidden(module: str, imported: set[str]) -> list[str]:
    """Sentences about every import the table does not allow."""
    return sorted(f"{module} imports {name}" for name in imported if not _allowed(module, name))


def _allowed(module: str, name: str) -> bool:
    top = name.split(".")[0]
    if top not in OURS:
        return not module.startswith("portal_app") or top not in OUTSIDE or _within(module, OUTSIDE[top])
    home = max((entry for entry in MAY if _within(module, (entry,))), key=len)
    if _is_wire(module):
        return _within(name, (*SHARED, *WIRE, home))
    if _within(module, ("portal_app.state",)) and _is_wire(name):
        return False
    own = () if home == "portal_app" else (home,)
    return _within(name, MAY[home] + own)


def _is_wire(name: str) -> bool:
    """Whether `name` is, or is in, a file that speaks a system's wire."""
    return _within(name, ("portal_app.integrations",)) and any(part in WIRE_FILES for part in name.split(".")[3:])


def modules() -> Iterator[tuple[str, str, bool]]:
    """Name, source, and whether it is a package, of every module in the packages the table speaks of."""
    for top in ("portal_app", "sandbox", "tools"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = list(path.relative_to(ROOT).with_suffix("").parts)
            package = parts[-1] == "__init__"
            yield ".".join(parts[:-1] if package else parts), path.read_text(encoding="utf-8"), package


def test_every_import_follows_an_arrow():
    broken = [
        line
        for name, source, package in modules()
        for line in forbidden(name, imports_of(source, name, package=package))
    ]
    assert broken == [], "\n".join(broken)


BAD = [
    ("portal_app.domain.billing", "from portal_app.text import say"),
    ("portal_app.domain.billing", "import sqlmodel"),
    ("portal_app.pages.invoices", "from portal_app import wiring"),
    ("portal_app.pages.invoices", "from portal_app.integrations.whmcs.billing import Billing"),
    ("portal_app.components.table", "from portal_app.storage import engine"),
    ("portal_app.state.invoices", "from portal_app.storage.users import Users"),
    ("portal_app.state.invoices", "from portal_app.integrations.whmcs.client import WhmcsClient"),
    ("portal_app.state.invoices", "from portal_app.integrations.whmcs import client"),
    ("portal_app.state.invoices", "from portal_app.security.sessions import Sessions"),
    ("portal_app.state.invoices", "from portal_app.pages import invoices"),
    ("portal_app.state.invoices", "import sqlalchemy.orm"),
    ("portal_app.integrations.whmcs.billing", "from portal_app.integrations.salesforce import accounts"),
    ("portal_app.integrations.whmcs.billing", "from portal_app.workflows import reconcile"),
    ("portal_app.integrations.whmcs.billing", "import reflex as rx"),
    ("portal_app.integrations.whmcs.billing", "from portal_app.text import say"),
    ("portal_app.integrations.whmcs.client", "from portal_app.storage.cache import Cache"),
    ("portal_app.integrations.whmcs.wire", "from ...storage import cache"),
    ("portal_app.integrations.upstream", "from portal_app.integrations.whmcs import wire"),
    ("portal_app.workflows.reconcile", "import reflex"),
    ("portal_app.workflows.reconcile", "from portal_app.state import live"),
    ("portal_app.workflows.reconcile", "from portal_app.wiring import billing"),
    ("portal_app.storage.users", "from portal_app.integrations.whmcs import billing"),
    ("portal_app.storage.users", "from ..security import passwords"),
    ("portal_app.security.sessions", "from portal_app.workflows import signing_in"),
    ("portal_app.web.auth", "def late():\n    from portal_app.state.session import SessionState"),
    ("portal_app.worker.jobs", "from portal_app.pages import invoices"),
    ("portal_app.worker.jobs", "import reflex"),
    ("portal_app.cli", "import importlib\nimportlib.import_module('portal_app.state.session')"),
    ("portal_app.wiring", "from portal_app.state import live"),
    ("portal_app.observability.logs", "from portal_app.storage import engine"),
    ("portal_app.routes", "from portal_app import text"),
    ("portal_app.web.auth", "import sandbox"),
    ("portal_app.web.auth", "import httpx"),
    ("portal_app.cli", "from tools import stack"),
    ("portal_app.brand_new", "from portal_app.storage import engine"),
    ("sandbox.whmcs.actions", "from portal_app.domain.billing import Invoice"),
    ("sandbox.whmcs.actions", "from tools.ports import FreePorts"),
    ("tools.run", "from portal_app.wiring import database"),
]


@pytest.mark.parametrize(("module", "source"), BAD, ids=[f"{m}: {s}" for m, s in BAD])
def test_a_forbidden_arrow_is_seen(module, source):
    assert len(forbidden(module, imports_of(source, module))) == 1


GOOD = [
    ("portal_app.domain.billing", "from .customer import Customer\nimport decimal"),
    (
        "portal_app.pages.invoices",
        "import reflex as rx\nfrom portal_app.state.invoices import S",
    ),
    (
        "portal_app.state.invoices",
        "from portal_app.integrations.whmcs.billing import Billing",
    ),
    (
        "portal_app.integrations.whmcs.billing",
        "from portal_app.storage import cache\nfrom .client import WhmcsClient",
    ),
    ("portal_app.integrations.whmcs.client", "import httpx\nfrom portal_app.integrations.upstream import Upstream"),
    ("portal_app.workflows.signing_in", "from portal_app.security.sessions import Sessions"),
    ("portal_app.web.auth", "from portal_app import wiring\nfrom portal_app.workflows.signing_in import SigningIn"),
    ("portal_app.portal_app", "from portal_app.pages import invoices\nfrom portal_app.web import edge"),
    ("sandbox.whmcs.actions", "import httpx\nfrom sandbox.store import Store"),
]


@pytest.mark.parametrize(("module", "source"), GOOD, ids=[m for m, _ in GOOD])
def test_an_arrow_of_the_design_is_allowed(module, source):
    assert forbidden(module, imports_of(source, module)) == []


def test_relative_imports_are_followed_from_a_package_and_from_a_module():
    assert imports_of("from . import b", "portal_app.state") == {"portal_app.b"}
    assert imports_of("from . import b", "portal_app.state", package=True) == {"portal_app.state.b"}
    assert imports_of("from ..web import c", "portal_app.state.a") == {"portal_app.web.c"}
