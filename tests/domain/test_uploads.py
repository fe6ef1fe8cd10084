"""Which files are taken as an identity document."""

import pytest

from portal_app.domain.uploads import LARGEST, Upload, UploadRefused, read_file_name

JPG, PNG, PDF = b"\xff\xd8\xff\xe0" + b"x" * 20, b"\x89PNG\r\n\x1a\n" + b"x" * 20, b"%PDF-1.7\n" + b"x" * 20


def taken(name: str, *pieces: bytes, largest: int = LARGEST) -> str:
    upload = Upload(name, largest=largest)
    for piece in pieces:
        upload.feed(piece)
    return upload.finish()


def refused(name: str, *pieces: bytes, largest: int = LARGEST) -> str:
    with pytest.raises(UploadRefused) as why:
        taken(name, *pieces, largest=largest)
    return why.value.reason


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("card.jpg", JPG, "jpg"),
        ("CARD.JPEG", JPG, "jpg"),
        ("在留カード.png", PNG, "png"),
        ("my card (front).pdf", PDF, "pdf"),
    ],
)
@pytest.mark.parametrize("cut", [1, 3, 7, 8, 100])
def test_a_good_file_is_taken_however_it_arrives(name, content, kind, cut):
    pieces = [content[start : start + cut] for start in range(0, len(content), cut)]
    assert taken(name, *pieces) == kind


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        ".jpg",
        "../../x.jpg",
        "a/b.jpg",
        "a\\b.jpg",
        "C:card.jpg",
        "x" * 97 + ".jpg",
        "card\u202egpj.jpg",
        "card\n.jpg",
        "card\x00.jpg",
        "a\u200b.png",
        "CON.jpg",
        "nul.pdf",
        "lpt1.png",
        "a<b>.png",
        "\ud800.png",
    ],
)
def test_a_name_that_could_do_harm_is_refused(name):
    assert refused(name, JPG) == "upload.name"


@pytest.mark.parametrize("name", ["card", "card.svg", "card.exe", "card.jpg.html", "card.heic", "card."])
def test_another_extension_is_refused(name):
    with pytest.raises(UploadRefused, match="type"):
        read_file_name(name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("card.png", b"MZ\x90\x00" + b"x" * 20),
        ("card.png", JPG),
        ("card.jpg", PDF),
        ("card.pdf", b"x%PDF-1.7 late"),
        ("card.pdf", b"<svg onload=alert(1)>%PDF-"),
        ("card.jpg", b"PK\x03\x04" + b"x" * 20),
        ("card.png", b"\x89PNG"),
        ("card.jpg", b"\xff"),
    ],
)
def test_first_bytes_and_extension_must_agree(name, content):
    assert refused(name, content) == "upload.type"


def test_another_type_is_refused_before_the_rest_has_come():
    upload = Upload("card.png")
    upload.feed(b"MZ\x90\x00")
    with pytest.raises(UploadRefused, match="type"):
        upload.feed(b"\x03\x00\x00\x00")


def test_a_file_may_be_as_large_as_the_limit_and_no_byte_larger():
    assert taken("card.jpg", JPG, b"x" * (LARGEST - len(JPG))) == "jpg"
    assert refused("card.jpg", JPG, b"x" * (LARGEST - len(JPG)), b"x") == "upload.too_large"
    assert refused("card.jpg", b"\xff\xd8\xff\xe0" * 10, largest=39) == "upload.too_large"


@pytest.mark.parametrize("pieces", [(), (b"",), (b"", b"")])
def test_an_empty_file_is_refused(pieces):
    assert refused("card.jpg", *pieces) == "upload.empty"
