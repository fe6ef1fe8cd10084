"""Which address a request comes from, when proxies stand in front."""

from starlette.types import Scope


def client_ip(scope: Scope, hops: int) -> str:
    """The peer's address; behind `hops` trusted proxies, what the outermost of them wrote into X-Forwarded-For.

    Entries further left are the client's own claim and are never looked at. "" when nothing is known.
    """
    client = scope.get("client")
    peer = client[0] if client else ""
    if hops <= 0:
        return peer
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    chain = [part.strip() for part in ",".join(lines).split(",") if part.strip()]
    return chain[-hops] if len(chain) >= hops else peer


def is_local(scope: Scope) -> bool:
    """Whether the peer is this machine and speaks for itself: a forwarded request is never local."""
    client = scope.get("client")
    forwarded = {b"x-forwarded-for", b"forwarded", b"x-real-ip"} & {name for name, _ in scope["headers"]}
    return client is not None and client[0] in ("127.0.0.1", "::1") and not forwarded
