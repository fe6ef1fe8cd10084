"""Hands out what the room `support` has; `portal_app.wiring` passes these functions on."""

from portal_app.storage.case_files import CaseFiles
from portal_app.wiring.parts import part
from portal_app.workflows.case_files import CaseFileDesk


def case_files() -> CaseFiles:
    """Attachments on their way into a case."""
    return part("case_files")


def case_file_desk() -> CaseFileDesk:
    """Attachments up and down."""
    return part("case_file_desk")
