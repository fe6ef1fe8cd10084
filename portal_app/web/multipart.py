"""A form with one file, looked at while it arrives (section 14, files). Nothing of it ever lies on a disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from portal_app.domain.uploads import LARGEST, FileKind, Upload, UploadRefused
from portal_app.errors import Busy
from portal_app.web import bodies
from portal_app.web.refusal import HttpProblem

TYPE: Final = "multipart/form-data"
MOST_BYTES: Final = LARGEST + 64 * 1024
"""The file, the boundaries and a few short texts."""
MOST_PARTS: Final = 10
LONGEST_TEXT: Final = 2000
READING_S: Final = 120


async def drain(request: Request) -> None:
    """Take a body of the usual size without looking at it: a browser reads no answer before it has sent everything."""
    with suppress(HttpProblem, ClientDisconnect, TimeoutError):
        async with asyncio.timeout(READING_S):
            await _drain(bodies.pieces(request, MOST_BYTES))


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    async for _ in pieces:
        pass


class FileForm:
    """One file in the field `document`, say, and texts. `fields` has what came so far, after a refusal too."""

    def __init__(self, file_field: str) -> None:
        self.fields: dict[str, str] = {}
        self._file_field = file_field
        self._upload: Upload | None = None
        self._content, self._text = bytearray(), bytearray()
        self._header, self._value = bytearray(), bytearray()
        self._headers: dict[str, bytes] = {}
        self._name, self._in_file, self._parts, self._ended = "", False, 0, False

    async def read(self, request: Request) -> tuple[str, bytes, FileKind]:
        """Name, content and kind of the file. Of a refused one nothing more is kept than has arrived.

        Raises: UploadRefused; HttpProblem 400, 413, 415; Busy when it takes too long.
        """
        parser = self._parser(request)
        pieces = bodies.pieces(request, MOST_BYTES)
        try:
            async with asyncio.timeout(READING_S):
                await self._take(parser, pieces)
        except (FormParserError, UnicodeDecodeError, ClientDisconnect):
            raise HttpProblem(400, "malformed") from None
        except TimeoutError:
            raise Busy("upload") from None
        return self._finished()

    async def _take(self, parser: MultipartParser, pieces: AsyncIterator[bytes]) -> None:
        try:
            async for piece in pieces:
                parser.write(piece)
        except UploadRefused:
            self._content.clear()
            await _drain(pieces)
            raise
        parser.finalize()

    def _finished(self) -> tuple[str, bytes, FileKind]:
        if not self._ended:
            raise HttpProblem(400, "malformed")
        if self._upload is None:
            raise UploadRefused("upload.missing")
        kind = self._upload.finish()
        return self._upload.name, bytes(self._content), kind

    def _parser(self, request: Request) -> MultipartParser:
        if bodies.content_type(request) != TYPE:
            raise HttpProblem(415, "unsupported-type")
        _, options = parse_options_header(request.headers["content-type"])
        if not (boundary := options.get(b"boundary")):
            raise HttpProblem(400, "malformed")
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._start,
                    "on_part_data": lambda data, start, end: self._data(data[start:end]),
                    "on_part_end": self._end,
                    "on_end": self._finish,
                },
            )
        except FormParserError:
            raise HttpProblem(400, "malformed") from None

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise HttpProblem(400, "malformed")
        self._headers, self._text = {}, bytearray()

    def _end_header(self) -> None:
        name = self._header.decode("latin-1").lower()
        if name in self._headers:
            raise HttpProblem(400, "malformed")
        self._headers[name] = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def _start(self) -> None:
        """Which part this is."""
        kind, options = parse_options_header(self._headers.get("content-disposition", b"").decode("latin-1"))
        self._name, self._in_file = options.get(b"name", b"").decode(), b"filename" in options
        again = self._name in self.fields or (self._in_file and self._upload is not None)
        if kind != b"form-data" or not self._name or again or self._in_file != (self._name == self._file_field):
            raise HttpProblem(400, "malformed")
        if self._in_file:
            self._upload = Upload(_file_name(options[b"filename"]))

    def _data(self, piece: bytes) -> None:
        if self._in_file and self._upload is not None:
            self._upload.feed(piece)
            self._content += piece
            return
        self._text += piece
        if len(self._text) > LONGEST_TEXT:
            raise HttpProblem(400, "malformed")

    def _end(self) -> None:
        if not self._in_file:
            self.fields[self._name] = self._text.decode()

    def _finish(self) -> None:
        self._ended = True


def _file_name(given: bytes) -> str:
    """A browser sends an empty name when nothing was picked."""
    if not given:
        raise UploadRefused("upload.missing")
    try:
        return given.decode()
    except UnicodeDecodeError:
        raise UploadRefused("upload.name") from None
