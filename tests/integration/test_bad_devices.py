"""Devices, most of the seed's contract, that go wrong in every way real ones do. For each: the
answer the guest gets, the one order the device got, and the rows the log keeps (docs/safety.md,
"How an unclear pour is settled"). That no order comes twice, and none before its row, conftest.py
checks every time.
"""

import device
import pytest

HI_OF_2_ML = 6.3  # 2 ml + 15 % + 4 ml of coast: the most an order of 2 ml can deliver


def order_from(party, order, **more):
    """One wish for 2 ml at a device that answers orders so: (device, server, answer)."""
    bad = party.device(order, **more)
    server = party.server(bad)
    server.client.wait_until_ready()
    return bad, server, server.client.dispense(2, key="wish-1")


def rows(server, request_id="wish-1"):
    return [(row["status"], row["outcome"]) for row in server.client.rows_of(request_id)]


def causes(receipt):
    return [step["code"] for step in receipt["history"]]


def test_a_device_that_behaves_pours_once(party):
    good, server, answer = order_from(party, device.accept)
    assert answer.status == 200 and answer.json["success"] and answer.json["request_id"] == "wish-1"
    receipt = server.client.wait_until_final("wish-1")
    assert receipt["state"] == "done" and receipt["measured_by"] == "command"
    assert receipt["ml_min"] <= 2 <= receipt["ml_max"]
    assert rows(server) == [("started", "sending"), ("success", "done")]
    assert good.poured == ["wish-1"]


@pytest.mark.parametrize("order, cause", [
    (device.hang, "answer_timed_out"),
    (device.drop, "connection_lost"),
    (device.say(200, b"%$\x00\xff garbage"), "not_the_contract"),
    (device.router_page, "not_the_contract"),
    (device.say(302, b"", "text/html"), "not_the_contract"),
    (device.say(500, {"error": "oops"}), "device_error"),
], ids=["hangs", "drops", "garbage", "router-page", "redirect", "5xx"])
def test_an_answer_that_is_neither_yes_nor_no_is_unclear_and_stays_so(party, order, cause):
    bad, server, answer = order_from(party, order)
    assert answer.status == 504 and answer.json["code"] == "no_answer", answer
    assert server.client.dispense(2).json["code"] == "unclear_pour", "the pump takes no other order"
    receipt = server.client.wait_until_final("wish-1")
    assert receipt["state"] == "unknown" and causes(receipt)[-2:] == [cause, "idle_throughout"]
    assert (receipt["ml_min"], receipt["ml_max"]) == (0, HI_OF_2_ML)
    assert rows(server) == [("started", "sending"), ("failed", "unknown")]
    assert len(bad.orders) == 1


@pytest.mark.parametrize("order, cause", [
    (device.pour_and(device.drop), "connection_lost"),
    (device.pour_and(device.hang), "answer_timed_out"),
    (device.pour_and(device.say(200, b"\x7fELF garbage")), "not_the_contract"),
    (device.pour_and(device.router_page), "not_the_contract"),
    (device.pour_and(device.say(503, b"")), "device_error"),
    (device.accept_naming("another-wish"), "wrong_request_id"),
    (device.trickle, "answer_timed_out"),
    (device.close_half_way, "connection_lost"),
], ids=["drops", "hangs", "garbage", "router-page", "5xx", "wrong-id", "trickles", "half-answer"])
def test_a_pour_whose_answer_was_lost_is_settled_by_seeing_it_pour(party, order, cause):
    # For 8 s, so that it is seen pouring after the 2 s in which no answer came.
    bad, server, answer = order_from(party, order, flow_ml_s=0.25)
    assert answer.status == 504, answer
    receipt = server.client.wait_until_final("wish-1")
    assert receipt["state"] == "done" and receipt["measured_by"] == "observed"
    assert causes(receipt)[-2:] == [cause, "seen_pouring"]
    assert rows(server) == [("started", "sending"), ("success", "done")]
    assert bad.poured == ["wish-1"] and len(bad.orders) == 1


@pytest.mark.parametrize("status", [400, 409])
def test_a_refusal_is_a_refusal(party, status):
    bad, server, answer = order_from(party, device.say(status, {"error": "no glass"}))
    assert answer.status == 502 and answer.json["code"] == "device_refused", answer
    receipt = server.client.receipt("wish-1")
    assert receipt["state"] == "rejected" and (receipt["ml_min"], receipt["ml_max"]) == (0, 0)
    assert rows(server) == [("started", "sending"), ("failed", "rejected")]
    assert len(bad.orders) == 1
    server.client.wait_until_ready()


def test_a_reboot_in_mid_pour_leaves_an_interval(party):
    bad, server, answer = order_from(party, device.accept, flow_ml_s=0.1)
    assert answer.status == 200
    server.client.wait_for_tap(lambda tap: tap["state"] == "pouring")
    bad.reboot()
    receipt = server.client.wait_until_final("wish-1")
    assert receipt["state"] == "unknown" and causes(receipt)[-2:] == ["device_rebooted", "rebooted"]
    assert (receipt["ml_min"], receipt["ml_max"]) == (0, HI_OF_2_ML)
    assert rows(server) == [("started", "sending"), ("failed", "unknown")]


def test_a_reboot_on_receiving_the_order_leaves_an_interval(party):
    bad, server, answer = order_from(party, device.reboot_and_drop)
    assert answer.status == 504
    receipt = server.client.wait_until_final("wish-1")
    assert receipt["state"] == "unknown" and causes(receipt)[-1] == "rebooted"
    assert len(bad.orders) == 1


def test_a_device_that_is_gone_for_good_is_given_up_and_its_tap_freed(party):
    bad, server, answer = order_from(party, device.accept, flow_ml_s=0.1)
    assert answer.status == 200
    bad.close()
    receipt = server.client.wait_until_final("wish-1")
    assert receipt["state"] == "unknown" and causes(receipt)[-1] == "unreachable"
    assert rows(server) == [("started", "sending"), ("failed", "unknown")]


@pytest.mark.parametrize("status", [device.router_page, device.say(200, b"garbage"),
                                    device.say(200, {"state": "idle"}), device.say(500, b"")],
                         ids=["router-page", "garbage", "half-a-status", "5xx"])
def test_what_does_not_answer_as_a_dispenser_is_sent_no_order(party, status):
    bad = party.device(status=status)
    server = party.server(bad)
    server.client.wait_for_tap(lambda tap: tap["state"] == "error")
    answer = server.client.dispense(2, key="wish-1")
    assert answer.status == 503 and answer.json["code"] == "offline", answer
    assert rows(server) == [("failed", "refused")]
    assert bad.orders == []


IDLE = b'{"state":"idle","glass_present":true,"uptime":7}'


@pytest.mark.parametrize("status, kind, said", [
    (device.say(200, b"<html><title>Hotel: log in</title></html>", "text/html"), "not_a_dispenser",
     'answers 200, text/html, but no status (the message is not valid JSON at byte 0): '
     '"Hotel: log in"'),
    (device.raw(b"\x15\x03\x01\x00\x02\x02\x46"), "not_a_dispenser",
     "answers in TLS, as an https address does, and not in HTTP"),
    (device.say(404, b"<h1>404</h1>", "text/html"), "not_a_dispenser",
     'answers 404, text/html: "<h1>404</h1>"'),
    (device.raw(b"HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\n\r\n"),
     "not_a_dispenser", 'answers 302, which leads to "http://portal.test/", with nothing in it'),
    (device.say(500, {"error": "oops"}), "device_error",
     'answers 500, application/json: "{"error": "oops"}"'),
    (device.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 48\r\n\r\n", IDLE[:20]), "broke_off",
     'breaks its answer 200 off (it closed the connection) after 20 of 48 bytes: '
     '"{"state":"idle","gla"'),
    (device.raw(b""), "broke_off",
     "takes the connection and says nothing: it closed the connection"),
], ids=["log-in", "tls", "404", "redirect", "500", "half-a-body", "nothing"])
def test_why_tells_what_a_machine_said_that_answers_badly(party, status, kind, said):
    client = party.server(party.device(status=status)).client

    def lock():
        locks = client.get("/api/why").json["interlocks"]
        return next(lock for lock in locks if lock["name"] == "device_online")

    with client.live() as stream:
        stream.wait_for(lambda _: "not asked yet" not in lock()["value"])
    assert lock()["kind"] == kind and f"({said}) at http://127.0.0.1:" in lock()["value"]
    assert "power" not in lock()["action"]


@pytest.mark.parametrize("head, body, tail", [
    (b"HTTP/1.1 200 OK\nContent-Length: 48\n\n", IDLE, b""),
    (b"HTTP/1.1 200\r\nContent-Length: 48\r\n\r\n", IDLE, b""),
    (b"HTTP/1.1 200 OK\r\n\r\n", IDLE, b""),
    (b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 48\r\n\r\n", IDLE, b""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n  30  \r\n", IDLE,
     b"\r\n0 \r\n\r\n"),
], ids=["lf", "no-reason", "no-length", "interim", "blanks-in-chunks"])
def test_a_machine_whose_http_is_sloppy_is_a_machine(party, head, body, tail):
    client = party.server(party.device(status=device.raw(head, body, tail))).client
    client.wait_until_ready()


def test_nothing_is_sent_without_a_glass(party):
    bad = party.device(glass=False)
    server = party.server(bad)
    server.client.wait_for_tap(lambda tap: tap["online"] and not tap["ready"])
    answer = server.client.dispense(2, key="wish-1")
    assert answer.status == 409 and answer.json["code"] == "no_glass"
    bad.glass = True
    server.client.wait_until_ready()
    assert server.client.dispense(2, key="wish-1").status == 409, "the same key has the same answer"
    assert server.client.dispense(2, key="wish-2").status == 200
    assert [order.request_id for order in bad.orders] == ["wish-2"]


def test_a_glass_that_left_since_the_last_status_is_noticed(party):
    bad = party.device()
    server = party.server(bad)
    server.client.wait_until_ready()
    bad.glass = False
    answer = server.client.dispense(2)
    assert answer.status == 409 and answer.json["code"] == "no_glass"
    assert bad.orders == []


def test_the_pump_is_asked_for_one_pour_at_a_time(party):
    bad, server, answer = order_from(party, device.accept, flow_ml_s=0.5)
    second = server.client.dispense(2, user_token="bob", key="wish-2")
    assert second.status == 409 and second.json["code"] == "busy"
    assert server.client.wait_until_final("wish-1")["state"] == "done"
    assert rows(server, "wish-2") == [("failed", "refused")]
    assert [order.request_id for order in bad.orders] == ["wish-1"]


def test_status_does_not_wait_for_a_device_that_hangs(party):
    # Both time-outs are far beyond the client's own: an answer at all proves that nothing waited.
    hanging = party.device(status=device.hang)
    server = party.server(hanging, "--status-timeout", "60", "--dispense-timeout", "60")
    server.client.seconds = 10
    for path in ("/api/status", "/api/logs", "/api/why", "/healthz", "/metrics"):
        assert server.client.get(path).status == 200
    assert server.client.status()["esp_online"] is False


def test_a_hanging_device_does_not_hold_up_its_neighbour(party):
    hanging, good = party.device(device.hang), party.device()
    server = party.server({"bad": hanging, "good": good}, "--dispense-timeout", "60")
    server.client.wait_until_ready("bad")
    server.client.wait_until_ready("good")
    with server.client.live() as stream:
        waiting = server.client.send("POST", "/api/dispense",
                                     {"amount_ml": 2, "user_token": "ann", "tap": "bad"})
        stream.wait_for(lambda e: e.name == "log" and e.data["row"]["tap"] == "bad")
        answer = server.client.dispense(2, tap="good", key="wish-2")
        assert answer.status == 200
        waiting.close()
    assert server.client.wait_until_final("wish-2")["state"] == "done"


def lies(**claims):
    """A machine of version 2 that tells of each pour what `claims` has in place of the truth."""
    def tell(machine, connection):
        with machine._changed:  # pylint: disable=protected-access
            poured = list(machine.poured)
        if machine.statuses and b"after=" in machine.statuses[-1][1]:
            machine.closed.wait(0.05)  # as if it held the answer back until something changes
        recent = [{"request_id": one, "requested_ml": 30, "outcome": "finished",
                   "stop_reason": "target_reached", "measured_by": "meter", "delivered_ml": 29.8,
                   "uncertainty_ml": 0.4, "ml_min": 29.4, "ml_max": 30.2, **claims}
                  for one in poured]
        device.answer(connection, 200, {
            "state": "idle", "glass_present": True, "uptime": machine.uptime, "protocol": 2,
            "boot_id": "9f86d081884c7d65", "uptime_ms": machine.uptime * 1000, "tap": "",
            "version": 41 + len(poured), "faults": [], "flow_ml_s": 24.5, "pour_time_max_ms": 3750,
            "journal_whole": True, "pours_total": 118 + len(poured), "pour": None,
            "recent": recent})
    return tell


@pytest.mark.parametrize("claims, said", [
    ({"delivered_ml": 1e6, "ml_min": 1e6, "ml_max": 1e6}, "that 1000000 "),
    ({"delivered_ml": 45, "ml_max": 45}, "that 45 "),
    ({"delivered_ml": 31}, "that 31 "),
    ({"uncertainty_ml": 500}, " 500 ml flowed"),
    ({"requested_ml": 60}, "that 60 ml were ordered"),
    ({"purpose": "clean"}, "that it was a run of another kind (clean)"),
    ({"outcome": "stopped"}, "it was stopped for a reason that does not go with that ("),
], ids=["a-million", "more-than-can-be", "outside-its-bounds", "uncertainty", "another-amount",
        "another-purpose", "against-itself"])
def test_what_a_machine_claims_is_held_against_the_order(party, claims, said):
    machine = party.device(device.accept, status=lies(**claims))
    server = party.server(machine)
    client = server.client
    client.wait_until_ready()
    client.dispense(30, key="wish-1")
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] == "unknown" and causes(receipt)[-1] == "impossible_record", receipt
    assert (receipt["ml_min"], receipt["ml_max"]) == (0, 38.5)
    assert rows(server) == [("started", "sending"), ("failed", "unknown")]
    assert said in client.rows_of("wish-1")[-1]["reason"]
    assert client.dispense(30).json["success"], "and the tap goes on"


def test_an_honest_record_is_believed(party):
    client = party.server(party.device(device.accept, status=lies())).client
    client.wait_until_ready()
    client.dispense(30, key="wish-1")
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] == "done" and receipt["delivered_ml"] == 29.8, receipt
