"""Orders that come late (after their id was given up, after their deadline) or early (before the
server knows how things stand), with real processes and a real file.
"""

import socket
import threading

import pytest
from client import Client, parse_answer, read_to_end, request_bytes
from device import answer as tell


@pytest.fixture(params=["the original's contract", "our firmware"])
def machine(party, request):
    return party.device() if request.param == "the original's contract" else party.dispenser()


def poured(machine):
    control = getattr(machine, "control", None)
    return machine.poured if control is None else control.truth()["episodes"]


def given_up(client, key):
    answer = client.post("/api/stop", {"request_id": key})
    assert answer.status == 200, answer
    assert answer.json == {"success": True, "code": "given_up", "taps": [],
                           "message": answer.json["message"]}


def refused(answer, code):
    assert answer.status == 409 and answer.json["code"] == code, answer


def test_an_id_that_was_given_up_is_refused_for_ever(party, machine):
    first = party.server(machine)
    first.client.wait_until_ready()
    given_up(first.client, "wish-1")
    first.kill()

    second = party.server(machine)
    second.client.wait_until_ready()
    refused(second.client.dispense(2, key="wish-1"), "given_up")
    given_up(second.client, "wish-1")
    second.kill()

    client = party.server(machine).client
    client.wait_until_ready()
    refused(client.dispense(2, key="wish-1"), "given_up")
    assert [row["status"] for row in client.rows_of("wish-1")] == ["failed"]
    assert client.receipt("wish-1")["state"] == "refused"
    assert poured(machine) == []
    assert client.dispense(2, key="wish-2").status == 200


def test_an_order_that_was_on_its_way_when_it_was_given_up_never_pours(party, machine):
    client = party.server(machine).client
    client.wait_until_ready()
    order = request_bytes("POST", "/api/dispense",
                          {"amount_ml": 2, "user_token": "ann", "request_id": "wish-1"})
    with socket.create_connection(("127.0.0.1", client.port), client.seconds) as late:
        late.sendall(order[:-10])
        given_up(client, "wish-1")
        late.sendall(order[-10:])
        refused(parse_answer(read_to_end(late)), "given_up")
    assert poured(machine) == []


def test_what_has_poured_is_not_given_up(party, machine):
    client = party.server(machine).client
    client.wait_until_ready()
    client.dispense(2, key="wish-1")
    client.wait_until_final("wish-1")
    answer = client.post("/api/stop", {"request_id": "wish-1"})
    assert answer.status == 404 and answer.json["code"] == "unknown_request"
    assert client.receipt("wish-1")["state"] == "done"


def test_an_order_is_not_taken_after_its_deadline(party, machine):
    client = party.server(machine).client
    client.wait_until_ready()
    status = client.status()
    mine = {"server_id": status["server_id"], "expires_ms": status["uptime_ms"] - 1}
    refused(client.dispense(2, key="wish-1", **mine), "too_late")
    refused(client.dispense(2, key="wish-2", server_id="0", expires_ms=10**9), "too_late")
    assert poured(machine) == []
    assert client.receipt("wish-1")["code"] == "too_late"
    in_time = {"server_id": status["server_id"], "expires_ms": status["uptime_ms"] + 60_000}
    assert client.dispense(2, key="wish-3", **in_time).status == 200
    client.wait_until_final("wish-3")
    again = client.dispense(2, key="wish-3", **mine)
    assert again.status == 200, "what is known gets its answer, however late it is asked for"


def test_deadlines_are_of_the_run_of_the_server_that_the_stream_names(party):
    good = party.device()
    client = party.server(good).client
    client.wait_until_ready()
    with client.live() as stream:
        snapshot = next(stream).data
        heartbeat = stream.wait_for(lambda event: event.name == "heartbeat" and event.data)
    assert heartbeat["server_id"] == snapshot["server_id"] == snapshot["status"]["server_id"]
    assert heartbeat["uptime_ms"] > snapshot["status"]["uptime_ms"]


def test_a_deadline_needs_both_its_fields(party):
    client = party.server(party.device()).client
    client.wait_until_ready()
    for half in ({"server_id": "f00d"}, {"expires_ms": 5}):
        answer = client.dispense(2, **half)
        assert answer.status == 400 and answer.json["code"] == "bad_request"
    assert client.calibrate("new_bottle", expires_ms=5).status == 400


def test_an_act_of_the_host_is_not_done_after_its_deadline(party):
    dispenser = party.dispenser()
    client = party.server(dispenser).client
    client.wait_until_ready()
    status = client.status()
    late = {"server_id": status["server_id"], "expires_ms": status["uptime_ms"] - 1}
    refused(client.service("calibrate", key="run-1", amount_ml=5, **late), "too_late")
    refused(client.calibrate("new_bottle", **late), "too_late")
    assert poured(dispenser) == []
    assert [row["reason"] for row in client.log() if row["purpose"] == "calibration"] == []


def test_an_act_of_the_host_that_comes_late_repeats_and_undoes_nothing(party):
    dispenser = party.dispenser()
    first = party.server(dispenser)
    first.client.wait_until_ready()
    seen = first.client.calibration().json["act_id"]
    late = request_bytes("POST", "/api/taps/main/calibration",
                         {"action": "new_bottle", "user_token": "host", "act_id": seen})
    with socket.create_connection(("127.0.0.1", first.port), first.client.seconds) as act:
        act.sendall(late[:-3])
        newer = first.client.calibrate("new_bottle", act_id=seen)
        assert newer.status == 200, newer
        act.sendall(late[-3:])
        refused(parse_answer(read_to_end(act)), "changed_meanwhile")
    now = first.client.calibration().json["act_id"]
    assert newer.json["act_id"] == now > seen
    first.kill()

    client = party.server(dispenser).client
    client.wait_until_ready()
    refused(client.calibrate("discard", act_id=seen), "changed_meanwhile")
    assert client.calibrate("discard", act_id=now).status == 200
    done = [(row["action"], row["status"]) for row in reversed(client.log("?limit=1000"))]
    assert done == [("new_bottle", "started"), ("new_bottle", "success"), ("discard", "success")]


def test_an_order_in_the_first_moments_hears_that_the_server_is_starting(party):
    may_answer = threading.Event()

    def status(device, connection):
        may_answer.wait(20)
        tell(connection, 200, {"state": "idle", "glass_present": True, "uptime": device.uptime})

    good = party.device(status=status)
    port = party.ports.draw()
    early = []

    def ask():
        client = Client(port)
        try:
            early.extend([first_answer(client), client.tap()])
        finally:
            may_answer.set()

    guest = threading.Thread(target=ask)
    guest.start()
    client = party.server(good, port=port).client  # here when it is ready
    guest.join()
    answer, tap = early
    assert answer.status == 503 and answer.json["code"] == "starting", answer
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["reason"] == "The server is starting: try again in a moment."
    assert tap["blocked_by"]["code"] == "starting"
    client.wait_until_ready()
    assert client.dispense(2, key="wish-1").status == 200
    assert good.poured == ["wish-1"]


def first_answer(client):
    while True:
        try:
            return client.dispense(2, key="wish-1")
        except ConnectionRefusedError:
            pass  # it does not listen yet


def test_a_resume_that_comes_late_lifts_no_newer_stop(party):
    good = party.device()
    first = party.server(good)
    first.client.wait_until_ready()
    assert first.client.post("/api/stop", {}).status == 200
    old = first.client.tap()["stop_id"]
    late = request_bytes("POST", "/api/resume", {"stop": old})
    with socket.create_connection(("127.0.0.1", first.port), first.client.seconds) as resume:
        resume.sendall(late[:-3])
        assert first.client.post("/api/stop", {}).status == 200
        resume.sendall(late[-3:])
        void = parse_answer(read_to_end(resume))
    assert void.status == 409 and void.json["code"] == "stopped_again", void
    assert void.json["taps"] == ["main"]
    first.kill()

    client = party.server(good).client
    newer = client.wait_for_tap(lambda tap: tap["online"] and tap["stopped"])["stop_id"]
    assert newer > old
    assert client.post("/api/resume", {"stop": old}).status == 409
    refused(client.dispense(2), "stopped")
    unnamed = client.post("/api/resume", {})
    assert unnamed.status == 400 and "stop_id" in unnamed.json["reason"]
    assert client.post("/api/resume", {"stop": newer}).status == 200
    assert client.post("/api/resume", {}).status == 200, "nothing is stopped any more"
    client.wait_until_ready()
    assert client.dispense(2).status == 200
