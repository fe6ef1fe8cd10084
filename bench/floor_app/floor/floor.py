"""The floor: a list page with 25 rows, a pager and a filter, and nothing else. No sign-in, no database, no checks.

What it costs is what Reflex itself costs; the portal's pages are measured against it.
"""

import reflex as rx

SIZE = 25
INVOICES = [
    {
        "number": f"INV-{n:06d}",
        "status": "Paid" if n % 3 else "Open",
        "total": f"¥{(n + 1) * 198:,}",
        "due": f"2030-01-{n % 28 + 1:02d}",
    }
    for n in range(60)
]


class Table(rx.State):
    """Replaces its 25 rows on each event, as a list page does."""

    rows: list[dict[str, str]] = []
    page: int = 0
    only: str = ""

    @rx.event
    def load(self):
        chosen = [i for i in INVOICES if not self.only or i["status"] == self.only]
        self.rows = chosen[self.page * SIZE : (self.page + 1) * SIZE]

    @rx.event
    def turn(self, by: int):
        self.page = max(0, self.page + by)
        return Table.load

    @rx.event
    def filter(self, status: str):
        self.only, self.page = status, 0
        return Table.load


for _n in range(20):
    # A real portal has about this many states, one per page; they sit idle here too.
    globals()[f"Idle{_n}"] = type(
        f"Idle{_n}",
        (rx.State,),
        {"__module__": __name__, "__qualname__": f"Idle{_n}", "__annotations__": {"items": list[str]}, "items": []},
    )


def table() -> rx.Component:
    """Its tabs say that they took a click (`bench.first_data` asks), as the links of a real list do."""
    columns = ("number", "status", "total", "due")
    return rx.container(
        rx.heading("Floor"),
        rx.button("All", on_click=Table.filter("").prevent_default, id="all"),
        rx.button("Paid", on_click=Table.filter("Paid").prevent_default, id="paid"),
        rx.table.root(
            rx.table.header(rx.table.row(*[rx.table.column_header_cell(c) for c in columns])),
            rx.table.body(
                rx.foreach(Table.rows, lambda row: rx.table.row(*[rx.table.cell(row[c]) for c in columns])), id="rows"
            ),
        ),
        rx.button("Previous", on_click=Table.turn(-1), id="previous"),
        rx.button("Next", on_click=Table.turn(1), id="next"),
    )


app = rx.App()
app.add_page(table, route="/", title="Floor", on_load=Table.load)
