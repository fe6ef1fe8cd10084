"""Salesforce's events: are they heard, and have them delivered again."""

import sys
from typing import Any

from portal_app import wiring
from portal_app.cli.parsing import Parsers
from portal_app.cli.telling import hint_worker
from portal_app.settings import Settings
from portal_app.worker.listening import REPLAY
from portal_app.workflows.event_standing import as_lines


def add(parsers: Parsers) -> None:
    heard = parsers.group("events", "Salesforce's events: how listening stands, and hearing them again.")
    heard.command("status", "Show where each topic stands, and what may be missing.", _status)
    again = heard.command("replay", "Have everything delivered again that Salesforce has kept (72 hours).", _replay)
    again.add_argument("--topic", help="only this one, as `events status` names it")


async def _status(chosen: Settings, _: Any) -> int:
    async with wiring.opened(chosen):
        print(*as_lines(await wiring.event_standing().get()), sep="\n")
    return 0


async def _replay(chosen: Settings, asked: Any) -> int:
    async with wiring.opened(chosen):
        rewound = await wiring.replay_cursors().rewind(asked.topic)
        await wiring.bus().publish(REPLAY)
    if not rewound:
        print("Nobody has listened to that yet, so there is nothing to repeat.", file=sys.stderr)
        return 1
    await hint_worker(chosen, REPLAY)
    print("From the oldest event that Salesforce has kept:", *rewound, sep="\n  ")
    print("What is known already changes nothing.")
    return 0
