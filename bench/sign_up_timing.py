"""P5: does the portal answer as slowly for an unknown address as for a known one? Medians of interleaved pairs.

`python -m bench.sign_up_timing [pairs] [bcrypt cost]` on an idle machine; 5 % or 10 ms between the medians are allowed.
Forgotten password, sign-up and sign-in, over the real HTTP doors and workflows. A cost of 4 takes the hash out of the
picture and shows what is left.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from portal_app import routes, wiring
from portal_app.security.passwords import Bcrypt, Passwords
from tests.fakes.becoming_world import EMAIL, PASSWORD, BecomingWorld
from tests.fakes.doors import sqlite_url
from tests.fakes.entrance import Entrance

Ask = Callable[[Entrance, httpx.AsyncClient, str], Awaitable[httpx.Response]]


async def forgot(entrance: Entrance, program: httpx.AsyncClient, email: str) -> httpx.Response:
    """A reset link, please."""
    return await program.post(routes.API_FORGOT_PASSWORD, json={"email": email})


async def sign_up(entrance: Entrance, program: httpx.AsyncClient, email: str) -> httpx.Response:
    """The whole form."""
    return await entrance.ask(program, email=email)


async def sign_in(entrance: Entrance, program: httpx.AsyncClient, email: str) -> httpx.Response:
    """With a password that is wrong either way."""
    return await program.post(routes.API_LOGIN, json={"email": email, "password": "not the password"})


QUESTIONS: dict[str, tuple[Ask, int]] = {
    "forgotten password": (forgot, 202),
    "sign-up": (sign_up, 202),
    "sign-in": (sign_in, 401),
}


@dataclass(frozen=True)
class Medians:
    """Of one question, in milliseconds."""

    known: float
    unknown: float

    @property
    def gap(self) -> float:
        """How much longer a known address takes."""
        return self.known - self.unknown


async def measure(question: str, pairs: int, cost: int, clock: Callable[[], float] = time.perf_counter) -> Medians:
    """Interleaved, so that whatever else the machine does falls on both. Raises AssertionError for another answer.

    `clock` in seconds: `time.process_time` counts this process's own work, however busy the machine is.
    """
    ask, status = QUESTIONS[question]
    with tempfile.TemporaryDirectory() as folder:
        world = BecomingWorld(Path(sqlite_url(Path(folder)).removeprefix("sqlite:///")))
        passwords = Passwords("pepper of the bench, long enough", cost, Bcrypt())
        world.signing_up._passwords = world.signing_in._passwords = passwords
        world.an_account()
        await world.users.create(EMAIL, await passwords.hash(PASSWORD))
        entrance = Entrance(world)
        known, unknown = list[float](), list[float]()
        with wiring.use(**entrance.parts):
            program = entrance.program()
            for n in range(pairs + 2):
                # A day a pair, so that neither a lockout nor a limit is measured.
                world.clock.advance(86_401)
                turns = [(known, EMAIL), (unknown, f"nobody{n}@example.com")]
                for times, email in turns if n % 2 else reversed(turns):
                    started = clock()
                    answer = await ask(entrance, program, email)
                    times.append((clock() - started) * 1000)
                    assert answer.status_code == status, answer.text
                await world.lockout.succeeded(world.index.of(f"account|{EMAIL}"), None)
        await entrance.close()
        await world.close()
        passwords.close()
    return Medians(statistics.median(known[2:]), statistics.median(unknown[2:]))  # the first two open connections


async def main(pairs: int = 200, cost: int = 12) -> None:
    """One line a question."""
    for question in QUESTIONS:
        found = await measure(question, pairs, cost)
        print(
            f"{question:<20} known {found.known:7.2f} ms  unknown {found.unknown:7.2f} ms  "
            f"gap {found.gap:+6.2f} ms ({found.gap / found.known:+.1%})  of {pairs} pairs"
        )


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
