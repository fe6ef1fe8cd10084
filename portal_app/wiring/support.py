"""Support: questions, answers, attachments."""

from contextlib import AsyncExitStack

from portal_app.integrations.salesforce.case_files import CaseDocuments
from portal_app.integrations.salesforce.transfer import FileTransfer, open_transfers
from portal_app.integrations.upstream import SALESFORCE_FILES, Upstream
from portal_app.observability import metrics
from portal_app.settings import Settings
from portal_app.storage.case_files import CaseFiles
from portal_app.wiring.parts import Parts
from portal_app.workflows.case_files import CaseFileDesk


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every room of the outside systems."""
    return _files(chosen, parts, stack)


def _files(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    upstream = Upstream(SALESFORCE_FILES, parts["clock"], on_event=metrics.upstream_called)
    http = open_transfers(upstream.policy.concurrency)
    stack.push_async_callback(http.aclose)
    transfer = FileTransfer(http, parts["salesforce_tokens"], upstream, parts["salesforce_usage"])
    case_files = CaseFiles(parts["database"], parts["cipher"], parts["clock"])
    documents = CaseDocuments(
        parts["salesforce_client"],
        transfer,
        parts["salesforce_fields"],
        parts["cache"],
        hidden_origins=("Portal Notification",),
    )
    return {
        "upstreams": (*parts["upstreams"], upstream),
        "case_files": case_files,
        "case_documents": documents,
        "case_file_desk": CaseFileDesk(
            case_files=case_files, documents=documents, limits=parts["limits"], audit=parts["audit"]
        ),
    }
