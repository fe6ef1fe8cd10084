"""Which files are taken as an identity document: by name, by first bytes and by size, checked while they arrive.

What a browser says about the type is not believed. Nothing here keeps the file.
"""

import re
import unicodedata
from typing import Final, Literal

FileKind = Literal["jpg", "png", "pdf"]
LARGEST: Final = 5 * 1024 * 1024
LONGEST_NAME: Final = 100
HEAD: Final = 8
"""How many bytes must have arrived to tell what it is."""
KINDS: Final[dict[str, FileKind]] = {"jpg": "jpg", "jpeg": "jpg", "png": "png", "pdf": "pdf"}
"""Extension -> kind."""
_MAGIC: Final[tuple[tuple[bytes, FileKind], ...]] = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"%PDF-", "pdf"),
)
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE | re.ASCII)
_SEPARATORS: Final = re.compile(r'[\\/:*?"<>|]')


class UploadRefused(Exception):
    """This file is not taken. `reason` is a key into `text`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_file_name(text: str) -> str:
    """A name without folders that any system can keep. Raises: UploadRefused."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name or name.startswith(".") or len(name) > LONGEST_NAME or _SEPARATORS.search(name):
        raise UploadRefused("upload.name")
    if any(unicodedata.category(char).startswith("C") for char in name) or _RESERVED.fullmatch(name):
        raise UploadRefused("upload.name")
    if _extension(name) not in KINDS:
        raise UploadRefused("upload.type")
    return name


class Upload:
    """One file on its way in: `feed` it piece by piece, then `finish`."""

    def __init__(self, name: str, *, largest: int = LARGEST) -> None:
        """Raises: UploadRefused for the name."""
        self.name = read_file_name(name)
        self._largest, self._head, self.size = largest, b"", 0

    def feed(self, piece: bytes) -> None:
        """Raises: UploadRefused as soon as it is too large or of another type; then take no more of it."""
        self.size += len(piece)
        if self.size > self._largest:
            raise UploadRefused("upload.too_large")
        if len(self._head) < HEAD:
            self._head += piece[: HEAD - len(self._head)]
            if len(self._head) == HEAD:
                self._kind()

    def finish(self) -> FileKind:
        """What it is. Raises: UploadRefused for an empty file and for one of another type."""
        if not self.size:
            raise UploadRefused("upload.empty")
        return self._kind()

    def _kind(self) -> FileKind:
        """The first bytes and the extension must say the same."""
        found = next((kind for magic, kind in _MAGIC if self._head.startswith(magic)), None)
        if found is None or found != KINDS[_extension(self.name)]:
            raise UploadRefused("upload.type")
        return found


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""
