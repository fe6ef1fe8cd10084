"""The client's address comes from the trusted hops only (S15)."""

import pytest

from portal_app.web.forwarded import client_ip, is_local


def scope(peer: str | None = "10.0.0.9", **headers: str) -> dict:
    raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    return {"type": "http", "client": (peer, 1) if peer else None, "headers": raw}


def test_s15_row_105_without_trusted_proxies_a_forged_header_changes_nothing():
    assert client_ip(scope(x_forwarded_for="1.2.3.4"), 0) == "10.0.0.9"


def test_s15_only_what_the_trusted_proxies_wrote_is_read():
    chain = scope(x_forwarded_for="6.6.6.6, 203.0.113.5, 10.0.0.2")
    assert client_ip(chain, 1) == "10.0.0.2"
    assert client_ip(chain, 2) == "203.0.113.5"


def test_s15_a_chain_shorter_than_the_hops_is_not_believed():
    assert client_ip(scope(x_forwarded_for="1.2.3.4"), 2) == "10.0.0.9"
    assert client_ip(scope(), 1) == "10.0.0.9"


def test_s15_several_header_lines_are_one_chain():
    raw = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"203.0.113.5")]
    assert client_ip({"type": "http", "client": ("10.0.0.9", 1), "headers": raw}, 1) == "203.0.113.5"


def test_a_connection_without_a_peer_has_no_address():
    assert client_ip(scope(None), 0) == ""


@pytest.mark.parametrize(("peer", "local"), [("127.0.0.1", True), ("::1", True), ("10.0.0.9", False), (None, False)])
def test_only_this_machine_is_local(peer, local):
    assert is_local(scope(peer)) is local


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip"])
def test_what_a_proxy_on_this_machine_forwards_is_not_local(header):
    assert not is_local(scope("127.0.0.1", **{header: "127.0.0.1"}))
