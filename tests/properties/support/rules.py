"""What must hold, in the middle of everything and at rest: never two, never none."""

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

from portal_app.domain.case_texts import unmarked

TAKEN = ("sent", "kept")


def rows(file: Path, statement: str) -> list[dict[str, Any]]:
    """As they are committed."""
    with sqlite3.connect(file) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(statement)]


def always(story: Any, file: Path) -> list[str]:
    """Never two."""
    wrong = []
    for what, found in (("question", references(story)), ("reply", markers(story))):
        wrong += [f"{number} of one {what}" for number in found.values() if number > 1]
    wrong += [f"{one.text} was said to be sent and is not there" for one in story.submits if _missing(story, one)]
    twice = Counter(row["source_id"] for row in rows(file, "SELECT source_id FROM notifications"))
    wrong += [f"{source} was told twice" for source, number in twice.items() if number > 1]
    return wrong


def at_rest(story: Any, file: Path) -> list[str]:
    """Never none, and nothing left."""
    posts = {row["post_id"]: row for row in rows(file, "SELECT * FROM case_posts")}
    wrong = [f"left: {one}" for one in unfinished(file)]
    wrong += [
        f"{id} is sent, and its text is kept"
        for id, row in posts.items()
        if row["state"] == "SENT" and row["body_sealed"]
    ]
    wrong += [
        f"{one.text} was taken and is not there"
        for one in story.submits
        if one.outcome in TAKEN and _lost(story, posts, one)
    ]
    wrong += [f"{one.text} is there, nobody took it" for one in story.submits if _uncalled_for(story, posts, one)]
    return wrong + _files(story, posts) + _moves(story, posts) + _news(story, file)


def unfinished(file: Path) -> list[str]:
    """What waits for a machine."""
    waiting = rows(file, "SELECT post_id, state FROM case_posts WHERE state IN ('WAITING', 'POSTED')")
    unsent = rows(file, "SELECT dedupe_key FROM outbox WHERE sent_at IS NULL")
    return [f"{row['state']} {row['post_id']}" for row in waiting] + [row["dedupe_key"] for row in unsent]


def references(story: Any) -> Counter[str]:
    """Questions by their post, in hex."""
    return Counter(one["Portal_Reference__c"].removeprefix("support:") for one in story.desk.records("Case"))


def markers(story: Any) -> Counter[str]:
    """Replies by their post, in hex."""
    found = (unmarked(one["CommentBody"])[0] for one in story.desk.comments())
    return Counter(one for one in found if one)


def _there(story: Any, submit: Any) -> bool:
    if submit.kind == "open":
        return any(one["Subject"] == submit.text for one in story.desk.records("Case"))
    return any(unmarked(one["CommentBody"])[1] == submit.text for one in story.desk.comments())


def _missing(story: Any, submit: Any) -> bool:
    return submit.outcome == "sent" and submit.kind in ("open", "comment") and not _there(story, submit)


def _lost(story: Any, posts: dict[str, Any], submit: Any) -> bool:
    """The same text in another form while the first waits is that one."""
    if submit.kind not in ("open", "comment") or _there(story, submit):
        return False
    refused = [one.post_id for one in story.submits if one.text == submit.text]
    return not any(posts.get(id, {}).get("state") == "REFUSED" for id in refused)


def _uncalled_for(story: Any, posts: dict[str, Any], submit: Any) -> bool:
    """More of one text than posts of it, or one whose post was refused."""
    if submit.kind not in ("open", "comment"):
        return False
    found = references(story) if submit.kind == "open" else markers(story)
    number = found[UUID(submit.post_id).hex]
    row = posts.get(submit.post_id)
    return number != (1 if row is not None and row["state"] == "SENT" else 0)


def _files(story: Any, posts: dict[str, Any]) -> list[str]:
    """With the question their message went to, and with no other."""
    wrong = []
    for submit in story.submits:
        row = posts.get(submit.post_id)
        if row is None or row["state"] != "SENT":
            continue
        lying = [case_id for case_id, files in story.desk.lying.items() if set(submit.files) & files]
        if submit.files and lying != [row["salesforce_case_id"]]:
            wrong.append(f"files of {submit.text} lie with {lying}")
    return wrong


def _moves(story: Any, posts: dict[str, Any]) -> list[str]:
    """The customer's last wish holds, where staff and replies did not come in between."""
    wrong = []
    touched = {step.what for step in story._steps} & {"staff_moves", "staff_says"}
    for case in story.desk.records("Case"):
        of_case = [row for row in posts.values() if row["salesforce_case_id"] == case["Id"]]
        last = max(of_case, key=lambda row: row["created_at"])
        settled = not touched and last["state"] == "SENT" and last["kind"] in ("close", "reopen")
        if settled and case["IsClosed"] != (last["kind"] == "close"):
            wrong.append(f"the last wish was to {last['kind']}, and it is {case['Status']}")
    return wrong


def _news(story: Any, file: Path) -> list[str]:
    """Each answer of the staff by the bell and by one mail; the customer's own words never."""
    told = {row["source_id"] for row in rows(file, "SELECT source_id FROM notifications WHERE kind = 'case_reply'")}
    mailed = Counter(one["reference"] for one in story.mails if one["template"] == "case_reply")
    wrong = [] if told == set(story.said) else [f"said {sorted(story.said)}, told {sorted(told)}"]
    return wrong + ([] if len(mailed) == len(story.said) else [f"{len(mailed)} mails of {len(story.said)} answers"])
