"""What a sender raises to say more than the error tree does. Everything else in the tree is understood as it is."""

from portal_app.errors import UpstreamUnavailable


class TryAgain(UpstreamUnavailable):
    """A passing failure: a read may be sent again, after `retry_after` seconds where the upstream named a time.

    `attempts` is how often this kind of failure is worth a try in all, writes included; None: what the policy says.
    """

    def __init__(
        self,
        system: str,
        operation: str,
        code: str = "",
        *,
        retry_after: float | None = None,
        attempts: int | None = None,
    ) -> None:
        super().__init__(system, operation, code)
        self.retry_after, self.attempts = retry_after, attempts


class CredentialRefused(UpstreamUnavailable):
    """Our credential was refused, so nothing was done. Not repeated: too many of these may ban our address."""
