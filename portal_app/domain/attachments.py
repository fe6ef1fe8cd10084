"""Attachments of a question, looked at while they pass: by name, size, first bytes, what they hide, and how they end.

The last 64 kB are held back until the end has been seen, so that a file with a bad end was never handed on whole.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from portal_app.domain.case_texts import written
from portal_app.domain.uploads import KINDS, FileKind, UploadRefused, read_file_name

LARGEST: Final = 10 * 1024 * 1024
MOST_PER_MESSAGE: Final = 5
HELD: Final = 22 + 65_535
"""How far from the end of a file readers look for the end record of a zip archive: the record and its comment."""
SNIFFED: Final = 1_445
"""How much of a file a browser may look at to guess what it is."""
REFERENCE: Final = 12
_ARCHIVES: Final = frozenset({"zip", "rar", "7z", "gz", "tgz", "tar", "bz2", "xz", "jar", "lzh", "cab", "iso"})
_MAGIC: Final[dict[FileKind, bytes]] = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}
_LONGEST_MAGIC: Final = 8
_PNG_END: Final = b"\0\0\0\0IEND\xaeB`\x82"
_PDF_END: Final = b"%%EOF"
_ZIP_END: Final = b"PK\x05\x06"
# In lower case. The zip end record is looked for with its two disk numbers: four bytes alone turn up by chance.
_HIDDEN: Final = (b"pk\x05\x06\0\0\0\0", b"rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_PAGE: Final = re.compile(rb"<(?:script[\s>/]|html[\s>]|!doctype\s+html|\?php\s)")
_PAGE_BEGINS: Final = (b"<script", b"<html", b"<!doctype", b"<?php")
_OVERLAP: Final = 32
_TITLE: Final = re.compile(rf"(.+) \[[0-9a-f]{{{REFERENCE}}}\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A file that has arrived and may be sent with a message. `size` in bytes."""

    file_id: str
    name: str = field(repr=False)
    size: int
    kind: str


class ArrivingFile:
    """`feed` it every piece, hand on what it gives back, then `finish`."""

    def __init__(self, name: str, size: int) -> None:
        """`size` in bytes, as announced. Raises: UploadRefused."""
        self.name = read_attachment_name(name)
        self.kind: FileKind = KINDS[extension_of(self.name)]
        if size <= 0:
            raise UploadRefused("upload.empty")
        if size > LARGEST:
            raise UploadRefused("upload.over_limit")
        self.size, self.arrived = size, 0
        self._head, self._seam, self._held = bytearray(), b"", bytearray()

    @property
    def held(self) -> int:
        """How many bytes are kept back now."""
        return len(self._held)

    def feed(self, piece: bytes) -> bytes:
        """What may be handed on now. Raises: UploadRefused as soon as something is wrong; then take no more of it."""
        self.arrived += len(piece)
        if self.arrived > self.size:
            raise UploadRefused("upload.cut_off")
        self._look_at_head(piece)
        self._look_inside(piece)
        self._held += piece
        released = bytes(self._held[:-HELD])
        del self._held[:-HELD]
        return released

    def finish(self) -> bytes:
        """The rest. Raises: UploadRefused when it does not end as a file of its kind does."""
        if self.arrived != self.size or self.arrived < _LONGEST_MAGIC:
            raise UploadRefused("upload.cut_off" if self.arrived != self.size else "upload.content")
        if _ZIP_END in self._held:
            raise UploadRefused("upload.mixed")
        self._look_at_end()
        rest, self._held = bytes(self._held), bytearray()
        return rest

    def _look_at_head(self, piece: bytes) -> None:
        """The first bytes and the extension must say the same."""
        if len(self._head) < _LONGEST_MAGIC:
            self._head += piece[: _LONGEST_MAGIC - len(self._head)]
            if len(self._head) == _LONGEST_MAGIC and not self._head.startswith(_MAGIC[self.kind]):
                raise UploadRefused("upload.content")

    def _look_inside(self, piece: bytes) -> None:
        window = (self._seam + piece).lower()
        if any(mark in window for mark in _HIDDEN):
            raise UploadRefused("upload.mixed")
        # What a PDF says about web pages is its text; only where a browser would take it for one it is none.
        sniffed = window if self.kind != "pdf" else window[: max(0, SNIFFED - self.arrived + len(window))]
        if any(mark in sniffed for mark in _PAGE_BEGINS) and _PAGE.search(sniffed):
            raise UploadRefused("upload.mixed")
        self._seam = window[-_OVERLAP:]

    def _look_at_end(self) -> None:
        tail = bytes(self._held)
        if self.kind == "png" and not tail.endswith(_PNG_END):
            raise UploadRefused("upload.mixed" if _PNG_END in tail else "upload.cut_off")
        if self.kind == "pdf" and not tail.rstrip(b"\0\t\n\x0c\r ").endswith(_PDF_END):
            raise UploadRefused("upload.mixed" if _PDF_END in tail else "upload.cut_off")


def read_attachment_name(text: str) -> str:
    """A name without folders that any system can keep. Raises: UploadRefused."""
    if "/" in text or "\\" in text:
        raise UploadRefused("upload.folder")
    if extension_of(text.strip()) in _ARCHIVES:
        raise UploadRefused("upload.archive")
    return read_file_name(text)


def extension_of(name: str) -> str:
    """In lower case, without the dot; "" without one."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def title_of(name: str, file_id: str) -> str:
    """What the file is called in Salesforce: its name, and a reference by which it is found again."""
    return f"{name} [{file_id.replace('-', '')[:REFERENCE]}]"


def name_of_title(title: str, extension: str) -> str:
    """The name a customer sees, of a file of ours or of the staff's, whose titles leave the extension out."""
    ours = _TITLE.fullmatch(title)
    name = " ".join(written(ours[1] if ours else title).split("\n")) or "file"
    return name if not extension or extension_of(name) == extension.lower() else f"{name}.{extension.lower()}"
