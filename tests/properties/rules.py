"""The rules of becoming a customer, read from the raw tables and from the outside. Each gives what breaks it."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from portal_app.storage.encryption import FieldCipher
from portal_app.storage.signup_records import ADVANCING, TERMINAL, WAITING_FOR_STAFF
from tests.fakes.registry import marker_of, number_of

if TYPE_CHECKING:
    from tests.properties.story import Story

CIPHER: Final = FieldCipher({"k1": bytes(range(32))})
ENDS: Final = {
    "COMPLETED": {"welcome"},
    "REFUSED": {"signup_failed", "have_account", "link_instead", "signup_not_confirmed"},
}
REASONS_FOR_REVIEW: Final = {"client_mapped", "case_gone"}
REPEATING: Final = ("crash", "commit_fails", "stalls")


class Tables:
    """Rows as they are on disk."""

    def __init__(self, file: Path) -> None:
        connection = sqlite3.connect(file)
        connection.row_factory = sqlite3.Row
        try:
            self.users = self._all(connection, "users")
            self.mappings = self._all(connection, "id_mappings")
            self.signups = self._all(connection, "signups")
            self.outbox = self._all(connection, "outbox")
        finally:
            connection.close()

    def _all(self, connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]


def always(story: "Story", file: Path) -> Iterator[str]:
    """What holds after every step, in the middle of everything."""
    tables = Tables(file)
    mapped = {row["user_id"]: row for row in tables.mappings}
    if len(tables.signups) > len(story.sent):
        yield "one form became two sign-ups"
    yield from _users_are_mapped(tables, mapped)
    for signup in tables.signups:
        yield from _signup(story, tables, mapped, signup)
    yield from _clients(story, tables)
    yield from _mappings(story, tables)
    yield from _accounts(story, tables)
    yield from _sealed(tables)
    yield from story.town.untouched()


def at_rest(story: "Story", file: Path) -> Iterator[str]:
    """What holds when nothing is left to be done."""
    yield from always(story, file)
    yield from unfinished(story, file)
    tables = Tables(file)
    mapped_clients = {row["whmcs_client_id"] for row in tables.mappings}
    reviewed = {row["user_id"] for row in tables.signups if row["state"] == "NEEDS_REVIEW"}
    for signup in tables.signups:
        if signup["state"] == "NEEDS_REVIEW" and signup["error_code"] not in REASONS_FOR_REVIEW:
            yield f"a sign-up needs review: {signup['error_code']}"
    for client in story.outside.whmcs.made_by_us():
        if client["status"] == "Active" and client["id"] not in mapped_clients and marker_of(client) not in reviewed:
            yield f"client {client['id']} was made and left"
    yield from _written_back(story, tables)
    yield from _mails(story, tables)


def unfinished(story: "Story", file: Path) -> list[str]:
    """Work that is still due. Who waits for staff waits on only where staff do not say anything."""
    tables = Tables(file)
    due = set(ADVANCING) - ({WAITING_FOR_STAFF} if not story.scene.verdict else set())
    moving = [row["state"] for row in tables.signups if row["state"] in due]
    waiting = [row["kind"] for row in tables.outbox if row["sent_at"] is None and row["gave_up_at"] is None]
    return [f"left unfinished: {what}" for what in (*moving, *waiting)]


def _users_are_mapped(tables: Tables, mapped: dict[str, Any]) -> Iterator[str]:
    users = {row["user_id"] for row in tables.users}
    yield from (f"user {user_id} has no mapping" for user_id in users - mapped.keys())
    yield from (f"mapping of nobody {user_id}" for user_id in mapped.keys() - users)


def _signup(story: "Story", tables: Tables, mapped: dict[str, Any], signup: dict[str, Any]) -> Iterator[str]:
    user_id, state = signup["user_id"], signup["state"]
    if (state == "COMPLETED") != (user_id in mapped):
        yield f"a sign-up is {state} and its user {'exists' if user_id in mapped else 'does not exist'}"
    if state in TERMINAL and (signup["payload_sealed"] or signup["claimed_account"]):
        yield f"a sign-up is {state} and keeps what was typed or claimed"
    if state == "COMPLETED" and user_id in mapped:
        client = _client(story, mapped[user_id]["whmcs_client_id"])
        if client is None or marker_of(client) != user_id:
            yield "a client without our marker was adopted"
        if mapped[user_id]["sf_account_id"] != signup["sf_account_id"]:
            yield "mapped to another account than the one proved"


def _clients(story: "Story", tables: Tables) -> Iterator[str]:
    """Those we made: one for each sign-up, one active for each customer number."""
    ours = story.outside.whmcs.made_by_us()
    known = {row["user_id"] for row in tables.signups}
    active = [row for row in ours if row["status"] == "Active"]
    yield from (f"two clients of sign-up {m}" for m, n in Counter(map(marker_of, ours)).items() if n > 1)
    yield from (f"two clients of ours for {number}" for number, n in Counter(map(number_of, active)).items() if n > 1)
    yield from (f"client {row['id']} has no sign-up" for row in ours if marker_of(row) not in known)
    taken_back = {
        row["user_id"] for row in tables.signups if row["state"] in ("COMPENSATING", "REFUSED", "NEEDS_REVIEW")
    }
    for row in ours:
        if row["status"] != "Active" and marker_of(row) not in taken_back:
            yield f"client {row['id']} is {row['status']} while its sign-up goes on"


def _mappings(story: "Story", tables: Tables) -> Iterator[str]:
    for column in ("whmcs_client_id", "sf_account_id"):
        for value, n in Counter(row[column] for row in tables.mappings).items():
            if n > 1:
                yield f"{n} users are mapped to {column} {value}"
    made = {row["user_id"] for row in tables.signups}
    addresses = {row["user_id"]: _email(row) for row in tables.users}
    for row in tables.mappings:
        client = _client(story, row["whmcs_client_id"])
        if client is None or row["user_id"] in made:
            continue
        owners = [u["email"] for u in story.outside.whmcs.users for link in u["clients"] if link["id"] == client["id"]]
        if addresses.get(row["user_id"]) not in owners:
            yield f"user linked to client {client['id']} whose login they do not have"


def _accounts(story: "Story", tables: Tables) -> Iterator[str]:
    """What the portal wrote into Salesforce is true."""
    mapped = {row["sf_account_id"]: row["whmcs_client_id"] for row in tables.mappings}
    for row in story.outside.salesforce.records["Account"]:
        if row["Id"] in story.town.foreign:
            continue
        if row["Portal_Status__c"] and row["Id"] not in mapped:
            yield f"account {row['Id']} is active for nobody"
        if row["WH_Account__c"] and not row["WH_Account__c"].startswith(f"#{mapped.get(row['Id'])} - "):
            yield f"account {row['Id']} names {row['WH_Account__c']}"


def _sealed(tables: Tables) -> Iterator[str]:
    for row in tables.signups:
        if row["state"] not in TERMINAL:
            yield from _opens("signups", row["signup_id"], row["payload_sealed"])
    for row in tables.outbox:
        if row["sent_at"] is None:
            yield from _opens("outbox", row["outbox_id"], row["payload_sealed"])


def _opens(table: str, row_id: str, sealed: str) -> Iterator[str]:
    try:
        json.loads(CIPHER.open(table, "payload", row_id, sealed))
    except Exception as lost:
        yield f"what {table} kept is lost: {lost!r}"


def _written_back(story: "Story", tables: Tables) -> Iterator[str]:
    accounts = {row["Id"]: row for row in story.outside.salesforce.records["Account"]}
    for row in tables.mappings:
        account = accounts[row["sf_account_id"]]
        named = (account["WH_Account__c"] or "").startswith(f"#{row['whmcs_client_id']} - ")
        if not (named and account["Portal_Status__c"] == "Active") and account["Id"] not in story.town.foreign:
            yield f"account {account['Id']} was never written back"


def _mails(story: "Story", tables: Tables) -> Iterator[str]:
    """One for each cause; the same one twice only where a process died or stood still in between."""
    mails = story.outside.mails
    interrupted = sum(kind.startswith(REPEATING) for kind in story.troubles.struck)
    for reference, times in Counter(mail["reference"] for mail in mails).items():
        if times > 1 + interrupted:
            yield f"mail {reference} was sent {times} times"
    rows = {row["dedupe_key"]: row for row in tables.outbox}
    for signup in tables.signups:
        if wanted := ENDS.get(signup["state"]):
            key = "welcome" if signup["state"] == "COMPLETED" else "refused"
            row = rows.get(f"sign-up:{signup['signup_id']}:{key}")
            sent = {mail["template"] for mail in mails if row and mail["reference"] == row["outbox_id"]}
            if not sent or not sent <= wanted:
                yield f"a sign-up is {signup['state']} and its mails are {sorted(sent)}"
            if f"sign-up:{signup['signup_id']}:{'refused' if key == 'welcome' else 'welcome'}" in rows:
                yield "a sign-up was both welcomed and refused"
    verifying = {(mail["to"], mail["reference"]) for mail in mails if mail["template"] == "verify_email"}
    for address, times in Counter(to for to, _ in verifying).items():
        if times > sum(details.email == address for details, _ in story.sent) + story.town.resent[address]:
            yield f"{times} links to {address}"
    changed = {mail["reference"] for mail in mails if mail["template"] == "password_changed"}
    if len(changed) > story.changed_passwords:
        yield "more mails about changed passwords than changes"


def _client(story: "Story", whmcs_client_id: int) -> dict[str, Any] | None:
    return next((row for row in story.outside.whmcs.clients if row["id"] == whmcs_client_id), None)


def _email(row: dict[str, Any]) -> str:
    return CIPHER.open("users", "email", row["user_id"], row["email_sealed"])
