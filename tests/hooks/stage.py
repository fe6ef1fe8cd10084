"""WHMCS with the hook file installed, one php process at a time, and the address it reports to."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sandbox.whmcs.hooks import CROCKFORD

HERE = Path(__file__).parent
HOOK_FILE = HERE.parents[1] / "docs/whmcs-hooks/portal_hooks.php"
SECRET = "a-secret-of-more-than-thirty-two-characters"
TABLE = "mod_portal_hook_spool"
VERSION = "8.13.1-release.1"
NOON = 1_768_446_000
STRICT = ("-d", "display_errors=1", "-d", "error_reporting=-1", "-d", "html_errors=0", "-d", "memory_limit=128M")

Step = tuple[str, Any, Any]


def fire(event: str, **params: Any) -> Step:
    """WHMCS reaches this hook point."""
    return ("fire", event, params)


def advance(seconds: float) -> Step:
    """The clock moves on."""
    return ("advance", seconds, None)


CRON = fire("AfterCronJob")


@dataclass(frozen=True)
class Ran:
    """What one php process did. It printed nothing, or there would not be one of these."""

    log: list[str]
    hooks: dict[str, int]
    allowed: dict[str, Any]
    returned: list[Any]
    seconds: float


class Install:
    """A WHMCS folder with the hook file in it. `spool` outlives the processes, as a database does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "whmcs/includes/hooks"
        self.folder.mkdir(parents=True)
        self.hook_file = self.folder / "portal_hooks.php"
        shutil.copy(HOOK_FILE, self.hook_file)
        self._database = root / "database.json"

    def settings(self, url: str, *secrets: str, source: str = "sandbox") -> "Install":
        """What the operator fills in, written as PHP."""
        return self.settings_file(
            f"return {_php({'url': url, 'secrets': list(secrets or [SECRET]), 'source': source})};"
        )

    def settings_file(self, code: str, name: str = "../../../portal_hooks_settings.php") -> "Install":
        (self.folder / name).write_text(f"<?php {code}")
        return self

    def run(self, *steps: Step, now: float | None = None, dice: str = "", mood: str = "", **changes: Any) -> Ran:
        """One php process. Fails when it prints, ends badly, or leaves WHMCS other than it was."""
        job, result = self.root / "job.json", self.root / "result.json"
        result.unlink(missing_ok=True)
        told = {"now": now, "dice": dice, "mood": mood, "version": VERSION, "database": str(self._database)}
        files = [str(self.hook_file)]
        job.write_text(json.dumps(told | {"steps": steps, "files": files} | changes))
        started = time.monotonic()
        command = ["php", *STRICT, str(HERE / "run.php"), str(job), str(result)]
        done = subprocess.run(command, capture_output=True, check=False, timeout=30)
        seconds = time.monotonic() - started
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        told = json.loads(result.read_text())
        return Ran(told["log"], dict(told["hooks"]), told["allowed"], told["returned"], seconds)

    @property
    def spool(self) -> list[dict[str, Any]]:
        """The rows kept, oldest first; [] also when there is no table yet."""
        tables = json.loads(self._database.read_text()) if self._database.exists() else {}
        return tables.get(TABLE, {}).get("rows", [])

    def keep(self, event: str, event_id: str, body: bytes, created_at: int) -> None:
        """Put an event into the spool by hand; the table must exist."""
        tables = json.loads(self._database.read_text())
        table = tables[TABLE]
        table["last"] += 1
        kept = {"id": table["last"], "event_id": event_id, "event": event, "body": body.decode("ascii")}
        table["rows"].append(kept | {"attempts": 1, "created_at": created_at, "next_at": 0, "last_result": ""})
        self._database.write_text(json.dumps(tables))


def _php(given: Any) -> str:
    if isinstance(given, dict):
        return "[" + ", ".join(f"{_php(k)} => {_php(v)}" for k, v in given.items()) + "]"
    if isinstance(given, list):
        return "[" + ", ".join(_php(v) for v in given) + "]"
    return "'" + str(given).replace("\\", "\\\\").replace("'", "\\'") + "'"


@dataclass
class Delivery:
    """One POST as it came in: header names in lower case, the raw body."""

    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def event(self) -> str:
        return self.headers["x-whmcs-event"]

    @property
    def event_id(self) -> str:
        return self.headers["x-whmcs-event-id"]

    @property
    def timestamp(self) -> int:
        return int(self.headers["x-whmcs-timestamp"])

    @property
    def signature(self) -> str:
        return self.headers["x-whmcs-signature"]

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def params(self) -> dict[str, Any]:
        return self.json["params"]


@dataclass
class Receiver:
    """Where deliveries arrive. It answers what is next in `answers` (a status, or a word below), then `always`."""

    answers: list[int | str] = field(default_factory=list)
    always: int | str = 200
    got: list[Delivery] = field(default_factory=list)
    url: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"] or 0))
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert len(headers) == len(request.headers.keys())
        self.got.append(Delivery(headers, body, request.path))
        answer = self.answers.pop(0) if self.answers else self.always
        if answer == "slow":
            self.stopping.wait(10)
        if answer in ("slow", "hang up"):
            request.close_connection = True
            return
        status = 302 if answer == "redirect" else int(answer)
        request.send_response(status)
        if answer == "redirect":
            request.send_header("Location", f"{self.url}/elsewhere")
        text = b"<html>something a portal says</html>"
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            receiver.take(self)

        do_GET = do_POST  # what a followed redirect would become

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield receiver
    receiver.stopping.set()
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def nobody_listens() -> Iterator[str]:
    """An address that refuses connections, kept from others meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/hook"


@contextmanager
def nobody_accepts() -> Iterator[str]:
    """An address whose queue is full: connecting neither succeeds nor fails."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
        for one in waiting:
            one.close()


def moment_and_dice(event_id: str) -> tuple[float, str]:
    """What the clock and the dice must say for this ULID to be made."""
    number = 0
    for character in event_id:
        number = number << 5 | CROCKFORD.index(character)
    return ((number >> 80) + 0.5) / 1000, f"{number & ((1 << 80) - 1):020x}"
