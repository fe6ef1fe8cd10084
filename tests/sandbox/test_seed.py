"""What is always there: fixed people, every oddity, the same on every machine and after a restart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sandbox.app import make_world, running
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.seed import plant
from sandbox.store import Row, Store
from sandbox.whmcs import ledger
from sandbox.whmcs.passwords import matches

TODAY = date(2026, 4, 15)
STATUSES = {"Draft", "Unpaid", "Paid", "Cancelled", "Refunded", "Collections", "Payment Pending"}


def planted_store(size: int, today: date = TODAY) -> Store:
    store = Store(None)
    plant(store, Clock(today), size)
    return store


@pytest.fixture
def store() -> Iterator[Store]:
    made = planted_store(12)
    yield made
    made.close()


def dump(store: Store) -> list[object]:
    tables = [row["name"] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return [(table, sorted(store.rows(f"SELECT * FROM {table}"), key=str)) for table in tables]


def test_the_seed_is_the_same_every_time(store: Store) -> None:
    assert dump(store) == dump(planted_store(12))


def test_the_fixed_people_look_the_same_at_every_size(store: Store) -> None:
    sql = "SELECT * FROM invoices WHERE client_id <= 1005 ORDER BY id"
    assert store.rows(sql) == planted_store(30).rows(sql) == planted_store(5).rows(sql)


@pytest.mark.parametrize("today", [date(2026, 3, 1), date(2026, 12, 31), date(2028, 2, 29)])
def test_the_demo_customer_is_right_on_any_day(today: date) -> None:
    store = planted_store(5, today)
    unpaid = store.rows("SELECT * FROM invoices WHERE client_id = 1001 AND status = 'Unpaid'")
    overdue = [row for row in unpaid if row["duedate"] < today.isoformat()]
    partial = [row for row in unpaid if ledger.paid_so_far(store, row["id"]) > 0]
    assert (len(unpaid), len(overdue), len(partial)) == (3, 1, 1)
    assert overdue != partial
    assert store.value("SELECT COUNT(*) FROM invoices WHERE client_id = 1001") == 60
    assert store.value("SELECT COUNT(*) FROM invoices WHERE client_id = 1002") == 20
    assert store.value("SELECT MAX(date) FROM invoices") <= today.isoformat()
    assert store.value("SELECT MAX(date) FROM transactions") < f"{today.isoformat()} 24"


def test_invoices_and_services_of_every_status_exist(store: Store) -> None:
    assert {row["status"] for row in store.rows("SELECT DISTINCT status FROM invoices")} == STATUSES
    services = {row["status"] for row in store.rows("SELECT DISTINCT status FROM services")}
    assert services >= {"Pending", "Active", "Suspended", "Terminated", "Cancelled", "Fraud", "Completed"}


def test_user_ids_and_client_ids_never_coincide(store: Store) -> None:
    assert store.value("SELECT COUNT(*) FROM users WHERE id IN (SELECT id FROM clients)") == 0
    assert store.value("SELECT MAX(n) FROM (SELECT COUNT(*) n FROM user_clients GROUP BY client_id)") >= 3
    assert store.value("SELECT MAX(n) FROM (SELECT COUNT(*) n FROM user_clients GROUP BY user_id)") >= 2


def test_every_client_has_one_owner(store: Store) -> None:
    owners = "SELECT COUNT(*) FROM user_clients WHERE is_owner GROUP BY client_id"
    assert {row["COUNT(*)"] for row in store.rows(owners)} == {1}


@pytest.mark.parametrize(
    "condition",
    [
        "duedate = '0000-00-00'",
        "taxrate = '8.000'",
        "total = 0 AND credit = 0",
        "invoicenum = '' AND status = 'Paid'",
        "invoicenum LIKE 'INV-%'",
        "credit > 0 AND total > 0",
        "(SELECT COUNT(*) FROM invoice_items i WHERE i.invoice_id = invoices.id) = 40",
        "EXISTS (SELECT 1 FROM invoice_items i WHERE i.invoice_id = invoices.id AND description LIKE '%<script>%')",
        "EXISTS (SELECT 1 FROM invoice_items i WHERE i.invoice_id = invoices.id AND description LIKE '%&amp;%')",
        "EXISTS (SELECT 1 FROM invoice_items i WHERE i.invoice_id = invoices.id AND INSTR(description, char(0x202e)))",
        "EXISTS (SELECT 1 FROM invoice_items i WHERE i.invoice_id = invoices.id AND INSTR(description, char(0x2028)))",
    ],
)
def test_an_invoice_with_each_oddity_exists(store: Store, condition: str) -> None:
    assert store.value(f"SELECT COUNT(*) FROM invoices WHERE {condition}") > 0


def test_the_sums_of_every_invoice_agree(store: Store) -> None:
    sql = "SELECT *, (SELECT SUM(amount) FROM invoice_items i WHERE i.invoice_id = invoices.id) AS lines FROM invoices"
    for row in store.rows(sql):
        assert row["subtotal"] == row["lines"]
        assert row["total"] == row["subtotal"] + row["tax"] - row["credit"]


def test_a_paid_invoice_has_nothing_left_and_a_date(store: Store) -> None:
    for row in store.rows("SELECT * FROM invoices WHERE status = 'Paid'"):
        assert ledger.balance(store, row) <= 0 and row["datepaid"] > "2000"


def test_a_closed_an_inactive_and_an_sso_blocked_client_exist(store: Store) -> None:
    assert {row["status"] for row in store.rows("SELECT status FROM clients")} == {"Active", "Inactive", "Closed"}
    assert store.value("SELECT COUNT(*) FROM clients WHERE NOT allow_sso") == 1


def test_the_full_size_is_about_twelve_thousand_invoices() -> None:
    store = planted_store(300)
    assert store.value("SELECT COUNT(*) FROM clients WHERE id < 1900") == 300
    assert 11_000 < store.value("SELECT COUNT(*) FROM invoices") < 13_000
    assert any(re.search("[一-龠]", row["lastname"]) for row in store.rows("SELECT lastname FROM clients"))


async def test_a_restart_finds_everything_again(tmp_path: Path) -> None:
    config = Config(port=0, smtp_port=0, data=tmp_path, seed_size=5, today=TODAY)
    async with running(config) as first:
        ledger.pay(first.world, 101, 500)
        before = dump(first.world.store)
    async with running(config) as second:
        assert dump(second.world.store) == before


def test_another_day_does_not_seed_again(tmp_path: Path) -> None:
    first = make_world(Config(data=tmp_path, seed_size=5, today=TODAY))
    first.store.execute("DELETE FROM invoices")
    first.store.close()
    second = make_world(Config(data=tmp_path, seed_size=5, today=date(2027, 1, 1)))
    assert second.store.value("SELECT COUNT(*) FROM invoices") == 0
    second.store.close()


def number_of(client: Row) -> str:
    return str(json.loads(client["customfields"]).get("198", ""))


@pytest.mark.parametrize("size", [5, 12, 30])
def test_the_people_who_cannot_simply_be_linked_are_there_at_every_size(size: int) -> None:
    store = planted_store(size)
    clients = {row["id"]: row for row in store.rows("SELECT * FROM clients WHERE id > 1900")}
    assert [number_of(row) for row in clients.values()] == ["C-300001", "C-300002", "", "C-199999", "C-200004"]
    owned = """SELECT COUNT(*) FROM user_clients l JOIN users u ON u.id = l.user_id
               WHERE u.email = 'two.accounts@example.com' AND l.is_owner"""
    assert store.value(owned) == 2
    known = {json.loads(row["fields"]).get("SF_Account_No__c", ""): json.loads(row["fields"])
             for row in store.rows("SELECT fields FROM sf_records WHERE object = 'Account'")}  # fmt: skip
    assert "C-199999" not in known
    assert known["C-200004"]["WH_Account__c"].startswith("#9004"), "somebody else's"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("closed@example.com", "closed-whmcs-pass"),
        ("two.accounts@example.com", "two-accounts-pass"),
        ("no.number@example.com", "no-number-pass"),
        ("no.account@example.com", "no-account-pass"),
        ("taken@example.com", "taken-account-pass"),
        ("accountant@example.com", "accountant-pass"),
        ("boss@example.com", "boss-whmcs-pass"),
    ],
)
def test_everybody_named_in_the_documentation_can_sign_in_to_whmcs(store: Store, email: str, password: str) -> None:
    user = store.row("SELECT * FROM users WHERE email = ?", email)
    assert user is not None and matches(password, user["password"])
    page = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert email in page and password in page
