"""The connection over which a device of the seed's contract is asked for its status may be kept
from one to the next. What a device makes of that differs, and none may be worse off for it: it
stays online, its orders come alone, and whoever else asks it for something is heard.
"""

import urllib.request

import device
import pytest

NO_WORD_OF_CLOSING = device.tell_truth_and(fields="")


def asked_to_close(_, head):
    return b"connection: close" in head.lower()


def pours(server, key="wish-1"):
    answer = server.client.dispense(2, key=key)
    assert answer.status == 200, answer
    return server.client.wait_until_final(key)["state"] == "done"


def wait_for_statuses(made, count):
    """From now on."""
    end = len(made.statuses) + count
    made.wait_for_status(lambda *_: len(made.statuses) >= end)


def test_a_device_that_bears_it_is_asked_over_one_connection_and_ordered_from_over_another(party):
    beside_an_order = []
    made = party.device(status=NO_WORD_OF_CLOSING, stays=True, flow_ml_s=10)
    server = party.server(made)
    server.client.wait_until_ready()
    wait_for_statuses(made, 6)
    assert len({connection for connection, _ in made.statuses[-3:]}) == 1
    note_start = made.on_first_order_byte

    def note_the_others():
        note_start()
        beside_an_order.append(len(made._open) - 1)

    made.on_first_order_byte = note_the_others
    assert pours(server)
    assert made.poured == ["wish-1"] and len(made.orders) == 1
    assert beside_an_order == [0]


def test_a_device_that_serves_one_at_a_time_serves_others_too(party):
    made = party.device(status=NO_WORD_OF_CLOSING, stays=True, one_at_a_time=True)
    server = party.server(made)
    server.client.wait_until_ready()
    # It is found out, once, when a second connection gets no answer.
    made.wait_for_status(lambda connection, head: not asked_to_close(connection, head))
    wait_for_statuses(made, 2)
    assert asked_to_close(*made.statuses[-1])
    with urllib.request.urlopen(made.url + "/status", timeout=20) as its_own_page:
        assert its_own_page.status == 200
    assert pours(server)
    assert server.client.tap()["online"]


@pytest.mark.parametrize("status, stays", [
    (NO_WORD_OF_CLOSING, False),
    (device.tell_truth, True),
    (device.tell_truth_and(version="1.0", fields=""), False),
    (device.tell_truth_and(version="1.0", fields="Connection: keep-alive\r\n"), False),
], ids=["closes-without-a-word", "says-close-and-stays", "http-1.0", "promises-and-closes"])
def test_a_device_that_bears_none_stays_online_and_pours(party, status, stays):
    made = party.device(status=status, stays=stays)
    server = party.server(made)
    server.client.wait_until_ready()
    wait_for_statuses(made, 6)
    assert server.client.tap()["online"]
    assert pours(server)
    assert made.poured == ["wish-1"] and len(made.orders) == 1
