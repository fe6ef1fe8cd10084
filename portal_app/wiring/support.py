"""Support: questions, answers, attachments."""

from contextlib import AsyncExitStack

from portal_app.integrations.salesforce.case_files import CaseDocuments
from portal_app.integrations.salesforce.support_cases import SupportCases
from portal_app.integrations.salesforce.transfer import FileTransfer, open_transfers
from portal_app.integrations.upstream import SALESFORCE_FILES, Upstream
from portal_app.observability import metrics
from portal_app.settings import Settings
from portal_app.storage.case_files import CaseFiles
from portal_app.wiring.parts import Parts
from portal_app.workflows.case_files import CaseFileDesk


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every room of the outside systems."""
    cases = SupportCases(
        parts["salesforce_client"],
        parts["salesforce_fields"],
        parts["cache"],
        parts["clock"],
        origin=chosen.SF_CASE_ORIGIN,
        hidden_origins=("Portal Notification",),
        closed_status="Closed",
        reopened_status="In Progress",
    )
    return {"support_cases": cases} | _files(parts, cases, stack)


def _files(parts: Parts, cases: SupportCases, stack: AsyncExitStack) -> Parts:
    upstream = Upstream(SALESFORCE_FILES, parts["clock"], on_event=metrics.upstream_called)
    http = open_transfers(upstream.policy.concurrency)
    stack.push_async_callback(http.aclose)
    transfer = FileTransfer(http, parts["salesforce_tokens"], upstream, parts["salesforce_usage"])
    case_files = CaseFiles(parts["database"], parts["cipher"], parts["clock"])
    documents = CaseDocuments(
        parts["salesforce_client"],
        transfer,
        cases,
        parts["salesforce_fields"],
        parts["cache"],
    )
    return {
        "upstreams": (*parts["upstreams"], upstream),
        "case_files": case_files,
        "case_documents": documents,
        "case_file_desk": CaseFileDesk(
            case_files=case_files, documents=documents, limits=parts["limits"], audit=parts["audit"]
        ),
    }
