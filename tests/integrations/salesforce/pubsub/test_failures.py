"""What a failed call means."""

import grpc
import pytest

from portal_app.integrations.salesforce.pubsub.failures import CODES, PREFIX, Kind, failure_of

Status = grpc.StatusCode


@pytest.mark.parametrize(("code", "kind"), CODES.items())
def test_salesforces_code_decides_whatever_the_status(code, kind):
    for status in (Status.UNKNOWN, Status.INVALID_ARGUMENT, Status.UNAVAILABLE):
        failure = failure_of("Subscribe", status, "", (("error-code", PREFIX + code),))
        assert (failure.kind, failure.code, failure.unexplained) == (kind, code, False)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (Status.UNAUTHENTICATED, Kind.AUTH),
        (Status.UNAVAILABLE, Kind.RETRY),
        (Status.DEADLINE_EXCEEDED, Kind.RETRY),
        (Status.UNKNOWN, Kind.RETRY),
        (Status.INTERNAL, Kind.RETRY),
        (Status.RESOURCE_EXHAUSTED, Kind.SLOW_DOWN),
        (Status.PERMISSION_DENIED, Kind.REFUSED),
        (Status.NOT_FOUND, Kind.REFUSED),
        (Status.INVALID_ARGUMENT, Kind.OUR_FAULT),
    ],
)
@pytest.mark.parametrize("trailers", [(), None, (("error-code", PREFIX + "brand.new"),), (("error-code", b"\xff"),)])
def test_without_a_code_we_know_the_status_decides(status, kind, trailers):
    failure = failure_of("Subscribe", status, None, trailers)
    assert (failure.kind, failure.unexplained) == (kind, True)
    assert failure.code == f"grpc_{status.name.lower()}"


@pytest.mark.parametrize(
    ("details", "rpc_id"),
    [
        ("The session expired. rpcId: 4a8f-11", "4a8f-11"),
        ("no id here", ""),
        ("rpcId: ", ""),
        ("rpcId: " + "x" * 200, ""),
        ("rpcId: <script>", ""),
    ],
)
def test_only_the_rpc_id_is_taken_from_what_they_say(details, rpc_id):
    failure = failure_of("Subscribe", Status.UNKNOWN, details, ())
    assert failure.rpc_id == rpc_id and "session" not in str(failure)
