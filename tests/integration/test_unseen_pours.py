"""Pours of a device of the seed's contract that nobody saw whole: the server was away, the network
was, or the device has words of its own. What it accepted and had the time for counts as poured;
what a restart or a lifted glass cut short does not (docs/safety.md, "What a device of the seed's
contract proves"). Real processes, a real file, and a device that is played.
"""

import signal

import device


def order_from(party, **more):
    """2 ml that a device has accepted: (device, server)."""
    amount_ml = more.pop("amount_ml", 2)
    made = party.device(**more)
    server = party.server(made)
    server.client.wait_until_ready()
    answer = server.client.dispense(amount_ml, key="wish-1")
    assert answer.status == 200, answer
    return made, server


def causes(receipt):
    return [step["code"] for step in receipt["history"]]


def dispensing(made, connection):
    device.answer(connection, 200, {"state": "dispensing" if made.pouring else "idle",
                                    "glass_present": True, "uptime": made.uptime})


def accept_and_fall_silent(made, connection, order):
    made.answer_status = device.raw(b"")
    device.accept(made, connection, order)


def test_what_was_accepted_is_done_though_the_server_was_killed_meanwhile(party):
    made, server = order_from(party)
    server.kill()
    while made.pouring:
        made.closed.wait(0.1)
    receipt = party.server(made).client.wait_until_final("wish-1")
    assert receipt["state"] == "done" and receipt["measured_by"] == "command", receipt
    assert causes(receipt)[-2:] == ["server_restarted", "idle_again"]
    assert [order.request_id for order in made.orders] == ["wish-1"]


def test_what_was_accepted_is_done_though_the_server_was_restarted_in_good_order(party):
    made, server = order_from(party)
    server.stop(seconds=30, by=signal.SIGTERM)
    receipt = party.server(made).client.wait_until_final("wish-1")
    assert receipt["state"] == "done" and receipt["measured_by"] == "command", receipt


def test_what_was_accepted_is_done_though_the_device_was_out_of_touch_meanwhile(party):
    made, server = order_from(party, order=accept_and_fall_silent)
    server.client.wait_for_tap(lambda tap: not tap["online"])
    made.answer_status = device.tell_truth
    receipt = server.client.wait_until_final("wish-1")
    assert receipt["state"] == "done", receipt


def test_a_device_with_a_word_of_its_own_for_pouring_is_a_device(party):
    made, server = order_from(party, flow_ml_s=1.0, status=dispensing)
    tap = server.client.wait_for_tap(lambda tap: tap["state"] == "other")
    assert tap["online"]
    receipt = server.client.wait_until_final("wish-1")
    assert receipt["state"] == "done", receipt
    assert causes(receipt) == ["checks_passed", "device_accepted", "idle_again"]


def test_a_device_too_young_to_go_back_was_restarted_while_the_server_was_away(party):
    made, server = order_from(party, flow_ml_s=0.1, uptime=1)
    server.kill()
    made.reboot()
    while made.uptime < 3:  # no younger than it was when it took the order
        made.closed.wait(0.1)
    receipt = party.server(made).client.wait_until_final("wish-1")
    assert receipt["state"] == "unknown", receipt
    assert causes(receipt)[-2:] == ["server_restarted", "rebooted"]


def test_an_end_sooner_than_a_pump_can_pour_is_no_success(party):
    made, server = order_from(party, amount_ml=60, flow_ml_s=80.0)
    receipt = server.client.wait_until_final("wish-1")
    assert receipt["state"] == "unknown", receipt
    assert causes(receipt)[-2:] == ["ended_too_soon", "ended_too_soon"]
    assert (receipt["ml_min"], receipt["ml_max"]) == (0, 73)
    assert "again" not in receipt["reason"] and "probably" not in receipt["reason"]
