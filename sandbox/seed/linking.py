"""People whose old account cannot simply be linked, each for one reason. They are there at every size, besides it."""

from __future__ import annotations

from sandbox.seed.book import Book

TWO_ACCOUNTS, OTHER_ACCOUNT, NO_NUMBER, NO_ACCOUNT, TAKEN = 1901, 1902, 1903, 1904, 1905
UNKNOWN_TO_SALESFORCE = (NO_ACCOUNT, TAKEN)


def add_people_to_link(book: Book) -> None:
    """One login that owns two clients; no customer number; a number nobody knows; a number that is somebody else's."""
    name, mine, shop = ("Nanami", "Okada"), {198: "C-300001"}, {198: "C-300002"}
    both = book.client(TWO_ACCOUNTS, *name, "two.accounts@example.com", "two-accounts-pass", fields=mine)
    book.client(OTHER_ACCOUNT, *name, "okada.shop@example.com", "", owner=both, fields=shop, companyname="岡田商店")
    book.client(NO_NUMBER, "Daiki", "Hara", "no.number@example.com", "no-number-pass", fields={198: ""})
    book.client(NO_ACCOUNT, "Mei", "Ueda", "no.account@example.com", "no-account-pass", fields={198: "C-199999"})
    book.client(TAKEN, "Jiro", "Saito", "taken@example.com", "taken-account-pass", fields={198: "C-200004"})
