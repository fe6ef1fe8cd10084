"""Many first looks at once from one process of the portal, without pages: `python -m tests.support.crowd READERS`.

Takes the portal's settings from the environment, waits for a line on standard input so that several processes start
together, and prints how many invoices each reader saw.
"""

import asyncio
import sys

from portal_app import settings, wiring
from portal_app.domain.billing import InvoiceQuery

CLIENT = 1001


async def main(readers: int) -> None:
    """Read the demo customer's invoices `readers` times at once."""
    async with wiring.opened(settings.load()):
        customer = await wiring.users().find_customer_of_client(CLIENT)
        assert customer is not None
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        pages = await asyncio.gather(
            *(wiring.billing().list_invoices(customer, InvoiceQuery()) for _ in range(readers))
        )
        print(sorted({page.total_items for page in pages}), flush=True)
        await wiring.marks().settled()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
