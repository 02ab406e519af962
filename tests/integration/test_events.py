"""The live stream: a snapshot on joining, then every change once, in order, with a heartbeat. That
each event fits the OpenAPI document, the client sees to.
"""

import pytest


@pytest.fixture
def pair(party):
    good = party.device()
    client = party.server(good).client
    client.wait_until_ready()
    return good, client


def test_joining_gives_the_whole_state_first(pair):
    _, client = pair
    with client.live() as stream:
        first = next(stream)
    assert first.name == "snapshot" and first.data["version"] == first.id
    assert first.data["status"]["taps"][0]["ready"] is True
    assert first.data["last_log_id"] == 0
    assert first.data["server_id"]


def test_a_pour_is_told_step_by_step_without_a_gap(pair):
    _, client = pair
    with client.live() as stream:
        events = [next(stream)]
        client.dispense(2, key="wish-1")
        for event in stream:
            events.append(event)
            if event.name == "log" and event.data["row"]["status"] == "success":
                break
    versions = [event.id for event in events if event.name in {"snapshot", "tap", "log"}]
    assert versions == list(range(versions[0], versions[0] + len(versions))), versions
    assert all(event.data["version"] == event.id for event in events if event.id is not None)
    rows = [event.data["row"] for event in events if event.name == "log"]
    assert [row["status"] for row in rows] == ["started", "success"]
    assert rows == list(reversed(client.log()))
    shown = [event.data["tap"]["pour"] for event in events if event.name == "tap"]
    assert any(pour and pour["request_id"] == "wish-1" for pour in shown)


def test_two_clients_are_told_the_same(pair):
    _, client = pair
    with client.live() as one, client.live() as two:
        joined = next(one).id, next(two).id
        client.dispense(2, key="wish-1")
        told = []
        for stream in (one, two):
            heard = {}
            for event in stream:
                if event.id is not None and event.name != "heartbeat":
                    heard[event.id] = (event.name, str(event.data))
                if event.name == "log" and event.data["row"]["status"] == "success":
                    break
            told.append(heard)
    common = [version for version in told[0] if version > max(joined)]
    assert common and all(told[0][version] == told[1][version] for version in common)


def test_a_quiet_stream_has_a_heartbeat(pair):
    _, client = pair
    with client.live() as stream:
        beat = stream.wait_for(lambda event: event if event.name == "heartbeat" else None)
    assert beat.data["timestamp"] > 1_600_000_000


def test_a_lifted_glass_and_a_lost_device_are_told(pair):
    good, client = pair
    with client.live() as stream:
        next(stream)
        good.glass = False
        stream.wait_for(lambda e: e.name == "tap" and e.data["tap"]["glass_present"] is False)
        good.close()
        stream.wait_for(lambda e: e.name == "tap" and e.data["tap"]["online"] is False)


def test_a_client_that_does_not_listen_holds_up_nobody(party):
    # It joins and never reads; the tap then changes until far more was said than any buffer holds.
    good = party.device()
    client = party.server(good).client
    client.wait_until_ready()
    deaf = client.send("GET", "/api/events")
    try:
        with client.live() as stream:
            for number in range(300):
                client.dispense(61, user_token="u" * 100, key=f"wish-{number}")
            stream.wait_for(lambda e: e.name == "log" and e.data["row"]["request_id"] == "wish-299")
    finally:
        deaf.close()
