"""The built HTML documents, held in memory as templates: language, first rows, compression, ETag and script hashes."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import brotli

from portal_app.priming.template import Template, told
from portal_app.web import csp

FALLBACK = "__spa-fallback.html"
QUICK = 4
"""How hard what is sent once is compressed; what is kept is compressed as far as it goes."""


class Filled(Protocol):
    """What a page shows first: `values` for its template, and as JSON (`told`) for its scripts. `missing`: that there
    is no such record."""

    @property
    def values(self) -> Mapping[str, Mapping[str, Any]]: ...
    @property
    def told(self) -> str: ...
    @property
    def missing(self) -> bool: ...


@dataclass(frozen=True)
class Document:
    """One page in one language. `once`: it is somebody's, made for one answer. `missing`: it says so of its record."""

    html: bytes
    once: bool = False
    missing: bool = False

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
        return brotli.compress(self.html, quality=QUICK if self.once else 11)

    @cached_property
    def _gzip(self) -> bytes:
        return gzip.compress(self.html, QUICK if self.once else 9, mtime=0)


class Documents:
    """Every prerendered page of a build. `plain`: language -> what pages show before anything is known.

    Raises: FileNotFoundError when there is no build; jinja2.TemplateError when one of its pages cannot be filled.
    """

    def __init__(self, build: Path, plain: Mapping[str, Filled]) -> None:
        pages = {"": (build / FALLBACK).read_text(encoding="utf-8")}
        for file in sorted(build.rglob("index.html")):
            path = "/" + file.parent.relative_to(build).as_posix().strip(".")
            pages[path] = _at_any_address(file.read_text(encoding="utf-8"), path)
        self.script_hashes = {h for html in pages.values() for h in csp.inline_script_hashes(html)}
        self._templates = {
            (path, language): Template(html.replace('<html lang="en"', f'<html lang="{language}"', 1))
            for path, html in pages.items()
            for language in plain
        }
        self._documents = {key: Document(_html(page, plain[key[1]])) for key, page in self._templates.items()}

    def get(self, path: str, language: str) -> Document:
        """The page at a path without trailing slash; the shell that fits any path where nothing was prerendered."""
        return self._documents.get((path, language)) or self._documents["", language]

    def filled(self, path: str, language: str, filled: Filled) -> Document:
        """The page at a path with its first rows. Raises: KeyError for a path that was not prerendered,

        jinja2.TemplateError and BadPath for values that do not fit it.
        """
        return Document(_html(self._templates[path, language], filled), once=True, missing=filled.missing)


def _at_any_address(html: str, path: str) -> str:
    """Links to a part of the page say where it was prerendered, which of a record's page is no address at all."""
    return html.replace(f'href="{path.rstrip("/")}/#', 'href="#')


def _html(template: Template, filled: Filled) -> bytes:
    return template.render(filled.values).replace("</head>", told(filled.told) + "</head>", 1).encode()
