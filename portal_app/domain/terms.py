"""The terms of service: which version holds today. An order keeps the one that was accepted, and when."""

from typing import Final

TERMS_VERSION: Final = "2026-11"
