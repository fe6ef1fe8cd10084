"""The generated messages."""

from portal_app.integrations.salesforce.pubsub.generated import eventbus_pb2 as ours
from sandbox.pubsub.generated import eventbus_pb2 as theirs
from tools.generate_pubsub import generate, stale


def test_what_is_committed_is_what_make_protos_would_write():
    assert stale(generate()) == []


def test_both_sides_of_the_wire_live_in_one_process():
    sent = ours.FetchRequest(
        topic_name="/event/X__e", replay_preset=ours.CUSTOM, replay_id=b"\x00\xff", num_requested=25
    )
    assert ours.FetchRequest is not theirs.FetchRequest
    got = theirs.FetchRequest.FromString(sent.SerializeToString())
    assert (got.topic_name, got.replay_preset, got.replay_id, got.num_requested) == ("/event/X__e", 2, b"\x00\xff", 25)


def test_the_services_name_is_the_vendors():
    service = ours.DESCRIPTOR.services_by_name["PubSub"]
    assert service.full_name == "eventbus.v1.PubSub"
    assert [one.name for one in service.methods][:3] == ["Subscribe", "GetSchema", "GetTopic"]
