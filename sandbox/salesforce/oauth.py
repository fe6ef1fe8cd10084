"""The JWT bearer flow: a signed assertion in, an access token out. Errors are objects here, not lists.

Source: Salesforce help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".
"""

from __future__ import annotations

import json
from typing import Any

import jwt

from sandbox.salesforce.org import Org
from sandbox.salesforce.records import ORG_ID, USER_ID

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KNOWN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")
LONGEST_S, SKEW_S = 180, 60


class Denied(Exception):
    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(f"{code}: {description}")
        self.body, self.status = {"error": code, "error_description": description}, status


def grant(org: Org, form: dict[str, str], site: str) -> dict[str, str]:
    """The token reply for a good assertion. `site` is scheme and host as asked for. Raises: Denied."""
    if form.get("grant_type") != GRANT:
        raise Denied("unsupported_grant_type", "grant type not supported")
    claims = _claims(org, form.get("assertion", ""))
    if claims.get("sub") != org.config.sf_username:
        raise Denied("invalid_grant", "user hasn't approved this consumer")
    if not _is_for(org, claims.get("aud"), site):
        raise Denied("invalid_grant", "audience is invalid")
    _check_time(org, claims.get("exp"))
    return {
        "access_token": org.sessions.open(),
        "scope": "api",
        "instance_url": site,
        "id": f"https://login.salesforce.com/id/{ORG_ID}/{USER_ID}",
        "token_type": "Bearer",
    }


def _claims(org: Org, assertion: str) -> dict[str, Any]:
    """The app is looked up before its signature is checked [U]."""
    jws = jwt.PyJWS(algorithms=["RS256"])
    try:
        claims = json.loads(assertion.split(".")[1] and jws.decode(assertion, options={"verify_signature": False}))
        if claims["iss"] != org.config.sf_client_id:
            raise Denied("invalid_client_id", "client identifier invalid")
        jws.decode(assertion, org.keys.public(), algorithms=["RS256"])
    except (jwt.PyJWTError, ValueError, KeyError, TypeError, IndexError) as error:
        raise Denied("invalid_grant", "invalid assertion") from error
    return dict(claims)


def _is_for(org: Org, audience: Any, site: str) -> bool:
    """The configured audience alone, or when none is: the known login hosts and this one."""
    accepted = [org.config.sf_audience] if org.config.sf_audience else [*KNOWN_HOSTS, site]
    sent = audience if isinstance(audience, list) else [audience]
    return any(isinstance(one, str) and one.rstrip("/") in [name.rstrip("/") for name in accepted] for one in sent)


def _check_time(org: Org, expires: Any) -> None:
    """Seconds as a number, or as text: some clients send a string. Too far ahead is as bad as past [U]."""
    try:
        left = float(expires) - org.clock.unix()
    except (TypeError, ValueError) as error:
        raise Denied("invalid_grant", "invalid assertion") from error
    if not 0 < left <= LONGEST_S + SKEW_S:
        raise Denied("invalid_grant", "expired authorization code")
