"""Everything that can go wrong, as a tree.

PortalError
├── NotSignedIn                 -> sign-in page
├── InvalidCredentials          e-mail or password is not right; never says which
├── InvalidCode                 the code of a second factor is not right, or was used
├── NotFound                    -> "not found"; also for another customer's record, so nothing is revealed
├── InvalidInput                field + reason; shown beside the field
├── InvalidFields               several fields, each with its reason
├── Conflict                    already done, or in progress elsewhere
├── TooManyTries                a limit was reached; carries the seconds to wait
├── Busy                        our own queue is full; nothing was sent
├── UpstreamError               system + operation, no secrets
│   ├── UpstreamUnavailable     a read failed, or a write surely not sent: retry later
│   ├── UpstreamOutcomeUnknown  a write left us, no answer came: look before trying again
│   ├── UpstreamRejected        they said no: a retry changes nothing
│   └── UpstreamReplyChanged    not the shape we parse: a developer must look
└── ConfigError                 only while starting

No message of any of these ever holds a secret, a customer's data or an upstream's raw text.
"""


class PortalError(Exception):
    """Base of every error this portal raises on purpose."""


class NotSignedIn(PortalError):
    """No live session stands behind this request or event."""


class InvalidCredentials(PortalError):
    """E-mail or password is not right, or the account may not sign in: one answer for all of these."""


class InvalidCode(PortalError):
    """The code of a second factor is not right, or was used before: never says which. `reason` is a key into `text`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(PortalError):
    """There is no such record for this customer: unknown and somebody else's read alike."""

    def __init__(self, kind: str, reference: object = "") -> None:
        super().__init__(f"{kind} not found")
        self.kind = kind
        self.reference = reference


class InvalidInput(PortalError):
    """One field cannot be accepted. `reason` is a key into `text`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class InvalidFields(PortalError):
    """Several fields of one form cannot be accepted. `reasons`: field -> key into `text`, in the form's order."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {reason}" for field, reason in reasons.items()))
        self.reasons = dict(reasons)


class Conflict(PortalError):
    """Already done, or in progress elsewhere. `reason` is a key into `text`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyTries(PortalError):
    """A rate limit or lockout was reached; try again after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many tries")
        self.retry_after = retry_after


class Busy(PortalError):
    """Our own queue is full or the wait took too long; nothing was sent anywhere."""

    def __init__(self, what: str, retry_after: int = 5) -> None:
        super().__init__(f"{what} is busy")
        self.what = what
        self.retry_after = retry_after


class UpstreamError(PortalError):
    """An outside system did not do what was asked. `code` is our own short word, never their text."""

    def __init__(self, system: str, operation: str, code: str = "") -> None:
        super().__init__(f"{system} {operation}: {code}" if code else f"{system} {operation}")
        self.system = system
        self.operation = operation
        self.code = code


class UpstreamUnavailable(UpstreamError):
    """A read failed, or a write surely was not sent: retry later."""


class UpstreamOutcomeUnknown(UpstreamError):
    """A write left us and no answer came: look before trying again."""


class UpstreamRejected(UpstreamError):
    """They said no; a retry changes nothing."""


class UpstreamReplyChanged(UpstreamError):
    """The reply is not of the shape we parse: a developer must look."""


class ConfigError(PortalError):
    """Only while starting: lists every missing or bad variable at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
