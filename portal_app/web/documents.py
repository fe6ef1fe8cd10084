"""The built HTML documents, held in memory: language, compression, ETag and script hashes are decided here."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import brotli

from portal_app.web import csp

FALLBACK = "__spa-fallback.html"


@dataclass(frozen=True)
class Document:
    """One page in one language."""

    html: bytes

    @cached_property
    def etag(self) -> str:
        """Weak, since the compressed variants share it."""
        return f'W/"{hashlib.sha256(self.html).hexdigest()[:24]}"'

    def encoded(self, accept_encoding: str) -> tuple[bytes, str]:
        """The body and its content encoding ("" for plain) by what the browser accepts; brotli first."""
        accepted = {part.split(";")[0].strip() for part in accept_encoding.lower().split(",")}
        if "br" in accepted:
            return self._brotli, "br"
        if "gzip" in accepted:
            return self._gzip, "gzip"
        return self.html, ""

    @cached_property
    def _brotli(self) -> bytes:
        return brotli.compress(self.html)

    @cached_property
    def _gzip(self) -> bytes:
        return gzip.compress(self.html, mtime=0)


class Documents:
    """Every prerendered page of a build, per language. Raises FileNotFoundError when there is no build."""

    def __init__(self, build: Path, languages: tuple[str, ...] = ("en", "ja")) -> None:
        fallback = (build / FALLBACK).read_text(encoding="utf-8")
        pages = {"": fallback}
        for file in sorted(build.rglob("index.html")):
            path = "/" + file.parent.relative_to(build).as_posix().strip(".")
            pages[path] = file.read_text(encoding="utf-8")
        self.script_hashes = {h for html in pages.values() for h in csp.inline_script_hashes(html)}
        self._documents = {
            (path, language): Document(html.replace('<html lang="en"', f'<html lang="{language}"', 1).encode())
            for path, html in pages.items()
            for language in languages
        }

    def get(self, path: str, language: str) -> Document:
        """The page at a path without trailing slash; the shell that fits any path where nothing was prerendered."""
        return self._documents.get((path, language)) or self._documents["", language]
