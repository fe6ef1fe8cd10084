"""Documents: language, compression and script hashes of the built pages."""

import base64
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import pytest
from jinja2 import TemplateError

from portal_app.web.csp import inline_script_hashes, policy
from portal_app.web.documents import Documents

PAGE = '<!DOCTYPE html><html lang="en"><head><script>let a = 1</script></head><body>{name}</body></html>'


@dataclass(frozen=True)
class Said:
    """What a page shows first."""

    values: Mapping[str, Mapping[str, Any]]
    told: str = "{}"
    missing: bool = False


PLAIN = {language: Said({"who": {"locale": language, "rows": []}}) for language in ("en", "ja")}
ROWS = (
    '<!DOCTYPE html><html lang="en"><head></head><body>'
    "\ue002if who.locale == &quot;ja&quot;\ue003請求\ue002else\ue003Bills\ue002endif\ue003"
    '<ul><x-m k="for row in who.rows"></x-m><li>\ue000row.name\ue001</li><x-m k="endfor"></x-m></ul></body></html>'
)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "billing" / "invoices").mkdir(parents=True)
    (tmp_path / "__spa-fallback.html").write_text(PAGE.format(name="shell"))
    (tmp_path / "index.html").write_text(PAGE.format(name="landing"))
    (tmp_path / "billing" / "invoices" / "index.html").write_text(PAGE.format(name="invoices"))
    return tmp_path


def test_a_prerendered_path_gets_its_own_page_and_any_other_the_shell(build: Path) -> None:
    documents = Documents(build, PLAIN)
    assert b"landing" in documents.get("/", "en").html
    assert b"invoices" in documents.get("/billing/invoices", "en").html
    assert b"shell" in documents.get("/billing/invoices/17", "en").html


@pytest.mark.parametrize("path", ["orders/_", "orders", "."])
def test_a_link_to_a_part_of_its_page_holds_at_every_address_of_the_page(build: Path, path: str) -> None:
    page, address = build / path / "index.html", f"/{path}".rstrip(".")
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(PAGE.format(name=f'<a href="{address.rstrip("/")}/#content"></a><a href="/order/x/#part"></a>'))
    html = Documents(build, PLAIN).get(address, "en").html
    assert b'<a href="#content"></a><a href="/order/x/#part"></a>' in html


def test_the_html_element_names_the_language_of_the_reader(build: Path) -> None:
    assert b'<html lang="ja"' in Documents(build, PLAIN).get("/", "ja").html
    assert b'<html lang="en"' in Documents(build, PLAIN).get("/", "en").html


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("", ""), ("GZIP;q=0.5", "gzip"), ("identity", "")],
)
def test_the_best_accepted_compression_is_chosen_and_unpacks_to_the_page(build, accept, encoding) -> None:
    document = Documents(build, PLAIN).get("/", "en")
    body, chosen = document.encoded(accept)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[encoding]
    assert chosen == encoding
    assert unpack(body) == document.html


def test_languages_have_different_etags_and_the_same_language_the_same(build: Path) -> None:
    one, two = Documents(build, PLAIN), Documents(build, PLAIN)
    assert one.get("/", "en").etag == two.get("/", "en").etag != one.get("/", "ja").etag


def test_every_inline_script_is_allowed_by_its_hash_and_nothing_else(build: Path) -> None:
    expected = "'sha256-" + base64.b64encode(hashlib.sha256(b"let a = 1").digest()).decode() + "'"
    assert Documents(build, PLAIN).script_hashes == {expected}
    assert inline_script_hashes('<script src="/a.js"></script>') == set()


def test_the_policy_forbids_eval_and_frames_and_lets_forms_end_at_whmcs() -> None:
    text = policy({"'sha256-x'"}, "wss://portal.example", "https://billing.example")
    assert "unsafe-eval" not in text
    assert "frame-ancestors 'none'" in text
    assert "form-action 'self' https://billing.example" in text


def test_a_missing_build_is_an_error_at_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Documents(tmp_path, PLAIN)


@pytest.fixture
def listed(build: Path) -> Documents:
    (build / "billing" / "invoices" / "index.html").write_text(ROWS)
    return Documents(build, PLAIN)


def test_a_page_is_written_in_the_language_of_the_reader(listed: Documents) -> None:
    assert "Bills<ul></ul>" in listed.get("/billing/invoices", "en").html.decode()
    assert "請求<ul></ul>" in listed.get("/billing/invoices", "ja").html.decode()


def test_a_page_with_its_rows_is_made_for_one_answer_and_leaves_the_plain_one_alone(listed: Documents) -> None:
    mine = listed.filled("/billing/invoices", "en", Said({"who": {"locale": "en", "rows": [{"name": "A & <b>"}]}}))
    assert "<li>A &amp; &lt;b&gt;</li>" in mine.html.decode()
    assert "<li>" not in listed.get("/billing/invoices", "en").html.decode()
    assert brotli.decompress(mine.encoded("br")[0]) == mine.html


def test_what_the_scripts_are_told_stands_at_the_end_of_the_head_and_cannot_end_it(listed: Documents) -> None:
    values = {"who": {"locale": "en", "rows": []}}
    page = listed.filled("/billing/invoices", "en", Said(values, '{"a": "</script><script>alert(1)"}')).html.decode()
    told = '<script type="application/json" id="primed">{"a": "\\u003c/script>\\u003cscript>alert(1)"}</script></head>'
    assert told in page


def test_a_page_that_cannot_be_filled_stops_the_start(build: Path) -> None:
    (build / "index.html").write_text("<html><head></head>\ue000who.unheard_of\ue001</html>")
    with pytest.raises(TemplateError):
        Documents(build, PLAIN)
