"""An invoice as a PDF of one or more pages, written by hand. Japanese uses a font every viewer knows by name."""

from __future__ import annotations

from sandbox import money
from sandbox.store import Row

LINES_PER_PAGE = 40
TOP, LEFT, STEP = 790, 56, 18


def invoice_pdf(invoice: Row, items: list[Row], client: Row, left: int) -> bytes:
    lines = _words(invoice, items, client, left)
    pages = [lines[start : start + LINES_PER_PAGE] for start in range(0, len(lines), LINES_PER_PAGE)]
    first_page = 5
    kids = " ".join(f"{first_page + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5 /Encoding /UniJIS-UCS2-H"
        b" /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /DW 1000 /W [1 [500] 2 94 500]"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >>"
        b" /FontDescriptor << /Type /FontDescriptor"
        b" /FontName /HeiseiKakuGo-W5 /Flags 4 /FontBBox [-92 -250 1010 922] /ItalicAngle 0 /Ascent 752"
        b" /Descent -221 /CapHeight 709 /StemV 99 >> >>",
    ]
    for number, page in enumerate(pages):
        content = _content(page)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {first_page + 2 * number + 1} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return _file(objects)


def _words(invoice: Row, items: list[Row], client: Row, left: int) -> list[str]:
    number = invoice["invoicenum"] or invoice["id"]
    head = [
        f"Invoice #{number}   {invoice['status'].upper()}",
        f"Invoice date {invoice['date']}   Due date {invoice['duedate']}",
        f"{client['firstname']} {client['lastname']}",
        "",
    ]
    body = [f"{item['description'][:60]}   {money.text(item['amount'])}" for item in items]
    return [
        *head,
        *body,
        "",
        f"Sub total   {money.text(invoice['subtotal'])} JPY",
        f"{invoice['taxrate']}% tax   {money.text(invoice['tax'])} JPY",
        f"Credit   {money.text(invoice['credit'])} JPY",
        f"Total   {money.text(invoice['total'])} JPY",
        f"Balance   {money.text(left)} JPY",
    ]


def _content(lines: list[str]) -> bytes:
    shown = (line.encode("utf-16-be", "replace").hex() for line in lines)
    return f"BT /F1 10 Tf {LEFT} {TOP} Td {STEP} TL {' '.join(f'<{line}> Tj T*' for line in shown)} ET".encode()


def _file(objects: list[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
