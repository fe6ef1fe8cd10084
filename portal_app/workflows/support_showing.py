"""What a customer sees of support: Salesforce's, with what is on its way there, and each file with its message."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from portal_app.domain.cases import Attachment, CaseList, CaseThread, Message, WaitingCase
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.integrations.salesforce.support_cases import SupportCases
from portal_app.storage.case_files import CaseFile, CaseFiles
from portal_app.storage.case_posts import REFUSED, CasePost, CasePosts

log = logging.getLogger(__name__)


class ListsFiles(Protocol):
    """Which files lie with a question, as `workflows.case_files.CaseFileDesk` says."""

    async def list_of(self, customer: Customer, case_id: str) -> Mapping[str, Attachment]: ...


class SupportShowing:
    """What is waiting stands beside what is there, and never twice: each is known by its post."""

    def __init__(self, *, cases: SupportCases, posts: CasePosts, files: CaseFiles, desk: ListsFiles) -> None:
        self._cases, self._posts, self._files, self._desk = cases, posts, files, desk

    async def list_cases(self, customer: Customer) -> CaseList:
        """Questions of a customer, and those on their way, newest first. Raises: NotFound, UpstreamError, Busy."""
        found = await self._cases.list_cases(customer)
        there = {case.post for case in found.items}
        waiting = [one for one in await self._posts.shown(customer, "open") if one.marker not in there]
        return replace(found, waiting=tuple(_waiting_case(one) for one in reversed(waiting)))

    async def get_thread(self, customer: Customer, case_id: str) -> CaseThread:
        """The conversation with each message's files, and what is on its way. Raises: NotFound, UpstreamError, Busy."""
        thread = await self._cases.get_thread(customer, case_id)
        case_id = thread.case.salesforce_case_id
        said = {message.key for message in thread.messages}
        waiting = [one for one in await self._posts.shown(customer, "comment", case_id) if one.marker not in said]
        thread = replace(
            thread,
            messages=(*thread.messages, *map(_waiting_message, waiting)),
            changing=await self._posts.is_moving(customer, case_id),
        )
        return await self._with_files(customer, thread)

    async def _with_files(self, customer: Customer, thread: CaseThread) -> CaseThread:
        case = thread.case
        whole = await self._posts.ids_of_case(customer, case.salesforce_case_id)
        sent = await self._files.of_posts(whole)
        lying = await self._lying(customer, case.salesforce_case_id)
        ours = {file.salesforce_document_id for files in sent.values() for file in files}
        by_message = {
            _message_key(thread, post_id): tuple(_attachments(files, lying, whole=whole[post_id]))
            for post_id, files in sent.items()
        }
        messages = (replace(one, attachments=by_message.get(one.key, ())) for one in thread.messages)
        others = tuple(file for document_id, file in (lying or {}).items() if document_id not in ours)
        return replace(thread, messages=tuple(messages), files=others)

    async def _lying(self, customer: Customer, case_id: str) -> Mapping[str, Attachment] | None:
        """None: Salesforce does not say. The conversation is shown all the same."""
        try:
            return await self._desk.list_of(customer, case_id)
        except (UpstreamError, Busy, NotFound) as failure:
            log.warning("files not listed", exc_info=failure, extra={"user_id": customer.user_id})
            return None


def _waiting_case(post: CasePost) -> WaitingCase:
    said = post.content
    return WaitingCase(post.marker, said.subject, said.body, post.created_at, refused=post.state == REFUSED)


def _waiting_message(post: CasePost) -> Message:
    refused = post.state == REFUSED
    return Message(post.marker, "you", post.content.body, post.created_at, waiting=not refused, refused=refused)


def _message_key(thread: CaseThread, post_id: str) -> str:
    """By what the message of that post is known in the thread."""
    marker = post_id.replace("-", "")
    return thread.case.salesforce_case_id if marker == thread.case.post else marker


def _attachments(files: Sequence[CaseFile], lying: Mapping[str, Attachment] | None, *, whole: bool) -> list[Attachment]:
    """As Salesforce has them; without a document id those that are not there yet. What staff took away is left out."""
    found = []
    for file in files:
        there = (lying or {}).get(file.salesforce_document_id)
        if there is not None:
            found.append(there)
        elif lying is None or not whole:
            document_id = file.salesforce_document_id if whole else ""
            found.append(Attachment(document_id, file.name, file.size, file.kind))
    return found
