"""Attachments, looked at while they pass."""

import pytest

from portal_app.domain.attachments import (
    HELD,
    LARGEST,
    ArrivingFile,
    name_of_title,
    read_attachment_name,
    title_of,
)
from portal_app.domain.uploads import UploadRefused
from tests.fakes.files_world import a_jpg, a_pdf, a_png

ZIP_END = b"PK\x05\x06" + b"\0" * 4 + b"\x01\0\x01\0" + b"\x2e\0\0\0" + b"\x40\0\0\0" + b"\0\0"


def passed(name: str, content: bytes, cut: int = 65_536) -> tuple[bytes, int]:
    """What was let on in all, and the most that was held back at a time."""
    arriving, out, most = ArrivingFile(name, len(content)), b"", 0
    for at in range(0, len(content), cut):
        out += arriving.feed(content[at : at + cut])
        most = max(most, arriving.held)
    return out + arriving.finish(), most


def refused(name: str, content: bytes, cut: int = 65_536) -> str:
    with pytest.raises(UploadRefused) as why:
        passed(name, content, cut)
    return why.value.reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg", a_jpg()),
        ("PHOTO.JPEG", a_jpg(b"PK\x03\x04 a camera's own words <svg> <htm")),
        ("画面.png", a_png()),
        ("letter (1).pdf", a_pdf()),
        ("letter.pdf", a_pdf(end=b"%%EOF\r\n \0\n")),
        ("about the web.pdf", a_pdf(b"x" * 1_500 + b"(write <html> and <script>)")),
    ],
)
@pytest.mark.parametrize("cut", [1, 7, 4096])
def test_a_good_file_passes_byte_for_byte_however_it_arrives(name, content, cut):
    assert passed(name, content, cut)[0] == content


def test_of_the_largest_file_only_the_end_is_held_back():
    content = a_png(LARGEST)
    whole, held = passed("a.png", content)
    assert (whole == content, held) == (True, HELD)


@pytest.mark.parametrize(("name", "good"), [("a.png", a_png(200_000)), ("a.pdf", a_pdf(b"x" * 200_000))])
def test_a_file_that_ends_badly_was_never_let_on_whole(name, good):
    bad = good[:-3] + b"xxx"
    arriving = ArrivingFile(name, len(bad))
    assert len(arriving.feed(bad)) == len(bad) - HELD
    with pytest.raises(UploadRefused):
        arriving.finish()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "upload.name"),
        ("../../x.png", "upload.folder"),
        ("..\\x.png", "upload.folder"),
        ("a/b.pdf", "upload.folder"),
        ("CON.png", "upload.name"),
        ("nul.pdf", "upload.name"),
        ("x" * 300 + ".png", "upload.name"),
        ("gnp.\u202egpj.png", "upload.name"),
        ("a\0.png", "upload.name"),
        ("a\r\nb.png", "upload.name"),
        ("drawing.svg", "upload.type"),
        ("tool.exe", "upload.type"),
        ("page.png.html", "upload.type"),
        ("no extension", "upload.type"),
        ("all.ZIP", "upload.archive"),
        ("all.tar.gz", "upload.archive"),
        ("app.jar", "upload.archive"),
    ],
)
def test_137_138_142_a_name_is_refused_for_what_is_wrong_with_it(name, reason):
    with pytest.raises(UploadRefused) as why:
        read_attachment_name(name)
    assert why.value.reason == reason


@pytest.mark.parametrize("size", [0, -1])
def test_135_an_empty_file_is_refused_before_any_byte(size):
    with pytest.raises(UploadRefused, match="empty"):
        ArrivingFile("a.png", size)


def test_136_a_file_over_the_limit_is_refused_before_any_byte():
    assert ArrivingFile("a.png", LARGEST).size == LARGEST
    with pytest.raises(UploadRefused, match="over_limit"):
        ArrivingFile("a.png", LARGEST + 1)


def test_136_more_than_was_announced_is_refused_when_it_comes():
    arriving = ArrivingFile("a.png", 600)
    arriving.feed(a_png(600))
    with pytest.raises(UploadRefused):
        arriving.feed(b"x")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"MZ\x90\0\x03\0\0\0" + b"x" * 100),
        ("a.png", a_jpg()),
        ("a.jpg", a_pdf()),
        ("a.pdf", b"GIF89a" + a_pdf()),
        ("a.pdf", b"\n" + a_pdf()),
        ("a.png", b"PK\x03\x04" + b"x" * 100),
        ("a.png", b"\x89PNG"),
        ("a.png", b"<svg onload=alert(1)>"),
    ],
)
@pytest.mark.parametrize("cut", [1, 4096])
def test_139_what_the_first_bytes_say_goes_before_the_name(name, content, cut):
    assert refused(name, content, cut) == "upload.content"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", a_png() + b"<b>more</b>"),
        ("a.png", a_png(filling=b"<SCRIPT>")),
        ("a.png", a_png()[:40] + b"<!DOCTYPE  html>" + a_png()[40:]),
        ("a.jpg", a_jpg(b"<html >hello")),
        ("a.jpg", a_jpg(b"<?PHP system($_GET[0]);")),
        ("a.pdf", a_pdf(b"%<html><script>alert(1)</script>\n")),
        ("a.pdf", a_pdf() + b"<p>appended</p>"),
    ],
)
@pytest.mark.parametrize("cut", [1, 5, 4096])
def test_140_a_file_that_is_also_a_page_is_refused_wherever_it_is_cut(name, content, cut):
    assert refused(name, content, cut) == "upload.mixed"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", a_jpg() + b"PK\x03\x04 a member" + ZIP_END),
        ("a.jpg", a_jpg() + ZIP_END[:-2] + b"\xff\xff" + b"c" * 65_535),
        ("a.png", a_png()[:40] + ZIP_END + a_png()[40:]),
        ("a.pdf", a_pdf(b"PK\x03\x04 a member" + ZIP_END)),
        ("a.pdf", a_pdf(b"Rar!\x1a\x07\x01\0 ...")),
        ("a.jpg", a_jpg(b"7z\xbc\xaf\x27\x1c\0\x04")),
        ("a.jpg", a_jpg(ZIP_END + b"x" * 200_000)),
    ],
)
@pytest.mark.parametrize("cut", [9, 65_536])
def test_141_an_archive_inside_is_refused_wherever_it_lies(name, content, cut):
    assert refused(name, content, cut) == "upload.mixed"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", a_png()[:-1]), ("a.png", a_png()[:-12]), ("a.pdf", a_pdf(end=b"")), ("a.pdf", a_pdf(end=b"%%EO"))],
)
def test_a_file_that_is_cut_off_is_refused(name, content):
    assert refused(name, content) == "upload.cut_off"


def test_a_body_shorter_than_announced_is_refused():
    arriving = ArrivingFile("a.jpg", 5000)
    arriving.feed(a_jpg())
    with pytest.raises(UploadRefused, match="cut_off"):
        arriving.finish()


@pytest.mark.parametrize(
    ("title", "extension", "name"),
    [
        (title_of("料金.pdf", "0f" * 16), "pdf", "料金.pdf"),
        ("Letter", "pdf", "Letter.pdf"),
        ("Letter", "", "Letter"),
        ("Letter.PDF", "pdf", "Letter.PDF"),
        ("[0123456789ab]", "png", "[0123456789ab].png"),
    ],
)
def test_a_title_is_shown_as_the_name_it_was(title, extension, name):
    assert name_of_title(title, extension) == name


def test_a_title_holds_the_name_and_a_reference_of_its_own():
    first, second = (title_of("a.png", f"{n}{'0' * 7}-1111-4111-8111-{'1' * 12}") for n in (1, 2))
    assert first == "a.png [100000001111]" and first != second


@pytest.mark.parametrize("title", ["bill\u202egnp.exe", "bi\u200bll\r\nSet-Cookie: a=b", "\u2067\n", "a\0b"])
def test_142_a_file_of_the_staffs_has_a_name_of_one_line_that_reads_as_it_is_written(title):
    name = name_of_title(title, "pdf")
    assert name.endswith(".pdf") and name != ".pdf" and name.isprintable()
