"""What WHMCS itself mails to clients. It stays here: only GetEmails shows it.

Source: WHMCS API reference, GetEmails, ResetPassword.
"""

from __future__ import annotations

import re
import secrets

from sandbox.store import Row
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.registry import Call, Refusal, action, paging
from sandbox.world import World

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def write(world: World, client_id: int, subject: str, body: str) -> None:
    client = world.store.get("clients", client_id) or {}
    html = f"<html><body><p>Dear {client['firstname']} {client['lastname']},</p>\r\n<p>{body}</p></body></html>"
    now = world.clock.stamp()
    columns = {"subject": subject, "message": html, "date": now, "recipient": client["email"]}
    world.store.insert("whmcs_emails", client_id=client_id, **columns)


@action("GetEmails")
def get_emails(call: Call) -> Reply:
    """Newest first [U]; `subject` matches anywhere [U], `date` exactly [U]. Bodies hold live links."""
    client = call.row_or_refuse("clients", "clientid", "Client ID Not Found")
    where, values = ["client_id = ?"], [client["id"]]
    if call.text("subject"):
        where.append("INSTR(LOWER(subject), ?)")
        values.append(call.text("subject").lower())
    if call.text("date"):
        where.append("date = ?")
        values.append(call.text("date"))
    condition, (start, size) = " AND ".join(where), call.page()
    sql = f"SELECT * FROM whmcs_emails WHERE {condition} ORDER BY id DESC LIMIT ? OFFSET ?"
    rows = [_email(row) for row in call.world.store.rows(sql, *values, size, start)]
    total = call.world.store.value(f"SELECT COUNT(*) FROM whmcs_emails WHERE {condition}", *values)
    return paging(total, start, rows) | {"emails": Rows(rows, "email")}


def _email(row: Row) -> Reply:
    return {
        "id": str(row["id"]),
        "userid": str(row["client_id"]),
        "subject": row["subject"],
        "message": row["message"],
        "date": row["date"],
        "to": row["recipient"],
        "cc": "",
        "bcc": "",
        "attachments": "",
        "pending": "0",
        "message_data": "",
        "failed": "0",
        "failure_reason": "",
        "retry_count": "0",
        "created_at": row["date"],
        "updated_at": row["date"],
        "campaign_id": "0",
        "unlisted_opened": None,
    }


@action("ResetPassword")
def reset_password(call: Call) -> Reply:
    """`id` is a USER id. The link goes to the user, filed with the first client they own [U]."""
    email = call.text("email")
    if not call.number("id") and not email:
        raise Refusal("Please enter the email address or provide the id")
    if not call.number("id") and not EMAIL.fullmatch(email):
        raise Refusal("Please provide a valid email address")
    store = call.world.store
    user = (
        store.get("users", call.number("id"))
        if call.number("id")
        else store.row("SELECT * FROM users WHERE email = ? COLLATE NOCASE", email)
    )
    if user is None:
        raise Refusal("User Not Found")
    owned = "SELECT client_id FROM user_clients WHERE user_id = ? ORDER BY is_owner DESC, client_id LIMIT 1"
    client_id = store.value(owned, user["id"])
    if client_id is not None:
        link = f"{call.site}/index.php?rp=/password/reset/redeem/{secrets.token_hex(32)}"
        write(call.world, client_id, "Password Reset Validation", f'<a href="{link}">Reset your password</a>')
    return {}
