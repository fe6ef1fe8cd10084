"""Two small files for the seeded cases: a picture and a letter, made of bytes alone."""

from __future__ import annotations

import zlib

WIDTH, HEIGHT = 240, 80
BARS = (64, 58, 61, 22, 14, 9, 18, 55)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def speed_png() -> bytes:
    """A bar for each measurement of an evening, grey levels."""
    rows = bytearray()
    for line in range(HEIGHT):
        rows.append(0)
        for column in range(WIDTH):
            bar, inside = divmod(column, WIDTH // len(BARS))
            rows.append(90 if 4 < inside < 26 and HEIGHT - line < BARS[bar] else 245)
    size = WIDTH.to_bytes(4, "big") + HEIGHT.to_bytes(4, "big")
    head = _chunk(b"IHDR", size + bytes((8, 0, 0, 0, 0)))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _chunk(b"IEND", b"")


def letter_pdf(words: str) -> bytes:
    """One page with one line of ASCII."""
    drawn = f"BT /F1 14 Tf 56 780 Td ({words}) Tj ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
