"""The address, whether internet can be had at it, and the identity document."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "upload.empty": ("This file is empty.", "ファイルが空です。"),
    "upload.name": (
        "Rename the file: letters and digits, at most 100 characters.",
        "ファイル名を変更してください（100文字以内、記号は使えません）。",
    ),
    "upload.too_large": ("The file is larger than 5 MB.", "ファイルが5MBを超えています。"),
    "upload.type": ("Use a JPG, PNG or PDF file.", "JPG、PNG、PDFのいずれかのファイルをお使いください。"),
}
