"""Access and refresh tokens against everything a stranger may hand in."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from portal_app.security.tokens import AccessTokens, Claims, RefreshTokens
from tests.fakes.clock import FakeClock

SECRET = "the access secret of the tests 0123456789 0123456789 0123456789 01"
SID = "0e6f3d1a-9a50-4a2f-9c86-0f5f3f2b7a11"
NONCE = "5f" * 16


@dataclass(frozen=True)
class Subject:
    session_id: str = SID
    user_id: str = "user-1"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def access(clock):
    return AccessTokens(SECRET, "https://portal.example", "portal", clock)


def forged(clock, secret: str = SECRET, headers: dict | None = None, algorithm: str = "HS256", **changes) -> str:
    """A token with our own key and the given changes; None takes a claim away."""
    now = int(clock.now().timestamp())
    claims = {
        "iss": "https://portal.example",
        "aud": "portal",
        "sub": "user-1",
        "sid": SID,
        "jti": "1",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
    } | changes
    claims = {k: v for k, v in claims.items() if v is not None}
    return jwt.encode(claims, secret, algorithm=algorithm, headers={"typ": "at+jwt"} | (headers or {}))


def test_s2_a_minted_token_says_whose_session_it_is(access):
    claims = access.verify(access.mint(Subject()))
    assert isinstance(claims, Claims)
    assert (claims.user_id, claims.session_id) == ("user-1", SID)


def test_s2_the_test_forger_makes_good_tokens_when_nothing_is_changed(access, clock):
    assert access.verify(forged(clock)) is not None


def test_s2_two_tokens_of_one_session_have_different_ids(access):
    first, second = (access.verify(access.mint(Subject())) for _ in range(2))
    assert first.token_id != second.token_id


def test_s2_row_83_alg_none_is_refused(access, clock):
    header, payload, _ = forged(clock).split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    assert access.verify(f"{none}.{payload}.") is None
    assert access.verify(f"{header}.{payload}.") is None


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_s2_another_algorithm_with_our_key_is_refused(access, clock, algorithm):
    assert access.verify(forged(clock, algorithm=algorithm)) is None


def test_s2_row_84_an_rsa_signature_is_refused(access, clock):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert access.verify(jwt.encode({"sub": "user-1"}, key, algorithm="RS256", headers={"typ": "at+jwt"})) is None


@pytest.mark.parametrize(
    "header",
    [{"kid": "1"}, {"jku": "https://evil.example"}, {"x5u": "https://evil.example"}, {"jwk": {}}, {"crit": ["x"]}],
)
def test_s2_a_header_that_points_at_a_key_is_refused(access, clock, header):
    assert access.verify(forged(clock, headers=header)) is None


@pytest.mark.parametrize("typ", ["JWT", "at+JWT", "rt+jwt", ""])
def test_s2_another_type_is_refused(access, clock, typ):
    assert access.verify(forged(clock, headers={"typ": typ})) is None


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"])
def test_s2_every_claim_is_required(access, clock, claim):
    assert access.verify(forged(clock, **{claim: None})) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "admin"},
        {"aud": ["portal", "admin"]},
        {"sid": 5},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 9e9},
        {"iat": 10**400},
        {"nbf": []},
    ],
)
def test_s2_row_87_a_claim_of_another_value_or_type_is_refused(access, clock, changes):
    assert access.verify(forged(clock, **changes)) is None


@pytest.mark.parametrize(("late_s", "good"), [(0, True), (29, True), (31, False), (3600, False)])
def test_s2_row_85_expiry_has_30_seconds_of_leeway_and_no_more(access, clock, late_s, good):
    token = access.mint(Subject())
    clock.advance(600 + late_s)
    assert (access.verify(token) is not None) is good


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_s2_row_86_a_token_from_the_future_is_refused(access, clock, claim):
    now = int(clock.now().timestamp())
    assert access.verify(forged(clock, **{claim: now + 30})) is not None
    assert access.verify(forged(clock, **{claim: now + 31})) is None


def test_s2_another_key_and_a_changed_payload_are_refused(access, clock):
    assert access.verify(forged(clock, secret="some other secret 0123456789 0123456789")) is None
    header, payload, signature = forged(clock).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["sub"] = "user-2"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert access.verify(f"{header}.{changed}.{signature}") is None


@pytest.mark.parametrize(
    "junk", ["", ".", "..", "a.b.c", "x" * 5000, "é.é.é", "eyJhbGciOiJIUzI1NiJ9.W10.x", "\ud800.a.b"]
)
def test_s2_row_89_junk_is_refused_without_an_error(access, junk):
    assert access.verify(junk) is None


def test_s2_row_88_a_refresh_token_is_no_access_token_and_the_other_way_round(access):
    refresh = RefreshTokens(SECRET)
    assert access.verify(refresh.derive(SID, 0, NONCE)) is None
    assert refresh.parse(access.mint(Subject())) is None


def test_s4_a_refresh_token_is_derived_so_the_same_successor_comes_out_again():
    refresh = RefreshTokens(SECRET)
    assert refresh.derive(SID, 3, NONCE) == refresh.derive(SID, 3, NONCE)
    different = {refresh.derive(SID, 3, NONCE), refresh.derive(SID, 4, NONCE), refresh.derive(SID, 3, "00" * 16)}
    assert len(different | {RefreshTokens(SECRET + "x").derive(SID, 3, NONCE)}) == 4


def test_s4_a_refresh_token_holds_256_bits_nobody_can_make_without_the_secret():
    token = RefreshTokens(SECRET).derive(SID, 3, NONCE)
    mac = base64.urlsafe_b64decode(token.rpartition(".")[2] + "=")
    assert mac == hmac.digest(SECRET.encode(), f"refresh|{SID}|3|{NONCE}".encode(), hashlib.sha256)


def test_s4_only_the_exact_token_is_genuine():
    refresh = RefreshTokens(SECRET)
    presented = refresh.parse(refresh.derive(SID, 3, NONCE))
    assert presented is not None
    assert refresh.genuine(presented, NONCE)
    assert not refresh.genuine(presented, "00" * 16)
    moved = refresh.parse(refresh.derive(SID, 3, NONCE).replace(".3.", ".4."))
    assert moved is not None
    assert not refresh.genuine(moved, NONCE)


@pytest.mark.parametrize(
    "junk",
    ["", SID, f"{SID}.03.{'a' * 43}", f"{SID}.-1.{'a' * 43}", f"{SID}.1.{'a' * 42}", "x" * 9999, f"{SID}.1.{'é' * 43}"],
)
def test_s4_what_has_not_the_form_of_a_refresh_token_is_none(junk):
    assert RefreshTokens(SECRET).parse(junk) is None
