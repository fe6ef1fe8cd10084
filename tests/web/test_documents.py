"""Documents: language, compression and script hashes of the built pages."""

import base64
import gzip
import hashlib
from pathlib import Path

import brotli
import pytest

from portal_app.web.csp import inline_script_hashes, policy
from portal_app.web.documents import Documents

PAGE = '<!DOCTYPE html><html lang="en"><head><script>let a = 1</script></head><body>{name}</body></html>'


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "billing" / "invoices").mkdir(parents=True)
    (tmp_path / "__spa-fallback.html").write_text(PAGE.format(name="shell"))
    (tmp_path / "index.html").write_text(PAGE.format(name="landing"))
    (tmp_path / "billing" / "invoices" / "index.html").write_text(PAGE.format(name="invoices"))
    return tmp_path


def test_a_prerendered_path_gets_its_own_page_and_any_other_the_shell(build: Path) -> None:
    documents = Documents(build)
    assert b"landing" in documents.get("/", "en").html
    assert b"invoices" in documents.get("/billing/invoices", "en").html
    assert b"shell" in documents.get("/billing/invoices/17", "en").html


def test_the_html_element_names_the_language_of_the_reader(build: Path) -> None:
    assert b'<html lang="ja"' in Documents(build).get("/", "ja").html
    assert b'<html lang="en"' in Documents(build).get("/", "en").html


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("", ""), ("GZIP;q=0.5", "gzip"), ("identity", "")],
)
def test_the_best_accepted_compression_is_chosen_and_unpacks_to_the_page(build, accept, encoding) -> None:
    document = Documents(build).get("/", "en")
    body, chosen = document.encoded(accept)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[encoding]
    assert chosen == encoding
    assert unpack(body) == document.html


def test_languages_have_different_etags_and_the_same_language_the_same(build: Path) -> None:
    one, two = Documents(build), Documents(build)
    assert one.get("/", "en").etag == two.get("/", "en").etag != one.get("/", "ja").etag


def test_every_inline_script_is_allowed_by_its_hash_and_nothing_else(build: Path) -> None:
    expected = "'sha256-" + base64.b64encode(hashlib.sha256(b"let a = 1").digest()).decode() + "'"
    assert Documents(build).script_hashes == {expected}
    assert inline_script_hashes('<script src="/a.js"></script>') == set()


def test_the_policy_forbids_eval_and_frames_and_lets_forms_end_at_whmcs() -> None:
    text = policy({"'sha256-x'"}, "wss://portal.example", "https://billing.example")
    assert "unsafe-eval" not in text
    assert "frame-ancestors 'none'" in text
    assert "form-action 'self' https://billing.example" in text


def test_a_missing_build_is_an_error_at_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Documents(tmp_path)
