"""`python -m bench.uploads`: 20 customers attach a file of the maximum size at the same moment; memory and time.

python -m bench.uploads [--people 20] [--rounds 3]

A real portal process beside the sandbox. Everybody stops in the middle until all are there, so that all files are under
way at once. Prints how much the portal's memory grew over what it was after one file, and how fast the files went.
"""

import argparse
import asyncio
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import aiohttp

from portal_app import routes, settings, wiring
from portal_app.domain.attachments import LARGEST
from tests.support import preparing
from tools.run import DEMO_PASSWORD
from tools.running import running

PIECE, MB = 64 * 1024, 1024 * 1024
HEAD, END = b"\x89PNG\r\n\x1a\n", b"\0\0\0\0IEND\xaeB`\x82"
LOOK_S = 0.02
FIRST_CLIENT = 900_000


class Everybody:
    """Prepares the demo with as many customers as are asked for."""

    def __init__(self, people: int) -> None:
        self.emails = [f"sender{number}@example.com" for number in range(people)]

    def migrate(self, env: Mapping[str, str]) -> None:
        """Bring the database to the newest schema."""
        preparing.migrate(env)

    def make_demo_users(self, env: Mapping[str, str]) -> None:
        """The customers; they need nothing but an account."""
        asyncio.run(self._made(env))

    async def _made(self, env: Mapping[str, str]) -> None:
        async with wiring.opened(settings.load(dict(env))):
            for number, email in enumerate(self.emails):
                user_id = await wiring.users().create(email, await wiring.passwords().hash(DEMO_PASSWORD))
                await wiring.users().link(user_id, FIRST_CLIENT + number)


@dataclass
class Memory:
    """Resident memory of a group of processes, in MB (Linux)."""

    leader: int
    most: float = 0.0

    def now(self) -> float:
        """All processes of the group together."""
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(stat.read_text().rsplit(")", 1)[1].split()[2]) == self.leader:
                    total += int((stat.parent / "statm").read_text().split()[1])
            except (OSError, ValueError, IndexError):
                continue
        return total * 4096 / MB

    async def watch(self) -> None:
        """Remember the highest, until cancelled."""
        while True:
            self.most = max(self.most, self.now())
            await asyncio.sleep(LOOK_S)


async def signed_in(url: str, email: str) -> aiohttp.ClientSession:
    """One customer's browser."""
    session = aiohttp.ClientSession(base_url=url, cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Origin": url})
    form = {"email": email, "password": DEMO_PASSWORD}
    async with session.post(routes.API_LOGIN, data=form, allow_redirects=False) as answer:
        assert answer.status == 303 and session.cookie_jar, answer.status
    return session


async def file(middle: asyncio.Barrier | None) -> AsyncIterator[bytes]:
    """The largest picture there may be, with a rest in the middle."""
    for at in range(0, LARGEST, PIECE):
        piece = bytearray(PIECE)
        if at == 0:
            piece[: len(HEAD)] = HEAD
        if at + PIECE == LARGEST:
            piece[-len(END) :] = END
        if at == LARGEST // 2 and middle is not None:
            await middle.wait()
        yield bytes(piece)


async def attach(session: aiohttp.ClientSession, middle: asyncio.Barrier | None = None) -> None:
    """Send one, and see that it was taken."""
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(LARGEST),
        "X-File-Name": quote("写真.png"),
        "Idempotency-Key": uuid.uuid4().hex,
        "Accept": "application/json",
    }
    async with session.post(routes.API_CASE_UPLOADS, data=file(middle), headers=headers) as answer:
        said = await answer.json()
        assert answer.status == 201 and said["size"] == LARGEST, said


async def measure(url: str, leader: int, emails: list[str], rounds: int) -> list[str]:
    """One line for each round."""
    memory, lines = Memory(leader), []
    people = [await signed_in(url, email) for email in emails]
    await attach(people[0])
    before = memory.now()
    watching = asyncio.create_task(memory.watch())
    for number in range(1, rounds + 1):
        memory.most, began = before, time.monotonic()
        middle = asyncio.Barrier(len(people))
        await asyncio.gather(*(attach(one, middle) for one in people))
        took, sent = time.monotonic() - began, len(people) * LARGEST / MB
        lines.append(
            f"round {number}: {sent:.0f} MB in {took:.1f} s = {sent / took:.0f} MB/s; memory {before:.0f} MB, "
            f"at most {memory.most - before:+.1f} MB ({(memory.most - before) / len(people):.2f} MB a file), "
            f"afterwards {memory.now() - before:+.1f} MB"
        )
        print(lines[-1], flush=True)
    watching.cancel()
    for one in people:
        await one.close()
    return lines


def main(people: int, rounds: int) -> None:
    """Start, measure, stop."""
    everybody = Everybody(people)
    with tempfile.TemporaryDirectory() as data, running(Path(data), everybody) as started:
        asyncio.run(measure(started.demo.portal_url, started.portal.pid, everybody.emails, rounds))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Files of the maximum size at once.")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    main(**vars(parser.parse_args()))
