"""`python -m sandbox`: ready line, clean end, settings that are refused; and that it imports no portal."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sandbox
from sandbox.config import BadSetting, Config

ROOT = Path(sandbox.__file__).parent


def test_it_says_when_it_is_ready_and_ends_cleanly_on_sigterm(tmp_path: Path) -> None:
    own = {"SANDBOX_PORT": "0", "SANDBOX_SMTP_PORT": "0", "SANDBOX_SEED_SIZE": "5", "SANDBOX_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "sandbox"]
    started = subprocess.Popen(
        command, env=os.environ | own, cwd=ROOT.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline().startswith("sandbox ready http://127.0.0.1:")
    assert started.stdout.readline().strip() == f"sandbox salesforce key {tmp_path / 'salesforce-private-key.pem'}"
    assert started.stdout.readline().startswith("sandbox pubsub 127.0.0.1:")
    started.send_signal(signal.SIGTERM)
    _, complaints = started.communicate(timeout=20)
    assert (started.returncode, complaints) == (0, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [("SANDBOX_PORT", "many"), ("SANDBOX_SEED_SIZE", "-1"), ("SANDBOX_TODAY", "tomorrow")],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Config.from_env({name: value})


def test_the_mail_port_follows_the_http_port() -> None:
    config = Config.from_env({"SANDBOX_PORT": "4100", "SANDBOX_SEED_SIZE": "1"})
    assert (config.port, config.smtp_port, config.seed_size) == (4100, 4101, 5)


def test_the_sandbox_imports_nothing_of_whoever_uses_it() -> None:
    allowed = set(sys.stdlib_module_names) | {
        "sandbox",
        "aiohttp",
        "aiosmtpd",
        "cryptography",
        "fastavro",
        "google",
        "grpc",
        "jinja2",
        "jwt",
    }
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            assert {name.partition(".")[0] for name in names} <= allowed, path
