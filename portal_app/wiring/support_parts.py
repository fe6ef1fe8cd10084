"""Hands out what the room `support` has; `portal_app.wiring` passes these functions on."""

from portal_app.storage.case_files import CaseFiles
from portal_app.storage.case_posts import CasePosts
from portal_app.wiring.parts import part
from portal_app.workflows.case_files import CaseFileDesk
from portal_app.workflows.support import Support
from portal_app.workflows.support_news import SupportNews
from portal_app.workflows.support_posts import SupportPosts


def case_files() -> CaseFiles:
    """Attachments on their way into a case."""
    return part("case_files")


def case_file_desk() -> CaseFileDesk:
    """Attachments up and down."""
    return part("case_file_desk")


def case_posts() -> CasePosts:
    """What customers send to support, until Salesforce has it."""
    return part("case_posts")


def support() -> Support:
    """A customer's questions."""
    return part("support")


def support_posts() -> SupportPosts:
    """Hands to Salesforce what customers send to support."""
    return part("support_posts")


def support_news() -> SupportNews:
    """Tells customers what staff did with their questions."""
    return part("support_news")
