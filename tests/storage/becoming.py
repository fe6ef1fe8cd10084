"""Sign-ups in the states that tests start from."""

import uuid
from typing import Any

from portal_app.storage.engine import Database
from portal_app.storage.signups import VERIFIED, SignupRecord, Signups

ACCOUNT = "001000000000001AAA"


async def a_signup(db: Database, signups: Signups, **changes: Any) -> str:
    """The id of a sign-up that waits for its e-mail to be verified."""
    values = {
        "signup_id": str(uuid.uuid4()),
        "user_id": str(uuid.uuid4()),
        "details_json": '{"first_name": "Ada", "phone": "+81312345678"}',
        "password_hash": "hash",
        "locale": "ja",
        "email": "Ada@example.com",
        "customer_number": "C-1001",
        "sf_account_id": ACCOUNT,
        **changes,
    }
    async with db.write() as session:
        await signups.new_row(session, **values)
    return values["signup_id"]


async def held(db: Database, signups: Signups, state: str = VERIFIED, **changes: Any) -> SignupRecord:
    """A sign-up of that state in our hands."""
    record = await signups.take(await a_signup(db, signups, **changes))
    assert record is not None
    return await signups.step(record, state)
