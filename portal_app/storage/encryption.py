"""Encrypted columns and the keyed hashes beside those that are looked up (C1, C3)."""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal_app.errors import PortalError

VERSION: Final = "v1"
NONCE_BYTES: Final = 12


class DecryptionFailed(PortalError):
    """A sealed value is damaged, was moved to another row, or its key is no longer on the ring."""


class FieldCipher:
    """AES-256-GCM. A value is bound to its table, column and row, so a copy of it in another place does not open."""

    def __init__(self, keyring: Mapping[str, bytes]) -> None:
        """The first key of the ring seals, all of them open."""
        self._keys = {key_id: AESGCM(key) for key_id, key in keyring.items()}
        self._primary = next(iter(keyring))

    def seal(self, table: str, column: str, row_id: str, text: str) -> str:
        """`v1.<key id>.<nonce>.<ciphertext>`, different on every call."""
        return self.seal_bytes(table, column, row_id, text.encode())

    def open(self, table: str, column: str, row_id: str, sealed: str) -> str:
        """The text that was sealed for exactly this place. Raises DecryptionFailed."""
        return self.open_bytes(table, column, row_id, sealed).decode()

    def seal_bytes(self, table: str, column: str, row_id: str, data: bytes) -> str:
        """Like `seal`, for bytes."""
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = self._keys[self._primary].encrypt(nonce, data, _place(table, column, row_id))
        return ".".join((VERSION, self._primary, _text(nonce), _text(ciphertext)))

    def open_bytes(self, table: str, column: str, row_id: str, sealed: str) -> bytes:
        """Like `open`, for bytes. Raises DecryptionFailed."""
        try:
            version, key_id, nonce, ciphertext = sealed.split(".")
            if version != VERSION:
                raise DecryptionFailed(f"{table}.{column}: unknown version")
            return self._keys[key_id].decrypt(_bytes(nonce), _bytes(ciphertext), _place(table, column, row_id))
        except (ValueError, KeyError, InvalidTag):
            raise DecryptionFailed(f"{table}.{column}") from None


class KeyedIndex:
    """Equality look-up beside an encrypted column, worthless to whoever holds only a dump."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def of(self, text: str) -> str:
        """Hex HMAC-SHA-256 of any text, broken surrogates included."""
        return hmac.new(self._key, text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


def _place(table: str, column: str, row_id: str) -> bytes:
    return f"{table}|{column}|{row_id}".encode()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
