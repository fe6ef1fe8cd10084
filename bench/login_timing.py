"""P5: does an unknown account answer as slowly as a known one? Prints the medians of interleaved pairs.

`python -m bench.login_timing [pairs] [bcrypt cost]` on an idle machine; 5 % or 10 ms between the medians are allowed.
A cost of 4 takes the hash out of the picture and shows what is left.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from portal_app.errors import InvalidCredentials
from portal_app.security.passwords import Bcrypt, Passwords
from tests.fakes.clock import FakeClock
from tests.fakes.doors import OWNER, Doors, sqlite_url


async def timed(doors: Doors, email: str) -> float:
    """Milliseconds until the refusal."""
    started = time.perf_counter()
    try:
        await doors.signing_in.sign_in(email, "not the password", device=None, ip="203.0.113.1", user_agent="")
    except InvalidCredentials:
        return (time.perf_counter() - started) * 1000
    raise SystemExit("a wrong password was accepted")


async def main(pairs: int = 200, cost: int = 12) -> None:
    """Interleaved, so that whatever else the machine does falls on both."""
    with tempfile.TemporaryDirectory() as folder:
        doors = Doors(sqlite_url(Path(folder)), FakeClock())
        passwords = Passwords(doors.settings.PORTAL_PEPPER, cost, Bcrypt())
        doors.passwords = doors.signing_in._passwords = passwords
        await doors.a_user()
        known: list[float] = []
        unknown: list[float] = []
        for n in range(pairs):
            # A day a pair, so that neither a lockout nor a limit is measured.
            doors.clock.advance(86_401)
            turns = [(known, OWNER), (unknown, f"nobody{n}@example.com")]
            for times, email in turns if n % 2 else reversed(turns):
                times.append(await timed(doors, email))
            await doors.lockout.succeeded(doors.index.of(f"account|{OWNER}"), None)
        await doors.close()
        passwords.close()
    print(f"known   median {statistics.median(known):7.2f} ms of {pairs}")
    print(f"unknown median {statistics.median(unknown):7.2f} ms of {pairs}")
    gap = statistics.median(known) - statistics.median(unknown)
    print(f"gap     {gap:+7.2f} ms ({gap / statistics.median(known):+.1%})")


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
