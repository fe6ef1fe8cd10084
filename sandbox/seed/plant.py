"""Fill an empty store. Everything is derived from the client's number and from today; nothing is left to chance."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.config import SMALLEST_SEED
from sandbox.seed.accounts import plant_accounts
from sandbox.seed.book import Book
from sandbox.seed.cases import plant_cases
from sandbox.seed.crowd import add_crowd_member
from sandbox.seed.fixed import add_fixed_people
from sandbox.seed.linking import add_people_to_link
from sandbox.seed.oddities import ODD_PEOPLE
from sandbox.seed.products import PRODUCTS
from sandbox.store import Store

FIRST_CLIENT = 1001
CROWD_INVOICES_FROM = 2001


def planted(store: Store) -> bool:
    return store.value("SELECT value FROM meta WHERE key = 'planted_on'") is not None


def catch_up(store: Store, clock: Clock) -> None:
    """Data of an earlier version lack the accounts, or the cases."""
    for key, add in (("accounts_planted_on", plant_accounts), ("cases_planted_on", plant_cases)):
        if store.value("SELECT value FROM meta WHERE key = ?", key) is None:
            with store.transaction():
                add(store, clock)


def plant(store: Store, clock: Clock, size: int) -> None:
    """The fixed people come first and keep their ids and invoice numbers at every size."""
    book = Book(clock.today())
    add_fixed_people(book)
    last = FIRST_CLIENT + max(size, SMALLEST_SEED) - 1
    for client_id, add in enumerate(ODD_PEOPLE, FIRST_CLIENT + SMALLEST_SEED):
        if client_id <= last:
            add(book, client_id)
    book.number_bills()
    book.next_invoice = CROWD_INVOICES_FROM
    for client_id in range(FIRST_CLIENT + SMALLEST_SEED + len(ODD_PEOPLE), last + 1):
        add_crowd_member(book, client_id)
    book.number_bills()
    add_people_to_link(book)
    with store.transaction():
        store.insert_many("products", PRODUCTS)
        for table, rows in book.tables.items():
            store.insert_many(table, rows)
        store.insert("meta", key="last_invoicenum", value=str(book.last_invoicenum))
        store.insert("meta", key="planted_on", value=clock.today().isoformat())
        plant_accounts(store, clock)
        plant_cases(store, clock)
