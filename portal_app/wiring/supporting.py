"""Support: questions, answers, attachments."""

from contextlib import AsyncExitStack

from portal_app.integrations.salesforce.case_changes import CaseChanges
from portal_app.integrations.salesforce.case_files import CaseDocuments
from portal_app.integrations.salesforce.support_cases import SupportCases
from portal_app.integrations.salesforce.transfer import FileTransfer, open_transfers
from portal_app.integrations.upstream import SALESFORCE_FILES, Upstream
from portal_app.observability import metrics
from portal_app.settings import Settings
from portal_app.storage.case_files import CaseFiles
from portal_app.storage.case_posts import CasePosts
from portal_app.wiring.parts import Parts
from portal_app.workflows.case_files import CaseFileDesk
from portal_app.workflows.support import Support
from portal_app.workflows.support_news import SupportNews
from portal_app.workflows.support_posts import SupportPosts
from portal_app.workflows.support_related import Related
from portal_app.workflows.support_showing import SupportShowing


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every room of the outside systems."""
    cases = SupportCases(
        parts["salesforce_client"],
        parts["salesforce_fields"],
        parts["cache"],
        parts["clock"],
        origin=chosen.SF_CASE_ORIGIN,
        hidden_origins=chosen.hidden_case_origins(),
        closed_status=chosen.SF_CASE_CLOSED_STATUS,
        reopened_status=chosen.SF_CASE_REOPENED_STATUS,
    )
    files = _files(parts, cases, stack)
    return {"support_cases": cases} | files | _workflows(parts | files, cases)


def _workflows(parts: Parts, cases: SupportCases) -> Parts:
    posts = CasePosts(parts["database"], parts["cipher"], parts["index"], parts["clock"])
    common = {name: parts[name] for name in ("outbox", "audit")} | {"db": parts["database"]}
    common |= {"cases": cases, "posts": posts, "files": parts["case_files"]}
    desk, bus, clock, users = parts["case_file_desk"], parts["bus"], parts["clock"], parts["users"]
    sending = SupportPosts(desk=desk, users=users, bus=bus, clock=clock, **common)
    related = Related(services=parts["services"], orders=parts["orders"], billing=parts["billing"])
    shown = SupportShowing(cases=cases, posts=posts, files=parts["case_files"], desk=desk)
    news = SupportNews(
        cases=cases,
        changes=CaseChanges(parts["salesforce_client"], parts["salesforce_fields"]),
        posts=posts,
        users=users,
        notices=parts["notices"],
        seen=parts["last_seen"],
        db=parts["database"],
        bus=bus,
        clock=clock,
    )
    return {
        "case_posts": posts,
        "support_posts": sending,
        "support": Support(sending=sending, shown=shown, related=related, limits=parts["limits"], **common),
        "support_news": news,
    }


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
