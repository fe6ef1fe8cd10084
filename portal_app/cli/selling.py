"""What is sold, and what was submitted and is no order yet."""

from typing import Any

from portal_app import wiring
from portal_app.cli.parsing import Parsers
from portal_app.cli.telling import clear_portals_catalog
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.settings import Settings


def add(parsers: Parsers) -> None:
    sold = parsers.command("catalog", "Show what is sold and what is hidden, or have it read anew.", _catalog)
    sold.add_argument("--clear", action="store_true", help="forget the copy: somebody changed a product or a price")
    parsers.command("checkouts", "Show submitted carts that are no order yet.", _checkouts)


async def _catalog(chosen: Settings, asked: Any) -> int:
    async with wiring.opened(chosen):
        if asked.clear:
            await wiring.catalog().clear()
            print("Forgotten." if chosen.REDIS_URL else await clear_portals_catalog(chosen))
        else:
            print(catalog_table(await wiring.catalog().read_now()))
    return 0


def catalog_table(catalog: Catalog) -> str:
    """How much of each line is sold, then everything that is wrong with a product."""
    lines = [f"{line.value:<10} {sum(item.line is line for item in catalog.items):>4} items" for line in ProductLine]
    for problem in catalog.problems:
        kept = "hidden" if problem.hides else "sold all the same"
        lines.append(f"{problem.sku}: {problem.code}{f' ({problem.detail})' if problem.detail else ''}, {kept}")
    return "\n".join(lines)


async def _checkouts(chosen: Settings, _: Any) -> int:
    async with wiring.opened(chosen):
        found = await wiring.carts().submitted()
        for one in found:
            since = f"{one.submitted_at:%Y-%m-%d %H:%M}" if one.submitted_at else "just now"
            stands = f"{one.line.value:<8} {one.state:<8} {one.attempts:>3} tries"
            print(f"{one.order_key}  {stands}  {since}  {one.error_code}")
        print(f"{len(found)} submitted carts are no order yet.")
    return 0
