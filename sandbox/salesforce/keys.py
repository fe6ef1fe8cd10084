"""The connected app's key pair: the portal signs with the private half, the sandbox knows the public one."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PRIVATE_NAME = "salesforce-private-key.pem"


class Keys:
    """With a public key (or certificate) given, that one counts. Else a pair is made, once for each data folder."""

    def __init__(self, folder: Path | None, public_path: Path | None) -> None:
        self._public_path = public_path
        self.private_path = None if folder is None or public_path is not None else folder / PRIVATE_NAME

    def prepare(self) -> None:
        """Write the private key where a portal can be pointed at it."""
        if self.private_path is not None and not self.private_path.exists():
            draft = self.private_path.with_suffix(f".{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(_new_private_pem(), encoding="ascii")
            draft.replace(self.private_path)

    def private_pem(self) -> str:
        """Raises: LookupError when only the public half was given."""
        if self._public_path is not None:
            raise LookupError("the private key is not the sandbox's: SANDBOX_SF_PUBLIC_KEY_PATH is set")
        self.prepare()
        return _pem_in_memory() if self.private_path is None else self.private_path.read_text(encoding="ascii")

    def public(self) -> rsa.RSAPublicKey:
        key: object
        if self._public_path is None:
            key = serialization.load_pem_private_key(self.private_pem().encode(), None).public_key()
        else:
            pem = self._public_path.read_bytes()
            certificate = b"BEGIN CERTIFICATE" in pem
            key = x509.load_pem_x509_certificate(pem).public_key() if certificate else None
            key = key or serialization.load_pem_public_key(pem)
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("the connected app needs an RSA key")
        return key


def _new_private_pem() -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return rsa.generate_private_key(65537, 2048).private_bytes(*form).decode()


@functools.cache
def _pem_in_memory() -> str:
    """One for the process: making a key takes longer than most tests."""
    return _new_private_pem()
