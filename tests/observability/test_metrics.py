"""What /metrics shows, and that visitors cannot make it grow for ever."""

from uuid import uuid4

from portal_app.observability import metrics


def _value(line_start: str) -> float:
    for line in metrics.render().decode().splitlines():
        if line.startswith(line_start + " "):
            return float(line.rsplit(" ", 1)[1])
    return 0.0


def test_an_upstream_call_is_counted_by_action_and_outcome_and_timed():
    series = 'portal_upstream_calls_total{action="GetInvoices",outcome="timeout",system="whmcs"}'
    timed = 'portal_upstream_seconds_count{action="GetInvoices",system="whmcs"}'
    before, timed_before = _value(series), _value(timed)
    metrics.upstream_called("whmcs", "GetInvoices", "timeout", 3.2)
    assert (_value(series), _value(timed)) == (before + 1, timed_before + 1)


def test_a_request_is_counted_by_route_method_and_status():
    series = 'portal_http_requests_total{method="GET",route="/dashboard",status="200"}'
    before = _value(series)
    metrics.request_done("/dashboard", "GET", 200, 0.01)
    assert _value(series) == before + 1


def test_an_invented_method_makes_no_series_of_its_own():
    metrics.request_done("/dashboard", "BREW", 405, 0.01)
    assert b"BREW" not in metrics.render()


def test_cache_names_lose_their_ids():
    metrics.cache_event("hit", "invoice:4711")
    text = metrics.render().decode()
    assert 'portal_cache_total{kind="hit",name="invoice"}' in text
    assert not any("4711" in line for line in text.splitlines() if line.startswith("portal_cache"))


def test_handler_names_a_visitor_invents_are_folded_into_one_series():
    for _ in range(metrics.MOST_VALUES + 50):
        metrics.event_seen(f"invented.{uuid4()}", "refused")
    names = [line for line in metrics.render().decode().splitlines() if line.startswith("portal_events_total{")]
    assert len(names) <= metrics.MOST_VALUES + 10
    assert _value('portal_events_total{handler="other",outcome="refused"}') >= 50


def test_open_sockets_go_up_and_down():
    before = _value("portal_open_sockets")
    metrics.sockets_changed(+1)
    assert _value("portal_open_sockets") == before + 1
    metrics.sockets_changed(-1)
    assert _value("portal_open_sockets") == before


def test_queue_depth_and_drift_show_the_last_figure():
    metrics.queue_depth("inbox", 7)
    metrics.drift_found("invoices", 3)
    metrics.drift_found("invoices", 2)
    assert _value('portal_queue_depth{queue="inbox"}') == 7
    assert _value('portal_mirror_drift{kind="invoices"}') == 2
